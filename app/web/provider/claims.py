"""Buyers who say that they have paid: the provider owes each an answer, because nobody else can see the account."""

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.orders.details import plain_line
from app.domain.orders.own_orders import own_order
from app.domain.payments.bank.instructions import instructions_of
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.claims.answer_claim import NotAsked, answer_claim
from app.domain.payments.claims.queries import NOT_RECEIVED, RECEIVED, open_claims
from app.domain.payments.proofs import proofs_of
from app.domain.payments.refund_models import ProofKind
from app.domain.payments.statements.book import NotWaiting, confirm_received
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.logs import about_order
from app.money import Money
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.provider.statements import own_bank_accounts
from app.web.support.gate import needs, visitor

_LONGEST_NOTE = 500


@blueprint.get("/claims")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def claims() -> str:
    """What waits for an answer, the most urgent first, each with its form."""
    return _page()


@blueprint.post("/claims/<number>")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def answer(number: str) -> Response | tuple[str, int]:
    """`act`: received (with `amount`, `received_on`, `seen` as for a transfer confirmed by hand) or not-received (`note`)."""
    session, person = database(), visitor().person.id
    order = own_order(session, acting_provider().id, number)
    transfer = transfer_of(session, order.id) if order is not None else None
    if order is None or transfer is None:
        abort(404)
    about_order(order.number)
    note = plain_line(request.form.get("note", ""))[:_LONGEST_NOTE]
    came = _came(order.currency)
    act = request.form.get("act")
    if act == "received" and came is None:
        return _page(
            {
                f"amount-{number}": _(
                    "Enter the amount that came, such as 25.00, and the day on which it came."
                )
            }
        ), 422
    if act == "not-received" and not note:
        return _page(
            {f"note-{number}": _("Say what you have looked at, so that the buyer can ask the bank.")}
        ), 422
    if act not in ("received", "not-received"):
        abort(400)
    try:
        # The account is locked before the order, as wherever money is booked.
        if act == "received" and came is not None:
            amount, received_on, seen = came
            confirm_received(session, transfer.account_id, number, amount, received_on, seen, person, now())
        answer_claim(
            session, order.id, RECEIVED if act == "received" else NOT_RECEIVED, note or None, person, now()
        )
        session.commit()
        flash(_("The buyer of order %(number)s has your answer.", number=number), "done")
    except (NotAsked, NotWaiting):
        session.rollback()
        flash(_("Nobody waits for an answer about order %(number)s any more.", number=number), "wait")
    return redirect(url_for("provider.claims"), 303)


def _came(currency: str) -> tuple[Money, date, int] | None:
    """What the form says of the money: amount, day, and what had come before; None where that cannot be."""
    try:
        amount = Money.parse(request.form.get("amount", "").strip().replace(",", "."), currency)
        received_on = date.fromisoformat(request.form.get("received_on", ""))
        seen = int(request.form.get("seen", "0"))
    except ValueError:
        return None
    return (amount, received_on, seen) if amount.minor > 0 and received_on <= now().date() else None


def _page(errors: dict[str, str] | None = None) -> str:
    session = database()
    found = open_claims(session, [each.account_id for each in own_bank_accounts()])
    return render_template(
        "provider/claims.html",
        provider=acting_provider(),
        claims=[
            {
                "claim": each.claim,
                "order": each.order,
                "how": instructions_of(session, each.transfer),
                "proofs": proofs_of(session, each.order.id, ProofKind.TRANSFER),
            }
            for each in found
        ],
        errors=errors or {},
        today=now().date(),
        typed=request.form,
    )
