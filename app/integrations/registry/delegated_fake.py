"""What account representatives may ask, in memory, over the same mandates as a FakeRegistry.

delegated = FakeDelegatedRegistry(registry)
delegated.let_in("token-of-ana", "A6.4-ACC-1")  # whom a token stands for
block = delegated.hold("A6.4-ACC-1", 100)  # a block of units in that account
delegated.fail_next("grant", OutcomeUnknown, acted=True)  # happens, but nobody is told
"""

import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, get_args

from app.integrations.errors import NeighbourError, Refused
from app.integrations.registry.fake import FakeRegistry, Fault
from app.integrations.registry.fake_rules import Span, take
from app.integrations.registry.fake_samples import sample_mandate
from app.integrations.registry.interface import Account, Block, Mandate, MandateRequest

T = TypeVar("T")
DelegatedMethod = Literal["accounts", "holdings", "mandate", "grant", "revoke"]
SCOPES = frozenset({"holdings:read", "mandates:write"})


@dataclass(frozen=True)
class _Person:
    accounts: frozenset[str]
    scopes: frozenset[str]


@dataclass
class _Held:
    account_id: str
    block: Block
    free: list[Span]  # neither earmarked nor cancelled, lowest first


@dataclass
class _Granted:
    block_id: str
    spans: list[Span]


class FakeDelegatedRegistry:
    """`DelegatedRegistry` in memory. For one thread at a time."""

    def __init__(self, registry: FakeRegistry | None = None) -> None:
        self.registry = registry or FakeRegistry()
        self._numbers = itertools.count(50_001)  # never those of FakeRegistry.grant
        self._accounts: dict[str, Account] = {}
        self._people: dict[str, _Person] = {}
        self._held: dict[str, _Held] = {}
        self._granted: dict[str, _Granted] = {}
        self._answers: dict[tuple[str, str], tuple[MandateRequest, Mandate | Refused]] = {}
        self._faults: defaultdict[DelegatedMethod, deque[tuple[Fault, bool]]] = defaultdict(deque)
        self.calls: list[tuple[DelegatedMethod, str]] = []  # method and token, in order

    # What a person may ask.

    def accounts(self, token: str) -> list[Account]:
        """See `DelegatedRegistry`."""
        return self._answer("accounts", token, "holdings:read", self._accounts_of)

    def holdings(self, token: str, account_id: str) -> Iterator[Block]:
        """See `DelegatedRegistry`."""

        def listed(person: _Person) -> list[Block]:
            _check_represented(person, account_id)
            return [held.block for held in self._held.values() if held.account_id == account_id]

        yield from self._answer("holdings", token, "holdings:read", listed)

    def mandate(self, token: str, mandate_id: str) -> Mandate:
        """See `DelegatedRegistry`."""
        return self._answer("mandate", token, "holdings:read", lambda who: self._represented(who, mandate_id))

    def grant(self, token: str, request: MandateRequest, key: str) -> Mandate:
        """See `DelegatedRegistry`."""
        return self._answer(
            "grant", token, "mandates:write", lambda who: self._once(who, token, request, key)
        )

    def revoke(self, token: str, mandate_id: str) -> Mandate:
        """See `DelegatedRegistry`."""
        return self._answer("revoke", token, "mandates:write", lambda who: self._revoke(who, mandate_id))

    # What a test may order.

    def open_account(self, account_id: str, **changes: Any) -> Account:
        """An account, or another state of one: status="suspended"."""
        known = self._accounts.get(
            account_id, Account(account_id, f"Sample Holder of {account_id}", "MW", "open")
        )
        self._accounts[account_id] = replace(known, **changes)
        return self._accounts[account_id]

    def let_in(self, token: str, *account_ids: str, scopes: frozenset[str] = SCOPES) -> None:
        """From now on the registry takes `token`, as of somebody who represents these accounts."""
        for account_id in account_ids:
            self.open_account(account_id)
        self._people[token] = _Person(frozenset(account_ids), scopes)

    def shut_out(self, token: str) -> None:
        """The token has expired."""
        del self._people[token]

    def hold(
        self,
        account_id: str,
        quantity: int,
        *,
        activity_ref: str = "A6.4-MW-001042",
        unit_class: str = "AER",
        uses: tuple[str, ...] = ("IMP", "OP"),
        vintage: int = 2025,
        **changes: Any,
    ) -> Block:
        """A new block of free units in an account, of a sample activity where there is none yet."""
        self.open_account(account_id)
        now = datetime.now(UTC)
        self.registry.know_activity(activity_ref)
        span = (1001, 1000 + quantity)
        block = sample_mandate(
            next(self._numbers),
            quantity,
            span,
            now,
            activity_ref=activity_ref,
            unit_class=unit_class,
            uses=uses,
            vintage=vintage,
        ).block
        block = replace(block, quantity_available=quantity, **changes)
        self._held[block.block_id] = _Held(account_id, block, [span])
        return block

    def change_block(self, block_id: str, **changes: Any) -> Block:
        """Another state of a block, in the mandates over it too."""
        held = self._held[block_id]
        held.block = replace(held.block, **changes)
        for mandate_id, granted in self._granted.items():
            if granted.block_id == block_id:
                self.registry.change_mandate(mandate_id, block=held.block)
        return held.block

    def fail_next(self, method: DelegatedMethod, fault: Fault, *, acted: bool = False) -> None:
        """The next call of `method` raises `fault`, an error or its class; first acting if `acted`."""
        if method not in get_args(DelegatedMethod):
            raise ValueError(f"the registry has no {method}")
        self._faults[method].append((fault, acted))

    def _answer(self, method: DelegatedMethod, token: str, scope: str, act: Callable[[_Person], T]) -> T:
        self.calls.append((method, token))
        if token not in self._people:
            raise Refused("unauthenticated")
        person = self._people[token]
        if scope not in person.scopes:
            raise Refused("forbidden")
        if not self._faults[method]:
            return act(person)
        fault, acted = self._faults[method].popleft()
        if acted:
            with suppress(Refused):
                act(person)
        raise fault if isinstance(fault, NeighbourError) else fault("ordered")

    def _accounts_of(self, person: _Person) -> list[Account]:
        return [
            account for account_id, account in sorted(self._accounts.items()) if account_id in person.accounts
        ]

    def _represented(self, person: _Person, mandate_id: str) -> Mandate:
        mandate = self.registry.look_at(mandate_id)
        _check_represented(person, mandate.account_id)
        return mandate

    def _once(self, person: _Person, token: str, request: MandateRequest, key: str) -> Mandate:
        _check_represented(person, request.account_id)
        past = request.expires_at is not None and request.expires_at <= datetime.now(UTC)
        if not 1 <= len(key) <= 255 or request.quantity < 1 or past:
            raise Refused("validation_error")
        if (token, key) not in self._answers:
            answer: Mandate | Refused
            try:
                answer = self._grant(request)
            except Refused as refused:
                answer = refused
            self._answers[token, key] = (request, answer)
        first, answer = self._answers[token, key]
        if first != request:
            raise Refused("idempotency_mismatch")
        if isinstance(answer, Refused):
            raise answer
        return answer

    def _grant(self, request: MandateRequest) -> Mandate:
        held = self._held.get(request.block_id)
        if held is None or held.account_id != request.account_id:
            raise Refused("not_found")
        if self._accounts[request.account_id].status != "open":
            raise Refused("account_suspended")
        if held.block.status != "active":
            raise Refused("block_not_available")
        if request.quantity > held.block.quantity_available:
            raise Refused("insufficient_units")
        spans, held.free = take(held.free, request.quantity)
        mandate = Mandate(
            mandate_id=f"mandate-{next(self._numbers)}",
            account_id=request.account_id,
            block=held.block,
            quantity=request.quantity,
            quantity_remaining=request.quantity,
            status="active",
            expires_at=request.expires_at,
            granted_by="Sample representative",
            updated_at=datetime.now(UTC),
        )
        self.registry.add_mandate(mandate, spans)
        self._granted[mandate.mandate_id] = _Granted(request.block_id, spans)
        self.change_block(
            request.block_id, quantity_available=held.block.quantity_available - request.quantity
        )
        return self.registry.look_at(mandate.mandate_id)

    def _revoke(self, person: _Person, mandate_id: str) -> Mandate:
        mandate = self._represented(person, mandate_id)
        if mandate.status in ("revoked", "expired"):
            return mandate
        self.registry.change_mandate(mandate_id, status="revoked")
        if mandate_id in self._granted:
            granted = self._granted[mandate_id]
            held = self._held[granted.block_id]
            # The units cancelled meanwhile were the lowest.
            _, back = take(granted.spans, mandate.quantity - mandate.quantity_remaining)
            held.free = sorted(held.free + back)
            free = held.block.quantity_available + mandate.quantity_remaining
            self.change_block(granted.block_id, quantity_available=free)
        return self.registry.look_at(mandate_id)


def _check_represented(person: _Person, account_id: str) -> None:
    if account_id not in person.accounts:
        raise Refused("forbidden")
