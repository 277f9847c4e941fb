"""Acts that wait for a second administrator."""

from collections.abc import Sequence
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.four_eyes.decide_proposal import (
    SamePerson,
    confirm_proposal,
    decline_proposal,
    withdraw_proposal,
)
from app.domain.four_eyes.models import Proposal
from app.domain.four_eyes.propose import NotPossible
from app.domain.four_eyes.queries import decided_proposals, open_proposals
from app.domain.orders.decide_order import NotAllowed
from app.domain.orders.hold import NotAvailable
from app.domain.orders.models import Order
from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.admin.change import reason_missing
from app.web.admin.proposal_words import proposal_state, proposal_title, what_it_does
from app.web.support.gate import elevated, needs, visitor

_END = {"decline": decline_proposal, "withdraw": withdraw_proposal}


@blueprint.get("/proposals")
@needs(Permission.PLATFORM_OVERVIEW_READ)
def proposals() -> str:
    """What waits, and the last ones that were decided."""
    session = database()
    waiting, decided = open_proposals(session), decided_proposals(session)
    return render_template(
        "admin/proposals.html",
        waiting=waiting,
        decided=decided,
        titles=_titles([*waiting, *decided]),
        state_words=proposal_state,
    )


@blueprint.get("/proposals/<uuid:proposal>")
@needs(Permission.PLATFORM_PROPOSALS_DECIDE)
@elevated
def proposal(proposal: UUID) -> str:
    """One: what it does, why, and what the second person may do."""
    return _page(_found(proposal))


@blueprint.post("/proposals/<uuid:proposal>/confirm")
@needs(Permission.PLATFORM_PROPOSALS_DECIDE)
@elevated
def confirm(proposal: UUID) -> Response:
    """Be the second person: it is done."""
    session, found = database(), _found(proposal)
    try:
        confirm_proposal(session, found.id, visitor().person.id, now())
        session.commit()
    except SamePerson:
        return _back(found.id, _("You proposed it: another administrator has to confirm it."))
    except IllegalStep:
        return _back(found.id, _("That was decided before, or is not possible any more."))
    except NotAvailable:
        return _back(found.id, _("The units of this order are gone: it can only end."))
    except (NotPossible, NotAllowed):
        return _back(found.id, _("This cannot be done any more: things have changed since. Decline it."))
    flash(_("Done. The audit trail says so."), "success")
    return redirect(_about(found), 303)


@blueprint.post("/proposals/<uuid:proposal>/<any(decline, withdraw):act>")
@needs(Permission.PLATFORM_PROPOSALS_DECIDE)
@elevated
def end_proposal(proposal: UUID, act: str) -> Response | tuple[str, int]:
    """Say no, or take one's own back: nothing is done."""
    session, found = database(), _found(proposal)
    reason = request.form.get("reason", "")
    try:
        _END[act](session, found.id, reason, visitor().person.id, now())
        session.commit()
    except ReasonMissing:
        return _page(found, {"reason": reason_missing()}), 422
    except (SamePerson, IllegalStep):
        return _back(found.id, _("That was decided before, or is not possible any more."))
    flash(_("Done. The audit trail says so."), "success")
    return redirect(url_for("admin.proposals"), 303)


def _found(proposal_id: UUID) -> Proposal:
    found = database().get(Proposal, proposal_id)
    if found is None:
        abort(404)
    return found


def _page(found: Proposal, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "admin/proposal.html",
        proposal=found,
        title=_titles([found])[found.id],
        lead=what_it_does(found),
        about=_about(found),
        own=found.proposed_by == visitor().person.id,
        state_words=proposal_state,
        errors=errors or {},
    )


def _back(proposal_id: UUID, words: str) -> Response:
    database().rollback()
    flash(words, "wait")
    return redirect(url_for("admin.proposal", proposal=proposal_id), 303)


def _about(found: Proposal) -> str:
    """The address of what it is about."""
    if found.entity == "order":
        order = database().get_one(Order, UUID(found.entity_id))
        return url_for("admin.order", number=order.number)
    return url_for("admin.provider", provider=found.entity_id)


def _titles(shown: Sequence[Proposal]) -> dict[UUID, str]:
    session = database()
    return {
        each.id: proposal_title(
            each.kind,
            session.get_one(Order, UUID(each.entity_id)).number
            if each.entity == "order"
            else session.get_one(Provider, UUID(each.entity_id)).display_name,
        )
        for each in shown
    }
