"""A notice that stands on top of every page for a while."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KINDS = ("info", "wait")


@dataclass(frozen=True)
class Notice:
    """What it says, by language; from when and until when, UTC, None for at once and for ever."""

    kind: str  # info | wait: how it looks
    texts: Mapping[str, str]
    since: datetime | None = None
    until: datetime | None = None

    def shown_at(self, now: datetime) -> bool:
        """Does it stand on the pages now?"""
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "kind": self.kind,
            "texts": dict(self.texts),
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
        }

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> "Notice":
        """What `as_json` made."""
        since, until = kept["since"], kept["until"]
        return Notice(
            kept["kind"],
            dict(kept["texts"]),
            datetime.fromisoformat(since) if since else None,
            datetime.fromisoformat(until) if until else None,
        )
