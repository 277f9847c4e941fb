"""An administrator does for somebody what they have asked for, in their name."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class OnRequest:
    """Which administrator, and how they know that it was asked for: a reason of `reasons.given_reason`."""

    administrator_id: UUID
    reason: str


def by_whom(person_id: UUID, on_request: OnRequest | None) -> dict[str, Any]:
    """Who the audit trail says has done it: the person, or the administrator with the reason."""
    if on_request is None:
        return {"actor": "buyer", "person_id": person_id}
    return {
        "actor": "administrator",
        "person_id": on_request.administrator_id,
        "reason": on_request.reason,
    }
