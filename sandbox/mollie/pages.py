"""The pages for people: where a payer pays, and a list of what happened."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.mollie import payments
from sandbox.mollie.gateway import gateway
from sandbox.mollie.organisations import find_organisation
from sandbox.mollie.problems import Problem
from sandbox.mollie.scenarios import SCENARIOS
from sandbox.stripe.store import load

views = Blueprint("mollie_pages", __name__, template_folder="templates", static_folder="../stripe/static")
views.static_url_path = "/static"


@views.get("/")
def front() -> ResponseReturnValue:
    with gateway().store.transaction() as db:
        rows = db.execute(
            "SELECT * FROM payment WHERE NOT forgotten ORDER BY rowid DESC LIMIT 100"
        ).fetchall()
        listed = [load(row) | {"seller": find_organisation(db, row["organisation_id"])} for row in rows]
    return render_template("mollie/front.html", listed=listed)


@views.get("/checkout/<payment_id>")
def payment_page(payment_id: str) -> ResponseReturnValue:
    """Where a payment's address leads."""
    return _page(payment_id)


@views.post("/checkout/<payment_id>")
def pay(payment_id: str) -> ResponseReturnValue:
    """The payer has pressed a button: back to the seller, who hears the rest from us."""
    choice = request.form.get("scenario", "")
    if choice not in SCENARIOS:
        return _page(payment_id, 400)
    try:
        with gateway().store.transaction() as db:
            payment = payments.pay(db, gateway(), payment_id, choice)
    except Problem:
        return _page(payment_id)
    gateway().bell.set()
    went_back = payment["status"] == "canceled" and payment["cancelUrl"]
    return redirect(payment["cancelUrl"] if went_back else payment["redirectUrl"], 303)


@views.after_request
def secure(response: Response) -> Response:
    """Nothing from elsewhere, no script. A page with a form may send it on to the seller's addresses."""
    response.headers.setdefault(
        "Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _page(payment_id: str, status: int = 200) -> Response:
    try:
        with gateway().store.transaction() as db:
            row = payments.find_payment(db, payment_id)
            payment, seller = load(row), find_organisation(db, row["organisation_id"])
    except Problem:
        return make_response(render_template("mollie/unknown.html"), 404)
    page = make_response(
        render_template(
            "mollie/pay.html",
            payment=payment,
            seller=seller,
            scenarios=SCENARIOS.values(),
            chosen=row["scenario"],
        ),
        status,
    )
    # Browsers hold the redirect that answers a form to form-action, too.
    urls = [urlsplit(payment[name]) for name in ("redirectUrl", "cancelUrl") if payment[name]]
    targets = sorted({f"{url.scheme}://{url.netloc}" for url in urls})
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action 'self' {' '.join(targets)}"
    )
    return page
