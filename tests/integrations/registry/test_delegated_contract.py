"""What an account's representative may do, held against the fake and against the client with the sandbox registry."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

import pytest

from app.integrations.errors import OutcomeUnknown, Refused
from app.integrations.registry.delegated_client import HttpDelegatedRegistry
from app.integrations.registry.delegated_fake import FakeDelegatedRegistry
from app.integrations.registry.interface import Block, DelegatedRegistry, MandateRequest, Registry
from tests.integrations.registry.worlds import SandboxWorld, request_for

BOTH = "holdings:read mandates:write"


class Representatives(Protocol):
    """A registry, two of its accounts, and who may act for them."""

    delegated: DelegatedRegistry
    registry: Registry  # the platform's own view
    account: str
    other: str

    def token(self, *accounts: str, scope: str = BOTH) -> str:
        """A token of somebody who represents these accounts."""
        ...

    def block(self, least: int) -> Block:
        """A block of `account` with at least so many free units."""
        ...

    def lose_answer(self, method: str, *, acted: bool) -> None: ...
    def freeze(self, block: Block) -> None: ...
    def suspend(self, account_id: str) -> None: ...


class FakeRepresentatives:
    def __init__(self) -> None:
        self.delegated = self.fake = FakeDelegatedRegistry()
        self.registry = self.fake.registry
        self.account, self.other = "A6.4-ACC-1", "A6.4-ACC-2"
        self.fake.hold(self.account, 100)
        self.fake.hold(self.account, 50, unit_class="MCER")
        self.fake.hold(self.other, 100)

    def token(self, *accounts: str, scope: str = BOTH) -> str:
        token = uuid4().hex
        self.fake.let_in(token, *accounts, scopes=frozenset(scope.split()))
        return token

    def block(self, least: int) -> Block:
        return self.fake.hold(self.account, least + 10)

    def lose_answer(self, method: Any, *, acted: bool) -> None:
        self.fake.fail_next(method, OutcomeUnknown("broken_connection"), acted=acted)

    def freeze(self, block: Block) -> None:
        self.fake.change_block(block.block_id, status="frozen")

    def suspend(self, account_id: str) -> None:
        self.fake.open_account(account_id, status="suspended")


@dataclass
class SandboxRepresentatives:
    sandbox: SandboxWorld
    delegated: HttpDelegatedRegistry
    account: str
    other: str

    @property
    def registry(self) -> Registry:
        return self.sandbox.registry

    def token(self, *accounts: str, scope: str = BOTH) -> str:
        return self.sandbox.mint(scope, accounts=list(accounts))

    def block(self, least: int) -> Block:
        for block in self.delegated.holdings(self.token(self.account), self.account):
            for_sale = block.unit_class == "MCER" or "OP" in block.authorization.uses
            if for_sale and block.status == "active" and block.quantity_available >= least:
                return block
        raise AssertionError(f"no block of {self.account} has {least} units left")

    def lose_answer(self, method: str, *, acted: bool) -> None:
        operation = {"grant": "grantMandate", "revoke": "revokeMandate"}[method]
        body = {"kind": "timeout_after" if acted else "timeout_before", "operation": operation, "drop": True}
        self.sandbox.control.post("/sandbox/faults", json=body).raise_for_status()

    def freeze(self, block: Block) -> None:
        path = f"/sandbox/blocks/{block.block_id}"
        self.sandbox.control.post(f"{path}/freeze").raise_for_status()
        self.sandbox.undo(lambda: self.sandbox.control.post(f"{path}/unfreeze"))

    def suspend(self, account_id: str) -> None:
        path = f"/sandbox/accounts/{account_id}"
        self.sandbox.control.post(f"{path}/suspend").raise_for_status()
        self.sandbox.undo(lambda: self.sandbox.control.post(f"{path}/reopen"))


@pytest.fixture(params=["fake", "sandbox"])
def people(request: pytest.FixtureRequest) -> Iterator[Representatives]:
    if request.param == "fake":
        yield FakeRepresentatives()
        return
    world: SandboxWorld = request.getfixturevalue("sandbox")
    accounts = sorted({mandate.account_id for mandate in world.registry.mandates()})
    client = HttpDelegatedRegistry(world.program.url, read=60, page_size=3)
    yield SandboxRepresentatives(world, client, accounts[0], accounts[1])
    client.close()


def key() -> str:
    return uuid4().hex


def refusal(act, *arguments) -> str:
    def asked_for() -> None:
        answer = act(*arguments)
        if isinstance(answer, Iterator):  # a list is fetched as it is used
            next(answer)

    with pytest.raises(Refused) as raised:
        asked_for()
    return raised.value.code


def asked(people: Representatives, quantity: int, **changes: Any) -> MandateRequest:
    return MandateRequest(people.account, people.block(quantity).block_id, quantity, **changes)


def free_units(people: Representatives, block_id: str) -> int:
    holdings = people.delegated.holdings(people.token(people.account), people.account)
    [block] = [block for block in holdings if block.block_id == block_id]
    return block.quantity_available


def test_only_the_accounts_that_a_person_represents_are_listed(people):
    people.token(people.other)
    [account] = people.delegated.accounts(people.token(people.account))
    assert (account.account_id, account.status) == (people.account, "open")
    assert account.holder_name
    both = people.delegated.accounts(people.token(people.account, people.other))
    assert sorted(each.account_id for each in both) == sorted([people.account, people.other])
    assert people.delegated.accounts(people.token()) == []


def test_holdings_are_listed_whole(people):
    blocks = list(people.delegated.holdings(people.token(people.account), people.account))
    assert len({block.block_id for block in blocks}) == len(blocks) > 1
    theirs = list(people.delegated.holdings(people.token(people.other), people.other))
    assert not {block.block_id for block in theirs} & {block.block_id for block in blocks}
    assert all(0 <= block.quantity_available <= block.serial.count for block in blocks)


def test_units_are_earmarked_and_no_longer_free(people):
    token, request = people.token(people.account), asked(people, 5)
    before = free_units(people, request.block_id)
    mandate = people.delegated.grant(token, request, key())
    assert (mandate.account_id, mandate.block.block_id, mandate.quantity) == (
        people.account,
        request.block_id,
        5,
    )
    assert (mandate.status, mandate.quantity_remaining, mandate.expires_at) == ("active", 5, None)
    assert mandate.block.quantity_available == before - 5
    assert free_units(people, request.block_id) == before - 5
    assert people.delegated.mandate(token, mandate.mandate_id) == mandate
    assert people.registry.mandate(mandate.mandate_id) == mandate  # the platform sees the same


def test_a_mandate_may_end_by_itself(people):
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    mandate = people.delegated.grant(people.token(people.account), asked(people, 2, expires_at=until), key())
    assert mandate.expires_at == until


def test_the_platform_cancels_inside_what_was_granted(people):
    mandate = people.delegated.grant(people.token(people.account), asked(people, 4), key())
    people.registry.cancel(request_for(mandate, 3), key())
    assert refusal(people.registry.cancel, request_for(mandate, 2), key()) == "insufficient_units"
    assert people.delegated.mandate(people.token(people.account), mandate.mandate_id).quantity_remaining == 1


def test_what_remains_of_a_revoked_mandate_is_free_again(people):
    token, request = people.token(people.account), asked(people, 6)
    before = free_units(people, request.block_id)
    mandate = people.delegated.grant(token, request, key())
    people.registry.cancel(request_for(mandate, 2), key())
    revoked = people.delegated.revoke(token, mandate.mandate_id)
    assert (revoked.mandate_id, revoked.status, revoked.quantity_remaining) == (
        mandate.mandate_id,
        "revoked",
        0,
    )
    assert free_units(people, request.block_id) == before - 2
    assert refusal(people.registry.cancel, request_for(mandate, 1), key()) == "mandate_revoked"


def test_revoking_twice_is_as_once(people):
    token, request = people.token(people.account), asked(people, 6)
    before = free_units(people, request.block_id)
    mandate = people.delegated.grant(token, request, key())
    first = people.delegated.revoke(token, mandate.mandate_id)
    assert people.delegated.revoke(token, mandate.mandate_id).status == first.status == "revoked"
    assert free_units(people, request.block_id) == before


def test_the_same_key_earmarks_once(people):
    token, request, same = people.token(people.account), asked(people, 5), key()
    before = free_units(people, request.block_id)
    first = people.delegated.grant(token, request, same)
    assert people.delegated.grant(token, request, same) == first
    assert free_units(people, request.block_id) == before - 5
    assert (
        refusal(people.delegated.grant, token, replace(request, quantity=6), same) == "idempotency_mismatch"
    )


@pytest.mark.parametrize("acted", [True, False])
def test_an_answer_lost_is_asked_for_again_with_the_same_key(people, acted):
    token, request, same = people.token(people.account), asked(people, 5), key()
    before = free_units(people, request.block_id)
    people.lose_answer("grant", acted=acted)
    with pytest.raises(OutcomeUnknown):
        people.delegated.grant(token, request, same)
    assert people.delegated.grant(token, request, same).quantity == 5
    assert free_units(people, request.block_id) == before - 5


@pytest.mark.parametrize("acted", [True, False])
def test_a_revocation_whose_answer_is_lost_is_looked_up(people, acted):
    token = people.token(people.account)
    mandate = people.delegated.grant(token, asked(people, 5), key())
    people.lose_answer("revoke", acted=acted)
    with pytest.raises(OutcomeUnknown):
        people.delegated.revoke(token, mandate.mandate_id)
    now = people.delegated.mandate(token, mandate.mandate_id)
    assert now.status == ("revoked" if acted else "active")


def test_nobody_acts_on_an_account_that_they_do_not_represent(people):
    mandate = people.delegated.grant(people.token(people.account), asked(people, 3), key())
    stranger = people.token(people.other)
    delegated = people.delegated
    assert refusal(delegated.holdings, stranger, people.account) == "forbidden"
    assert refusal(delegated.grant, stranger, asked(people, 3), key()) == "forbidden"
    assert refusal(delegated.mandate, stranger, mandate.mandate_id) == "forbidden"
    assert refusal(delegated.revoke, stranger, mandate.mandate_id) == "forbidden"
    assert people.registry.mandate(mandate.mandate_id).status == "active"


def test_a_block_of_another_account_is_not_there(people):
    [theirs, *_] = people.delegated.holdings(people.token(people.other), people.other)
    request = MandateRequest(people.account, theirs.block_id, 1)
    both = people.token(people.account, people.other)
    assert refusal(people.delegated.grant, both, request, key()) == "not_found"


def test_a_scope_is_needed_for_each_act(people):
    mandate = people.delegated.grant(people.token(people.account), asked(people, 3), key())
    reader, writer = (people.token(people.account, scope=one) for one in BOTH.split())
    assert refusal(people.delegated.grant, reader, asked(people, 1), key()) == "forbidden"
    assert refusal(people.delegated.revoke, reader, mandate.mandate_id) == "forbidden"
    assert refusal(people.delegated.accounts, writer) == "forbidden"
    assert refusal(people.delegated.holdings, writer, people.account) == "forbidden"
    assert refusal(people.delegated.mandate, writer, mandate.mandate_id) == "forbidden"


def test_a_token_that_the_registry_does_not_know_opens_nothing(people):
    delegated, unknown = people.delegated, "no.such.token"
    assert refusal(delegated.accounts, unknown) == "unauthenticated"
    assert refusal(delegated.holdings, unknown, people.account) == "unauthenticated"
    assert refusal(delegated.grant, unknown, asked(people, 1), key()) == "unauthenticated"
    assert refusal(delegated.mandate, unknown, "mandate-1") == "unauthenticated"
    assert refusal(delegated.revoke, unknown, "mandate-1") == "unauthenticated"


def test_units_that_cannot_be_earmarked(people):
    token = people.token(people.account)
    block = people.block(3)
    most = block.quantity_available
    request = MandateRequest(people.account, block.block_id, most + 1)
    assert refusal(people.delegated.grant, token, request, key()) == "insufficient_units"
    people.freeze(block)
    request = MandateRequest(people.account, block.block_id, 1)
    assert refusal(people.delegated.grant, token, request, key()) == "block_not_available"


def test_a_suspended_account_earmarks_nothing(people):
    token, request = people.token(people.account), asked(people, 3)
    people.suspend(people.account)
    assert refusal(people.delegated.grant, token, request, key()) == "account_suspended"
    assert [each.status for each in people.delegated.accounts(token)] == ["suspended"]


@pytest.mark.parametrize(
    "changes", [{"quantity": 0}, {"quantity": -1}, {"expires_at": datetime(2026, 1, 1, tzinfo=UTC)}]
)
def test_what_the_contract_does_not_allow(people, changes):
    token, request, same = people.token(people.account), asked(people, 3), key()
    assert refusal(people.delegated.grant, token, replace(request, **changes), same) == "validation_error"
    # The key is still unused: the corrected request may have it.
    assert people.delegated.grant(token, request, same).quantity == 3


@pytest.mark.parametrize("length", [0, 256])
def test_a_key_has_1_to_255_characters(people, length):
    code = refusal(people.delegated.grant, people.token(people.account), asked(people, 1), "k" * length)
    assert code == "validation_error"


def test_what_is_not_there(people):
    token = people.token(people.account)
    assert refusal(people.delegated.mandate, token, "no-such-mandate") == "not_found"
    assert refusal(people.delegated.revoke, token, "no-such-mandate") == "not_found"
    assert refusal(people.delegated.holdings, token, "no-such-account") == "forbidden"
    request = MandateRequest(people.account, "no-such-block", 1)
    assert refusal(people.delegated.grant, token, request, key()) == "not_found"
