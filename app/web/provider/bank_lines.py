"""Decide what no rule can: a line for an order, the second person's word, a transfer that came."""

from datetime import date
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.orders.own_orders import own_order
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.statements.book import (
    AlreadyDecided,
    NotThisAccount,
    NotWaiting,
    SamePerson,
    assign_line,
    confirm_line,
    confirm_received,
    set_aside,
)
from app.domain.payments.statements.work_list import own_line
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.logs import about_order
from app.money import Money
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.provider.statements import own_bank_accounts
from app.web.support.gate import needs, visitor

_LONGEST_NOTE = 200


@blueprint.post("/bank-lines/<uuid:line>")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def decide_line(line: UUID) -> Response:
    """`act`: assign (to the order number in `order`), confirm (as the second person) or set-aside (with a `note`)."""
    session, person = database(), visitor().person.id
    if own_line(session, [each.account_id for each in own_bank_accounts()], line) is None:
        abort(404)
    act = request.form.get("act", "")
    try:
        if act == "assign":
            assign_line(session, line, request.form.get("order", "").strip().upper(), person, now())
        elif act == "confirm":
            confirm_line(session, line, person, now())
        elif act == "set-aside":
            note = request.form.get("note", "").strip()[:_LONGEST_NOTE]
            set_aside(session, line, note, person, now())
        else:
            abort(400)
        session.commit()
    except AlreadyDecided:
        session.rollback()
        flash(_("Somebody has decided about this line already."), "wait")
    except NotThisAccount:
        session.rollback()
        flash(_("No order with this number is paid to this account in this currency."), "error")
    except SamePerson:
        session.rollback()
        flash(_("A second person has to confirm this: whoever brought the statement cannot."), "error")
    return redirect(url_for("provider.statements"), 303)


@blueprint.post("/orders/<number>/received")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def order_received(number: str) -> Response:
    """A person has seen one transfer on the account: `amount`, `received_on`, and `seen`, what had come before."""
    session, provider = database(), acting_provider()
    order = own_order(session, provider.id, number)
    transfer = transfer_of(session, order.id) if order is not None else None
    if order is None or transfer is None:
        abort(404)
    about_order(order.number)
    try:
        amount = Money.parse(request.form.get("amount", "").strip().replace(",", "."), order.currency)
        received_on = date.fromisoformat(request.form.get("received_on", ""))
        seen = int(request.form.get("seen", "0"))
    except ValueError:
        amount, received_on, seen = Money(0, order.currency), now().date(), 0
    if amount.minor <= 0 or received_on > now().date():
        flash(_("Enter the amount that came, such as 25.00, and the day on which it came."), "error")
        return redirect(url_for("provider.statements"), 303)
    try:
        confirm_received(
            session,
            transfer.account_id,
            order.number,
            amount,
            received_on,
            seen,
            visitor().person.id,
            now(),
        )
        session.commit()
        flash(_("Confirmed for order %(number)s.", number=order.number), "done")
    except NotWaiting:
        session.rollback()
        flash(_("Order %(number)s waits for no money any more.", number=order.number), "wait")
    return redirect(url_for("provider.statements"), 303)
