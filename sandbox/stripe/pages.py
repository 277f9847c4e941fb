"""The pages for people: where a payer pays by card, where a seller is led in, and a list of what happened."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.stripe import sessions
from sandbox.stripe.accounts import account_of_session, change_account, find_account
from sandbox.stripe.gateway import gateway
from sandbox.stripe.objects import find, of_session
from sandbox.stripe.problems import Problem
from sandbox.stripe.scenarios import SCENARIOS
from sandbox.stripe.store import Json, load, now

views = Blueprint("stripe_pages", __name__, template_folder="templates", static_folder="static")
views.static_url_path = "/static"


@views.get("/")
def front() -> ResponseReturnValue:
    with gateway().store.transaction() as db:
        rows = db.execute(
            "SELECT * FROM object WHERE kind = 'checkout.session' AND NOT forgotten ORDER BY rowid DESC LIMIT 100"
        ).fetchall()
        listed = [
            {
                "session": load(row),
                "account": row["account_id"],
                "intents": of_session(db, row["id"], "payment_intent"),
            }
            for row in rows
        ]
    return render_template("stripe/front.html", listed=listed)


@views.get("/c/pay/<session_id>")
def payment_page(session_id: str) -> ResponseReturnValue:
    """Where a session's address leads."""
    return _page(session_id)


@views.post("/c/pay/<session_id>")
def pay(session_id: str) -> ResponseReturnValue:
    """The payer has pressed a button: off to the bank, or to the seller, or another card."""
    choice = request.form.get("scenario", "")
    if choice not in SCENARIOS:
        return _page(session_id, status=400)
    return _pay(session_id, choice)


@views.get("/c/pay/<session_id>/authenticate")
def authentication_page(session_id: str) -> ResponseReturnValue:
    """What the payer's bank asks (3-D Secure)."""
    return _page(session_id, template="stripe/authenticate.html")


@views.post("/c/pay/<session_id>/authenticate")
def authenticate(session_id: str) -> ResponseReturnValue:
    """The payer has shown the bank that it is them, or could not."""
    if request.form.get("outcome") == "complete":
        return _pay(session_id, None, authenticated=True)
    try:
        with gateway().store.transaction() as db:
            sessions.refuse_authentication(db, gateway(), session_id)
    except Problem:
        return _page(session_id)
    gateway().bell.set()
    return _page(session_id, declined=True)


@views.get("/setup/<account_id>/<token>")
def setup_page(account_id: str, token: str) -> ResponseReturnValue:
    """Where a platform's link leads a seller."""
    account = _invited(account_id, token)
    if account is None:
        return make_response(render_template("stripe/unknown.html"), 404)
    page = make_response(render_template("stripe/setup.html", account_id=account_id, token=token))
    return _allow(page, [account["return_url"]])


@views.post("/setup/<account_id>/<token>")
def set_up(account_id: str, token: str) -> ResponseReturnValue:
    """The seller has told Stripe everything: cards can be charged."""
    account = _invited(account_id, token)
    if account is None:
        return make_response(render_template("stripe/unknown.html"), 404)
    with gateway().store.transaction() as db:
        change_account(db, account_id, charges_enabled=True, link=None)
    return redirect(account["return_url"], 303)


@views.after_request
def secure(response: Response) -> Response:
    """Nothing from elsewhere, no script. A page with a form may send it on to the seller's addresses."""
    response.headers.setdefault(
        "Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _pay(session_id: str, choice: str | None, *, authenticated: bool = False) -> ResponseReturnValue:
    try:
        with gateway().store.transaction() as db:
            session = load(find(db, "checkout.session", session_id))
            done = sessions.pay(db, gateway(), session_id, choice, authenticated=authenticated)
    except Problem:
        return _page(session_id)
    gateway().bell.set()
    if done == "authenticate":
        return redirect(f"/c/pay/{session_id}/authenticate", 303)
    if done == "declined":
        return _page(session_id, declined=True)
    if choice == "cancel" and session["cancel_url"]:
        return redirect(session["cancel_url"], 303)
    return redirect(_success_url(session), 303) if done == "paid" else _page(session_id)


def _page(
    session_id: str, *, status: int = 200, declined: bool = False, template: str = "stripe/pay.html"
) -> Response:
    try:
        with gateway().store.transaction() as db:
            session = load(find(db, "checkout.session", session_id))
            account = account_of_session(db, session_id)
            chosen = sessions.scenario_of(db, session_id).code
    except Problem:
        return make_response(render_template("stripe/unknown.html"), 404)
    page = render_template(
        template,
        session=session,
        account=account,
        scenarios=[scenario for scenario in SCENARIOS.values() if scenario.number],
        chosen=chosen,
        declined=declined,
        return_url=_success_url(session),
    )
    return _allow(make_response(page, status), [session["success_url"], session["cancel_url"]])


def _allow(response: Response, urls: list[str | None]) -> Response:
    # Browsers hold the redirect that answers a form to form-action, too.
    targets = {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in urls if url}
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action 'self' {' '.join(sorted(targets))}"
    )
    return response


def _success_url(session: Json) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _invited(account_id: str, token: str) -> Json | None:
    try:
        with gateway().store.transaction() as db:
            account = load(find_account(db, account_id))
            good = account.get("link") == token and account["link_until"] > now(db)
            return account if good else None
    except Problem:
        return None
