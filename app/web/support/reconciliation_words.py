"""Differences with the registry in words."""

from flask_babel import gettext as _


def difference_title(kind: str) -> str:
    """What differs."""
    return {
        "cancellation_only_there": _("The registry has a cancellation that is not known here"),
        "cancellation_only_here": _("A cancellation that is completed here is not in the registry’s list"),
        "cancellation_state": _("A cancellation is at another state in the registry"),
        "cancellation_content": _("A cancellation has other units in the registry"),
        "mandate_only_there": _("The registry has a mandate that is not known here"),
        "mandate_only_here": _("A mandate is not in the registry’s list"),
        "mandate_content": _("A mandate is not the same in the registry"),
        "mandate_cancelled": _("Other units were cancelled under a mandate than are known here"),
        "offer_cancelled": _("An offer counts other units as cancelled than its orders have"),
        "offer_held": _("An offer holds more units for buyers than its mandate has left"),
    }[kind]


def difference_todo(kind: str) -> str:
    """What an administrator does about it."""
    if kind in {"cancellation_state", "mandate_content", "mandate_only_there"}:
        return _("Have it read again: what is merely not recorded yet is recorded then.")
    if kind == "offer_held":
        return _(
            "Units were taken from the mandate while buyers had them on hold. Suspend the offer, and ask its provider."
        )
    return _(
        "This does not heal by itself. Ask the registry’s administrators with both sides at hand, and explain it here when "
        "you know."
    )
