"""What is wrong with the audit trail, in words."""

from typing import Any

from flask_babel import gettext as _


def trail_problem(problem: dict[str, Any]) -> str:
    """One problem of a check: what, the seal's number and the row's id, as far as they are known."""
    seal, row = problem["number"], problem["event_id"]
    if problem["what"] == "row_gone":
        return _("Row %(row)s is missing. Its seal has the number %(seal)s.", row=row, seal=seal)
    if problem["what"] == "link_broken":
        return _(
            "Row %(row)s was changed, or its seal, number %(seal)s, or the one before.", row=row, seal=seal
        )
    if problem["what"] == "seals_gone":
        return _("Seals are missing from number %(seal)s on.", seal=seal)
    if problem["what"] == "not_sealed":
        return _("Row %(row)s has no seal: it was slipped in, or its seal was removed.", row=row)
    return _("The end was cut off or rewritten: an earlier check has seen another seal %(seal)s.", seal=seal)
