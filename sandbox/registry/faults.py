"""Faults queued for the next calls of an operation. In memory: a restart forgets them."""

import itertools
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.registry.problems import STATUS, Problem

KINDS = {
    "slow",
    "timeout_before",
    "timeout_after",
    "accept_later",
    "rate_limited",
    "unavailable",
    "malformed",
    "refuse",
}
LONGER_THAN_ANY_CLIENT = 3600.0


@dataclass
class Fault:
    """One queued fault. What each field does for which kind: docs/sandbox.md."""

    kind: str
    operation: str = "*"
    times: int = 1
    seconds: float | None = None
    retry_after: int = 1
    drop: bool = False
    acted: bool = True
    code: str | None = None
    detail: str = "Refused on purpose."
    id: int = 0
    cleared: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Hang for its seconds, or until the faults are cleared."""
        self.cleared.wait(LONGER_THAN_ANY_CLIENT if self.seconds is None else self.seconds)

    def refusal(self) -> Problem:
        """The refusal of a `refuse` fault."""
        code = self.code or "insufficient_units"
        problem = Problem(code, self.detail, self.retry_after if STATUS[code] in (429, 503) else None)
        if code == "duplicate_client_reference":
            problem.body["cancellation_id"] = "VC-0000-00000000"
        return problem

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "cleared"}


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[Fault] = deque()
        self._taken: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            fault.id = next(self._ids)
            self._queue.append(fault)
        return fault

    def take(self, operation: str) -> Fault | None:
        """The first queued fault for this operation, used once. `*` is any but getHealth, which watchers call."""
        names = {operation} if operation == "getHealth" else {operation, "*"}
        with self._lock:
            for fault in self._queue:
                if fault.operation in names:
                    fault.times -= 1
                    if fault.times == 0:
                        self._queue.remove(fault)
                        self._taken.append(fault)
                    return fault
        return None

    def waiting(self) -> list[dict[str, Any]]:
        with self._lock:
            return [fault.as_dict() for fault in self._queue]

    def clear(self) -> None:
        """Forget all, and let calls go on that hang because of one."""
        with self._lock:
            for fault in [*self._queue, *self._taken]:
                fault.cleared.set()
            self._queue.clear()
            self._taken.clear()
