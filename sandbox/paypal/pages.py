"""The pages for people: where a payer approves, and a front page that lists what happened."""

import json
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.paypal.gateway import gateway
from sandbox.paypal.orders import approve, find_order, show_order
from sandbox.paypal.partners import agree, find_referral
from sandbox.paypal.problems import Problem
from sandbox.paypal.scenarios import SCENARIOS
from sandbox.paypal.store import Json

views = Blueprint("paypal_pages", __name__, template_folder="templates", static_folder="static")
views.static_url_path = "/static"

# What a seller can do about a platform's request: words, and what their account is like then.
AGREEMENTS: dict[str, tuple[str, Json]] = {
    "agree": ("Agree: the account can be paid", {"email_confirmed": True, "receivable": True}),
    "unconfirmed": ("Agree, with an e-mail address that is not confirmed", {"email_confirmed": False}),
    "not_receivable": ("Agree, with an account that cannot receive payments", {"receivable": False}),
    "refuse": ("Go back without agreeing", {}),
}


@views.get("/")
def front() -> ResponseReturnValue:
    with gateway().store.transaction() as db:
        rows = db.execute(
            "SELECT id FROM orders WHERE NOT forgotten ORDER BY rowid DESC LIMIT 100"
        ).fetchall()
        orders = [show_order(db, row["id"]) for row in rows]
    return render_template("paypal/front.html", orders=orders)


@views.get("/checkoutnow")
def payment_page() -> ResponseReturnValue:
    """Where the payer-action link leads."""
    return _page(request.args.get("token", ""))


@views.post("/checkoutnow")
def pay() -> ResponseReturnValue:
    """The payer has chosen what should happen: off to the seller's return or cancel address."""
    order_id, choice = request.form.get("token", ""), request.form.get("scenario", "")
    if choice not in SCENARIOS:
        return _page(order_id, 400)
    try:
        with gateway().store.transaction() as db:
            context = json.loads(find_order(db, order_id)["context"])
            order = show_order(db, order_id)
            if choice != "cancel":
                order = approve(db, gateway(), order_id, choice)
    except Problem:
        return _page(order_id)
    gateway().bell.set()
    if choice == "cancel":
        address = _with_query(context.get("cancel_url"), token=order_id)
    else:
        payer = order.get("payer", {}).get("payer_id", "")
        address = _with_query(context.get("return_url"), token=order_id, PayerID=payer)
    return redirect(address, 303) if address else _page(order_id)


@views.get("/bizsignup/partner/entry")
def agree_page() -> ResponseReturnValue:
    """Where the action_url of a referral leads."""
    return _agree_page(request.args.get("referralToken", ""))


@views.post("/bizsignup/partner/entry")
def agree_or_not() -> ResponseReturnValue:
    """The seller has chosen: back to the platform, whose address says little about it."""
    referral_id, choice = request.form.get("referralToken", ""), request.form.get("choice", "")
    if choice not in AGREEMENTS:
        return _agree_page(referral_id, 400)
    try:
        with gateway().store.transaction() as db:
            referral = find_referral(db, referral_id)
            seller = {"email": request.form.get("email", "").strip(), **AGREEMENTS[choice][1]}
            found = None if choice == "refuse" else agree(db, gateway(), referral_id, seller)
    except Problem:
        return _agree_page(referral_id)
    gateway().bell.set()
    told = {"merchantId": referral["tracking_id"], "permissionsGranted": str(found is not None).lower()}
    address = _with_query(referral["return_url"], **told, **({"merchantIdInPayPal": found} if found else {}))
    return redirect(address, 303) if address else _agree_page(referral_id)


def _agree_page(referral_id: str, status: int = 200) -> Response:
    try:
        with gateway().store.transaction() as db:
            referral = find_referral(db, referral_id)
            platform = db.execute(
                "SELECT name FROM merchant WHERE id = ?", (referral["platform_id"],)
            ).fetchone()
    except Problem:
        return make_response(render_template("paypal/unknown.html"), 404)
    page = render_template(
        "paypal/agree.html",
        referral=referral,
        platform=platform["name"],
        features=[each.lower().replace("_", " ") for each in json.loads(referral["features"])],
        choices=AGREEMENTS,
    )
    return _with_form(make_response(page, status), [referral["return_url"]])


@views.after_request
def secure(response: Response) -> Response:
    """Nothing from elsewhere, no script. A page with a form may send it on to the seller's addresses."""
    response.headers.setdefault(
        "Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _page(order_id: str, status: int = 200) -> Response:
    try:
        with gateway().store.transaction() as db:
            row = find_order(db, order_id)
            order = show_order(db, order_id)
            unit = order["purchase_units"][0]
            payee = db.execute(
                "SELECT name FROM merchant WHERE id = ?", (unit["payee"].get("merchant_id"),)
            ).fetchone()
    except Problem:
        return make_response(render_template("paypal/unknown.html"), 404)
    context: Json = json.loads(row["context"])
    page = render_template(
        "paypal/pay.html",
        order=order,
        unit=unit,
        payee=payee["name"] if payee else unit["payee"]["email_address"],
        scenarios=SCENARIOS.values(),
        chosen=row["scenario"],
        waiting=order["status"] in ("CREATED", "PAYER_ACTION_REQUIRED"),
        return_url=_with_query(context.get("return_url"), token=order_id),
    )
    back = [context[name] for name in ("return_url", "cancel_url") if name in context]
    return _with_form(make_response(page, status), back)


def _with_form(response: Response, addresses: list[str]) -> Response:
    # Browsers hold the redirect that answers a form to form-action, too.
    targets = {_origin(address) for address in addresses if address}
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action 'self' {' '.join(sorted(targets))}"
    )
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _with_query(url: str | None, **more: str) -> str | None:
    if not url:
        return None
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *more.items()])))
