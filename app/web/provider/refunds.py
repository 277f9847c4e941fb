"""Money that the provider has to give back: what is under way by itself, and what they have to send."""

from datetime import date, timedelta
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.offers.own_offers import stopped_by_debt
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.proofs import ProofRefused, proofs_of
from app.domain.payments.refund_models import ProofKind, Refund
from app.domain.payments.refunds.hand_over import last_day
from app.domain.payments.refunds.queries import (
    bank_line_of,
    ended_refunds_of,
    open_refunds_of,
    own_refund,
    receipt_of,
)
from app.domain.payments.refunds.say_refund_sent import NOTE_MAX, NothingToGiveBack, say_refund_sent
from app.domain.payments.refunds.states import TO_SEND
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.logs import about_order
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs, visitor
from app.web.support.uploads import proof_problem, read_proof

_ENDED_SHOWN = 50


@blueprint.get("/refunds")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def refunds() -> str:
    """What waits for the provider first, then what the payment services are doing, then what has ended."""
    provider, session = acting_provider(), database()
    under_way = open_refunds_of(session, provider.id)
    return render_template(
        "provider/refunds.html",
        provider=provider,
        to_send=[each for each in under_way if each.state in TO_SEND],
        under_way=[each for each in under_way if each.state not in TO_SEND],
        ended=ended_refunds_of(session, provider.id, _ENDED_SHOWN),
        due={each.id: last_day(session, each) for each in under_way},
        stopped=stopped_by_debt(session, provider.id, now()),
    )


@blueprint.get("/refunds/<uuid:refund>")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def refund(refund: UUID) -> str:
    """Why, how much, to whom; and the form to say that it was sent."""
    return _page(_own(refund))


@blueprint.post("/refunds/<uuid:refund>/sent")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def refund_sent(refund: UUID) -> Response | tuple[str, int]:
    """The provider has sent it: `sent_on`, `note` and the file `proof`."""
    found, session = _own(refund), database()
    try:
        proof = read_proof()
        sent_on = _day(request.form.get("sent_on", ""), found)
        problems = {}
        if sent_on is None:
            problems["sent_on"] = _(
                "Enter the day on which you sent it: not before the refund was due, not later than today."
            )
        if proof is None and not found.order.trial:
            problems["proof"] = _(
                "Add a file that shows it: the buyer and the administrators may have to see it."
            )
        if sent_on is None or problems:
            return _page(found, problems), 422
        note = request.form.get("note", "").strip()[:NOTE_MAX]
        say_refund_sent(session, found.id, sent_on, note, proof, visitor().person.id, now())
        session.commit()
    except ProofRefused as refused:
        session.rollback()
        return _page(_own(refund), {"proof": proof_problem(refused)}), 422
    except NothingToGiveBack:
        session.rollback()
        flash(_("This refund does not wait for you any more. How it stands is shown below."), "wait")
        return redirect(url_for("provider.refund", refund=refund), 303)
    if found.order.trial:
        flash(_("Noted: the money is back."), "done")
        return redirect(url_for("provider.trial", number=found.order.number), 303)
    flash(_("Thank you. The buyer is asked whether it has come."), "done")
    return redirect(url_for("provider.refund", refund=refund), 303)


def _own(refund_id: UUID) -> Refund:
    found = own_refund(database(), acting_provider().id, refund_id)
    if found is None:
        abort(404)
    about_order(found.order.number)
    return found


def _page(found: Refund, problems: dict[str, str] | None = None) -> str:
    session = database()
    receipt = receipt_of(session, found)
    today = now().date()
    return render_template(
        "provider/refund.html",
        provider=acting_provider(),
        refund=found,
        order=found.order,
        receipt=receipt,
        line=bank_line_of(session, receipt),
        transfer=transfer_of(session, found.order_id),
        proofs=proofs_of(session, found.order_id, ProofKind.REFUND),
        due_on=last_day(session, found),
        to_send=found.state in TO_SEND,
        problems=problems or {},
        typed={
            "sent_on": request.form.get("sent_on", today.isoformat()),
            "note": request.form.get("note", ""),
        },
        today=today,
    )


def _day(typed: str, found: Refund) -> date | None:
    """A day on which it can have been sent. Zones differ by a day at most."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    tomorrow = now().date() + timedelta(days=1)
    return day if found.created_at.date() - timedelta(days=1) <= day <= tomorrow else None
