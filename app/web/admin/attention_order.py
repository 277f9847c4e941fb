"""One order for administrators: why it needs a person, its money, and what may be proposed about it."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.audit.queries import read_trail
from app.domain.cancellations.queries import cancellations_of
from app.domain.certificates.queries import finished_certificate_of
from app.domain.exchanges.queries import exchanges_of
from app.domain.four_eyes.propose import NotPossible, ProposedAlready, propose
from app.domain.four_eyes.queries import open_proposal_about
from app.domain.jobs.queries import jobs_about
from app.domain.mails.queries import mails_of_order
from app.domain.orders.attention import order_for_administrators
from app.domain.orders.decide_order import Act, allowed_acts, is_overdue
from app.domain.orders.models import Order
from app.domain.payments.claims.queries import claim_of
from app.domain.payments.disputes import disputed_amount
from app.domain.payments.money_map import money_map
from app.domain.payments.proofs import proofs_of
from app.domain.payments.queries import net_paid, payments_of
from app.domain.payments.refund_models import ProofKind
from app.domain.payments.standing import standing
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing
from app.domain.tax_documents.queries import documents_of
from app.extensions import database, now
from app.logs import about_order
from app.money import Money
from app.web.admin.blueprint import blueprint
from app.web.admin.change import Change, change_page, reason_missing
from app.web.admin.proposal_words import proposed, proposed_already
from app.web.support.filters import money
from app.web.support.gate import elevated, needs, visitor
from app.web.support.threads import thread_shown


@blueprint.get("/orders/<number>")
@needs(Permission.PLATFORM_PAYMENTS_READ)
def order(number: str) -> str:
    """The order, whatever its state."""
    session, found = database(), _order(number)
    payments, mails = payments_of(session, found.id), mails_of_order(session, found.id)
    cancellations = cancellations_of(session, found.id)
    certificate = finished_certificate_of(session, found.id)
    about = [
        found.id,
        *(each.id for each in payments),
        *(each.id for each in mails),
        *(each.id for each in cancellations),
    ]
    return render_template(
        "admin/order.html",
        order=found,
        payments=payments,
        standing=standing(session, found),
        map=money_map(session, found),
        claim=claim_of(session, found.id),
        proofs=proofs_of(session, found.id, ProofKind.TRANSFER),
        net=Money(net_paid(session, found), found.currency),
        disputed=Money(disputed_amount(session, found), found.currency),
        cancellations={each.order_line_id: each for each in cancellations},
        certificate=certificate,
        mails=mails,
        jobs=jobs_about(session, about),
        exchanges=exchanges_of(session, found.id),
        acts=sorted(allowed_acts(session, found, now())),
        proposal=open_proposal_about(session, found.id),
        overdue=is_overdue(session, found, now()),
        thread=thread_shown(session, found, certificate),
        documents=documents_of(session, found.id),
        trail=read_trail(session, order_id=found.id),
    )


@blueprint.get("/orders/<number>/<any(clear, reject):act>")
@needs(Permission.PLATFORM_PAYMENTS_DECIDE)
@elevated
def order_decision(number: str, act: str) -> Response | str:
    """What it means, and a reason to give."""
    found = _order(number)
    if Act(act) not in allowed_acts(database(), found, now()):
        return _cannot(number)
    return change_page(_change(found, Act(act)))


@blueprint.post("/orders/<number>/<any(clear, reject):act>")
@needs(Permission.PLATFORM_PAYMENTS_DECIDE)
@elevated
def decide(number: str, act: str) -> Response | tuple[str, int]:
    """Propose it: units or money move, so another administrator has to confirm."""
    session, found = database(), _order(number)
    change = _change(found, Act(act))
    try:
        propose(session, f"order.{act}", found.id, request.form.get("reason", ""), visitor().person.id, now())
        session.commit()
    except ReasonMissing:
        return change_page(change, reason_missing()), 422
    except ProposedAlready:
        return proposed_already(change.back)
    except NotPossible:
        return _cannot(number)
    return proposed(change.back)


def _order(number: str) -> Order:
    found = order_for_administrators(database(), number)
    if found is None:
        abort(404)
    about_order(found.number)
    return found


def _cannot(number: str) -> Response:
    flash(_("This cannot be decided any more. How the order stands is shown below."), "wait")
    return redirect(url_for("admin.order", number=number), 303)


def _change(found: Order, act: Act) -> Change:
    back = url_for("admin.order", number=found.number)
    if act is Act.CLEAR:
        return Change(
            _("Let order %(number)s go on", number=found.number),
            _(
                "Its units are held again. If %(total)s is there, they are cancelled, which nobody can undo; if not, the "
                "buyer is asked for the rest.",
                total=money(found.total),
            ),
            _("Let it go on"),
            back,
        )
    return Change(
        _("End order %(number)s", number=found.number),
        _(
            "Nothing is cancelled. What the seller has of the buyer’s money goes back; the platform never had it."
        ),
        _("End the order"),
        back,
    )
