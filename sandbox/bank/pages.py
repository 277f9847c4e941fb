"""One page: send money to an account as a buyer would, take it back, and download the account's statement."""

import re
from datetime import UTC, date, datetime

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from sandbox.bank.files import TYPES, statement
from sandbox.bank.store import Account, Store, places_of

views = Blueprint("bank", __name__, template_folder="templates", static_folder="static")
views.static_url_path = "/static"
_PAGE = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"


@views.get("/")
def account_page() -> ResponseReturnValue:
    """The accounts, the form to send money, and what has moved; ?account= shows one account's."""
    store, chosen = _store(), request.args.get("account", "")
    return render_template(
        "bank/bank.html",
        accounts=list(store.accounts.values()),
        chosen=chosen,
        movements=store.movements(chosen)[::-1],
        kinds=list(TYPES),
        today=_today(),
    )


@views.post("/transfers")
def send() -> ResponseReturnValue:
    """A buyer sends `amount` to `account` with `text`. Several references in a text make a joint payment."""
    account = _account(request.form.get("account", ""))
    amount, currency = request.form.get("amount", ""), request.form.get("currency") or account.currency
    places = places_of(currency)
    found = re.fullmatch(r"([0-9]{1,12})(?:[.,]([0-9]{0,3}))?", amount.strip())
    if not found or len(found[2] or "") > places or not re.fullmatch("[A-Z]{3}", currency):
        abort(400)
    minor = int(found[1] + (found[2] or "").ljust(places, "0"))
    day = date.fromisoformat(request.form.get("day") or _today().isoformat())
    payer = request.form.get("payer") or "Sample Buyer"
    _store().add(account, day, minor, currency, payer, request.form.get("text", ""))
    return redirect(url_for("bank.account_page", account=account.number), 303)


@views.post("/movements/<int:number>/reverse")
def reverse(number: int) -> ResponseReturnValue:
    """The bank takes a movement back."""
    store = _store()
    found = next((each for each in store.movements() if each.id == number), None)
    if found is None:
        abort(404)
    account = _account(found.account)
    store.add(account, _today(), -found.minor, found.currency, found.payer, found.text, reverses=number)
    return redirect(url_for("bank.account_page", account=account.number), 303)


@views.get("/statements/<account>.<kind>")
def download(account: str, kind: str) -> ResponseReturnValue:
    """Everything that has moved on the account, as camt053, camt054, mt940 or csv."""
    if kind not in TYPES:
        abort(404)
    own = _account(account)
    media_type, ending = TYPES[kind]
    response = Response(statement(kind, own, _store().movements(account), _today()), mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=f"statement-{kind}.{ending}")
    return response


@views.get("/movements.json")
def movements_json() -> ResponseReturnValue:
    """All movements, the oldest first; ?account= gives one account's."""
    return jsonify(
        [
            each.__dict__ | {"day": each.day.isoformat()}
            for each in _store().movements(request.args.get("account", ""))
        ]
    )


@views.after_request
def secure(response: Response) -> Response:
    """No script, nothing from elsewhere."""
    response.headers.setdefault("Content-Security-Policy", _PAGE)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _store() -> Store:
    store: Store = current_app.extensions["bank"]
    return store


def _account(number: str) -> Account:
    return _store().accounts.get(number) or abort(404)


def _today() -> date:
    return datetime.now(UTC).date()
