"""A dangerous act as a page of its own: what it does, why it is done, and one button."""

from dataclasses import dataclass

from flask import render_template, request
from flask_babel import gettext as _

from app.domain.people.reasons import REASON_MAX
from app.web.support.typed import take_typed


@dataclass(frozen=True)
class Change:
    """What the page says about an act."""

    title: str
    lead: str
    button: str
    back: str  # address
    danger: bool = True


def change_page(change: Change, error: str = "") -> str:
    """The form, with the reason as it was typed, also before a detour over signing in or the second factor."""
    reason = (request.form if request.method == "POST" else take_typed()).get("reason", "")
    return render_template(
        "admin/change.html",
        change=change,
        reason=reason[:REASON_MAX],
        reason_max=REASON_MAX,
        errors={"reason": error} if error else {},
    )


def reason_missing() -> str:
    """What to say beside the empty field."""
    return _("Write why. The audit trail keeps it with your name.")
