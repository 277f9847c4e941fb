"""What pages say about acts that take two administrators."""

from flask import flash, redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.four_eyes.models import Proposal


def proposal_title(kind: str, name: str) -> str:
    """A proposal as a heading; `name` of the provider, or number of the order."""
    return {
        "provider.approve": _("Approve %(name)s", name=name),
        "provider.delist": _("Delist %(name)s", name=name),
        "provider.relist": _("Take %(name)s in again", name=name),
        "order.clear": _("Let order %(number)s go on", number=name),
        "order.reject": _("End order %(number)s", number=name),
    }[kind]


def what_it_does(proposal: Proposal) -> str:
    """What happens when it is confirmed."""
    return {
        "provider.approve": _("It can try out being paid, and offer units."),
        "provider.delist": _(
            "Nothing that it offers can be ordered any more. Orders that are placed already go on: what is paid is "
            "cancelled and certified."
        ),
        "provider.relist": _("Its published offers are on sale again, as they were."),
        "order.clear": _(
            "Its units are held again. If the money is there, they are cancelled, which nobody can undo; if not, the "
            "buyer is asked for the rest."
        ),
        "order.reject": _(
            "Nothing is cancelled. What the seller has of the buyer’s money goes back; the platform never had it."
        ),
    }[proposal.kind]


def proposal_state(code: str) -> str:
    """The state of a proposal."""
    return {
        "open": _("Waits"),
        "confirmed": _("Confirmed"),
        "declined": _("Declined"),
        "withdrawn": _("Taken back"),
    }[code]


def proposed(back: str) -> Response:
    """It waits for another administrator."""
    flash(_("Proposed. Another administrator has to confirm it; they have been told."), "success")
    return redirect(back, 303)


def proposed_already(back: str) -> Response:
    """Something waits already."""
    flash(_("Something is proposed already, and has to be decided first."), "wait")
    return redirect(back, 303)
