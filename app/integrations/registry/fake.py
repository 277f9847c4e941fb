"""A registry in memory that keeps the contract's rules, with faults that a test can order.

registry = FakeRegistry()
mandate = registry.grant(100)
registry.fail_next("cancel", OutcomeUnknown, acted=True)  # happens, but nobody is told
registry.accept_next()  # the next cancel is only accepted ...
registry.complete(cancellation_id)  # ... and completed when the test says so
"""

import itertools
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, get_args

from app.integrations.errors import NeighbourError, Refused
from app.integrations.registry.fake_rules import Span, check_mandate, check_request, serial_range, take
from app.integrations.registry.fake_samples import sample_activity, sample_mandate, two_spans
from app.integrations.registry.interface import (
    Activity,
    Attestation,
    Cancellation,
    CancellationRequest,
    DuplicateClientReference,
    Health,
    Mandate,
)

T = TypeVar("T")
Dated = TypeVar("Dated", Activity, Mandate, Cancellation)
Fault = NeighbourError | type[NeighbourError]
Method = Literal[
    "health",
    "activities",
    "mandates",
    "mandate",
    "cancel",
    "cancellation",
    "cancellation_by_reference",
    "cancellations",
]

_BY_CANCELLING = "use_or_cancellation"
_ENDED = ("revoked", "expired")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class _Grant:
    mandate: Mandate
    free: list[Span]  # what is left of it, lowest first


class FakeRegistry:
    """`Registry` in memory. Safe to share by threads. `clock` gives the registry's own time."""

    def __init__(self, clock: Callable[[], datetime] = _utc_now) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._activities: dict[str, Activity] = {}
        self._grants: dict[str, _Grant] = {}
        self._cancellations: dict[str, Cancellation] = {}
        self._held: dict[str, list[Span]] = {}  # by cancellation id: taken, not completed yet
        self._answers: dict[str, tuple[CancellationRequest, Cancellation | Refused]] = {}
        self._faults: defaultdict[Method, deque[tuple[Fault, bool]]] = defaultdict(deque)
        self._accept = 0
        self.calls: list[Method] = []  # the names of the methods called, in order
        self.health_status = "ok"

    # What the platform may ask.

    def health(self) -> Health:
        """See `Registry`."""
        return self._answer("health", lambda: Health(self.health_status, "1.0.0", "sandbox"))

    def activities(self, updated_since: datetime | None = None) -> Iterator[Activity]:
        """See `Registry`."""
        yield from self._answer("activities", lambda: _changed(self._activities.values(), updated_since))

    def mandates(self, updated_since: datetime | None = None) -> Iterator[Mandate]:
        """See `Registry`."""
        yield from self._answer("mandates", lambda: _changed(self._all_mandates(), updated_since))

    def mandate(self, mandate_id: str) -> Mandate:
        """See `Registry`."""
        return self._answer("mandate", lambda: self._granted(mandate_id).mandate)

    def cancel(self, request: CancellationRequest, key: str) -> Cancellation:
        """See `Registry`."""
        return self._answer("cancel", lambda: self._cancel_once(request, key))

    def cancellation(self, cancellation_id: str) -> Cancellation:
        """See `Registry`."""
        return self._answer("cancellation", lambda: self._cancellation(cancellation_id))

    def cancellation_by_reference(self, client_reference: str) -> Cancellation | None:
        """See `Registry`."""
        return self._answer("cancellation_by_reference", lambda: self._by_reference(client_reference))

    def cancellations(self, updated_since: datetime | None = None) -> Iterator[Cancellation]:
        """See `Registry`."""
        yield from self._answer(
            "cancellations", lambda: _changed(self._cancellations.values(), updated_since)
        )

    # What a test may order.

    def add_activity(self, activity: Activity) -> None:
        """Put in an activity, or another state of one, as it is."""
        with self._lock:
            self._activities[activity.activity_ref] = activity

    def add_mandate(self, mandate: Mandate, sub_ranges: Sequence[Span] = ()) -> None:
        """Put in a mandate over `sub_ranges` of its block's serial numbers (default: from the first on)."""
        start = mandate.block.serial.start
        spans = list(sub_ranges) or [(start, start + mandate.quantity_remaining - 1)]
        if sum(last - first + 1 for first, last in spans) != mandate.quantity_remaining:
            raise ValueError("the sub-ranges do not add up to what remains of the mandate")
        with self._lock:
            self._grants[mandate.mandate_id] = _Grant(mandate, spans)

    def grant(
        self,
        quantity: int,
        *,
        activity_ref: str = "A6.4-MW-001042",
        unit_class: str = "AER",
        uses: tuple[str, ...] = ("IMP", "OP"),
        vintage: int = 2025,
        sub_ranges: Sequence[Span] = (),
    ) -> Mandate:
        """A new active mandate over a new block, of a sample activity where there is none yet.

        By default its units are in two sub-ranges with a gap, so that cancellations of several ranges
        happen by themselves.
        """
        with self._lock:
            spans = list(sub_ranges) or two_spans(quantity)
            number, now = next(self._numbers), self._clock()
            self.know_activity(activity_ref)
            mandate = sample_mandate(
                number,
                quantity,
                (spans[0][0], spans[-1][1]),
                now,
                activity_ref=activity_ref,
                unit_class=unit_class,
                uses=uses,
                vintage=vintage,
            )
            self.add_mandate(mandate, spans)
            return mandate

    def know_activity(self, activity_ref: str) -> None:
        """A sample activity, where there is none of this reference yet."""
        with self._lock:
            if activity_ref not in self._activities:
                self.add_activity(sample_activity(activity_ref, self._clock()))

    def look_at(self, mandate_id: str) -> Mandate:
        """A mandate as it stands, without a call. Refused("not_found") when there is none."""
        with self._lock:
            return self._granted(mandate_id).mandate

    def change_mandate(self, mandate_id: str, **changes: Any) -> Mandate:
        """Another state of a mandate. What is left of it goes back to the account when it ends."""
        with self._lock:
            grant = self._granted(mandate_id)
            if changes.get("status") in _ENDED:
                changes.setdefault("quantity_remaining", 0)
            grant.mandate = replace(grant.mandate, **{"updated_at": self._clock(), **changes})
            return grant.mandate

    def change_block(self, mandate_id: str, **changes: Any) -> Mandate:
        """Another state of the block of a mandate, e.g. status="frozen"."""
        with self._lock:
            block = self._granted(mandate_id).mandate.block
            return self.change_mandate(mandate_id, block=replace(block, **changes))

    def fail_next(self, method: Method, fault: Fault, *, acted: bool = False, times: int = 1) -> None:
        """The next `times` calls of `method` raise `fault`, an error or its class; first acting if `acted`.

        Faults of one method queue up. What an acting call would have answered, a refusal too, is lost.
        """
        if method not in get_args(Method):
            raise ValueError(f"the registry has no {method}")
        with self._lock:
            self._faults[method].extend([(fault, acted)] * times)

    def accept_next(self, times: int = 1) -> None:
        """The next `times` cancellations are accepted only, until `complete` or `reject`."""
        with self._lock:
            self._accept += times

    def complete(self, cancellation_id: str) -> Cancellation:
        """An accepted cancellation completes now."""
        with self._lock:
            accepted, spans = self._accepted(cancellation_id)
            now = self._clock()
            block = self._granted(accepted.mandate_id).mandate.block
            if block.first_transferred_at is None and block.authorization.first_transfer == _BY_CANCELLING:
                self.change_block(accepted.mandate_id, first_transferred_at=now)
            return self._keep(
                replace(
                    accepted,
                    status="completed",
                    serial_ranges=tuple(serial_range(block.serial.prefix, span) for span in spans),
                    completed_at=now,
                    attestation=Attestation(f"ATT-{cancellation_id}", now),
                    updated_at=now,
                )
            )

    def reject(self, cancellation_id: str, code: str, detail: str = "") -> Cancellation:
        """An accepted cancellation is rejected now; its units go back to the mandate, if that still lives."""
        with self._lock:
            accepted, spans = self._accepted(cancellation_id)
            grant = self._granted(accepted.mandate_id)
            if grant.mandate.status not in _ENDED:
                grant.free = sorted(spans + grant.free)
                self._set_remaining(grant, grant.mandate.quantity_remaining + accepted.quantity)
            return self._keep(
                replace(
                    accepted,
                    status="rejected",
                    rejection_code=code,
                    rejection_detail=detail,
                    updated_at=self._clock(),
                )
            )

    def _answer(self, method: Method, act: Callable[[], T]) -> T:
        with self._lock:
            self.calls.append(method)
            if not self._faults[method]:
                return act()
            fault, acted = self._faults[method].popleft()
            if acted:
                with suppress(Refused):
                    act()
            raise fault if isinstance(fault, NeighbourError) else fault("ordered")

    def _cancel_once(self, request: CancellationRequest, key: str) -> Cancellation:
        if not 1 <= len(key) <= 255:
            raise Refused("validation_error", "Idempotency-Key")
        check_request(request)  # before the key is taken: a corrected request may use it again
        if key not in self._answers:
            answer: Cancellation | Refused
            try:
                answer = self._cancel(request)
            except Refused as refused:
                answer = refused
            self._answers[key] = (request, answer)
        first, answer = self._answers[key]
        if first != request:
            raise Refused("idempotency_mismatch")
        if isinstance(answer, Refused):
            raise answer
        return answer

    def _cancel(self, request: CancellationRequest) -> Cancellation:
        earlier = self._by_reference(request.client_reference)
        if earlier is not None:
            raise DuplicateClientReference("", earlier.cancellation_id)
        grant = self._granted(request.mandate_id)
        check_mandate(request, grant.mandate)
        number = next(self._numbers)
        accepted = Cancellation(
            cancellation_id=f"cancellation-{number}",
            client_reference=request.client_reference,
            mandate_id=request.mandate_id,
            quantity=request.quantity,
            status="accepted",
            serial_ranges=(),
            completed_at=None,
            attestation=None,
            rejection_code=None,
            rejection_detail=None,
            updated_at=self._clock(),
        )
        taken, grant.free = take(grant.free, request.quantity)
        self._held[accepted.cancellation_id] = taken
        self._set_remaining(grant, grant.mandate.quantity_remaining - request.quantity)
        self._keep(accepted)
        if self._accept:
            self._accept -= 1
            return accepted
        return self.complete(accepted.cancellation_id)

    def _set_remaining(self, grant: _Grant, remaining: int) -> None:
        status = grant.mandate.status
        if status in ("active", "exhausted"):
            status = "active" if remaining else "exhausted"
        grant.mandate = replace(
            grant.mandate, quantity_remaining=remaining, status=status, updated_at=self._clock()
        )

    def _granted(self, mandate_id: str) -> _Grant:
        if mandate_id not in self._grants:
            raise Refused("not_found")
        return self._grants[mandate_id]

    def _all_mandates(self) -> list[Mandate]:
        return [grant.mandate for grant in self._grants.values()]

    def _cancellation(self, cancellation_id: str) -> Cancellation:
        if cancellation_id not in self._cancellations:
            raise Refused("not_found")
        return self._cancellations[cancellation_id]

    def _by_reference(self, client_reference: str) -> Cancellation | None:
        for cancellation in self._cancellations.values():
            if cancellation.client_reference == client_reference:
                return cancellation
        return None

    def _accepted(self, cancellation_id: str) -> tuple[Cancellation, list[Span]]:
        cancellation = self._cancellation(cancellation_id)
        if cancellation.status != "accepted":
            raise ValueError(f"{cancellation_id} is {cancellation.status}")
        return cancellation, self._held.pop(cancellation_id)

    def _keep(self, cancellation: Cancellation) -> Cancellation:
        self._cancellations[cancellation.cancellation_id] = cancellation
        return cancellation


def _changed(items: Iterable[Dated], updated_since: datetime | None) -> list[Dated]:
    """Those changed since, oldest change first."""
    since = [item for item in items if updated_since is None or item.updated_at >= updated_since]
    return sorted(since, key=lambda item: item.updated_at)
