"""Who gets through the registry's door with which token, for every operation of the contract."""

import inspect
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import yaml

from app.integrations.errors import Refused, TryAgain
from app.integrations.registry.client import HttpRegistry
from app.integrations.registry.delegated_client import HttpDelegatedRegistry
from app.integrations.registry.interface import DelegatedRegistry, MandateRequest, Registry
from tests.boundary.conftest import Door
from tests.boundary.issuers import FORGED
from tests.integrations.registry.worlds import request_for
from tests.quality.tree import ROOT

CONTRACT = yaml.safe_load((ROOT / "contract" / "registry-api.yaml").read_text(encoding="utf-8"))
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation.get("security", CONTRACT["security"]))
    for path, methods in CONTRACT["paths"].items()
    for method, operation in methods.items()
    if method in {"get", "post", "put", "patch", "delete"}
}
GUARDED = {name: found for name, found in OPERATIONS.items() if found[2]}
BODIES = {
    "grantMandate": {"block_id": "BLK-1", "quantity": 1},
    "requestCancellation": {
        "mandate_id": "MND-000001",
        "quantity": 1,
        "purpose": "other",
        "client_reference": "of-the-boundary",
        "beneficiary": {"type": "individual", "disclosure": "anonymous"},
    },
}
# What the contract does not have: no token makes it be there.
NOT_THERE = [
    ("POST", "/v1/transfers"),
    ("POST", "/v1/accounts/{account}/transfers"),
    ("POST", "/v1/blocks/BLK-1/transfer"),
    ("POST", "/v1/accounts/{account}/cancellations"),
    ("DELETE", "/v1/cancellations/C-1"),
    ("POST", "/v1/mandates"),
    ("GET", "/v1/blocks"),
    ("GET", "/v1/users"),
    ("PUT", "/v1/accounts/{account}"),
]


def kinds_for(name: str) -> set[str]:
    return {kind for alternative in GUARDED[name][2] for kind in alternative}


def address(door: Door, name: str, account: str | None = None) -> tuple[str, str]:
    method, path, _ = OPERATIONS[name]
    account = account or door.accounts[0]
    values = {
        "activity_ref": "A6.4-MW-001042",
        "account_id": account,
        "mandate_id": door.mandate_of(account)["mandate_id"],
        "cancellation_id": "C-000001",
    }
    return method, path.format(**values)


def code(door: Door, name: str, token: str | None, account: str | None = None) -> tuple[int, str]:
    method, path = address(door, name, account)
    return door.code(method, path, token, BODIES.get(name))


def test_the_contract_is_walked_whole():
    assert len(GUARDED) == len(OPERATIONS) - 1 == 11
    assert {kind for name in GUARDED for kind in kinds_for(name)} == {"service", "delegated"}


# The good ones, or what follows would say nothing.


def test_the_platforms_own_token_reads_what_it_may(door: Door):
    for name in ("listActivities", "listMandates", "listCancellations", "getMandate"):
        assert code(door, name, door.token("service")) == (200, ""), name


def test_a_persons_token_reads_what_is_theirs(door: Door):
    mine = door.accounts[0]
    token = door.token("person", mine)
    for name in ("listActivities", "listAccounts", "listHoldings", "getMandate"):
        assert code(door, name, token) == (200, ""), name
    assert [account.account_id for account in door.delegated.accounts(token)] == [mine]


# The bad ones.


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("kind", ["public", "expired", "wrong_audience"])
def test_a_token_that_is_not_for_the_registry_is_none(door: Door, kind: str, name: str):
    assert code(door, name, door.token(kind)) == (401, "unauthenticated")


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_none(door: Door, forge: Any, name: str):
    kind, *whose = ("person", door.accounts[0]) if kinds_for(name) == {"delegated"} else ("service",)
    assert code(door, name, forge(door.token(kind, *whose), door.issuer.issuer)) == (401, "unauthenticated")


@pytest.mark.parametrize("name", GUARDED)
def test_no_token_is_no_token(door: Door, name: str):
    for token in (None, "no.such.token", "Bearer"):
        assert code(door, name, token) == (401, "unauthenticated")


@pytest.mark.parametrize("name", [name for name in GUARDED if "service" not in kinds_for(name)])
def test_the_platforms_own_token_does_nothing_that_is_a_persons(door: Door, name: str):
    assert code(door, name, door.token("service")) == (403, "forbidden")


@pytest.mark.parametrize("name", [name for name in GUARDED if "delegated" not in kinds_for(name)])
def test_a_persons_token_does_nothing_that_is_the_platforms(door: Door, name: str):
    assert code(door, name, door.token("person", *door.accounts)) == (403, "forbidden")


def test_a_person_who_represents_one_account_does_nothing_on_another(door: Door):
    mine, theirs = door.accounts
    token, delegated = door.token("person", mine), door.delegated
    for name in ("listHoldings", "grantMandate", "getMandate", "revokeMandate"):
        assert code(door, name, token, theirs) == (403, "forbidden"), name
    [block, *_] = delegated.holdings(door.token("person", theirs), theirs)
    for account in (mine, theirs):
        with pytest.raises(Refused) as raised:
            delegated.grant(token, MandateRequest(account, block.block_id, 1), uuid4().hex)
        assert raised.value.code == {mine: "not_found", theirs: "forbidden"}[account]
    assert door.platform.mandate(door.mandate_of(theirs)["mandate_id"]).status == "active"


def test_a_person_without_an_account_has_none(door: Door):
    token = door.token("person")
    for name in ("listHoldings", "grantMandate", "getMandate", "revokeMandate"):
        assert code(door, name, token) == (403, "forbidden"), name


@pytest.mark.parametrize("method, path", NOT_THERE)
def test_what_the_contract_does_not_have_no_token_opens(door: Door, method: str, path: str):
    account = door.accounts[0]
    for token in (door.token("service"), door.token("person", account)):
        status, problem = door.code(method, path.format(account=account), token, {"quantity": 1})
        assert (status in (404, 405), problem) == (True, "not_found")


def test_the_clients_have_no_call_beyond_the_contract():
    for client, interface in ((HttpRegistry, Registry), (HttpDelegatedRegistry, DelegatedRegistry)):
        calls = {
            name for name, _ in inspect.getmembers(client, inspect.isfunction) if not name.startswith("_")
        }
        assert calls - {"close"} == {name for name in vars(interface) if not name.startswith("_")}
    text = "".join(
        (ROOT / "app").joinpath(name).read_text()
        for name in ("integrations/registry/client.py", "integrations/registry/delegated_client.py")
    )
    assert "transfer" not in text


# Cancelling inside a mandate, and nowhere else.


def refusal(door: Door, **changes: Any) -> str:
    granted = door.platform.mandate(door.mandate_of(door.accounts[0])["mandate_id"])
    request = replace(request_for(granted, 1), **changes)
    with pytest.raises(Refused) as raised:
        door.platform.cancel(request, uuid4().hex)
    assert door.platform.cancellation_by_reference(request.client_reference) is None
    return raised.value.code


def grant(door: Door, quantity: int) -> str:
    account = door.accounts[0]
    token, delegated = door.token("person", account), door.delegated
    for block in delegated.holdings(token, account):
        if (
            block.status == "active"
            and block.quantity_available >= quantity
            and "OP" in block.authorization.uses
        ):
            request = MandateRequest(account, block.block_id, quantity)
            return delegated.grant(token, request, uuid4().hex).mandate_id
    raise AssertionError("the seed has no such block")


def test_nothing_is_cancelled_without_a_mandate(door: Door):
    [block, *_] = door.delegated.holdings(door.token("person", door.accounts[0]), door.accounts[0])
    assert refusal(door, mandate_id="MND-999999") == "not_found"
    assert refusal(door, mandate_id=block.block_id) == "not_found"
    assert refusal(door, mandate_id="") == "not_found"


def test_no_more_is_cancelled_than_the_mandate_has(door: Door):
    mandate_id = grant(door, 3)
    assert refusal(door, mandate_id=mandate_id, quantity=4) == "insufficient_units"
    granted = door.platform.mandate(mandate_id)
    assert door.platform.cancel(request_for(granted, 3), uuid4().hex).status == "completed"
    assert refusal(door, mandate_id=mandate_id) == "insufficient_units"


def test_nothing_is_cancelled_once_the_mandate_is_taken_back(door: Door):
    mandate_id = grant(door, 3)
    door.delegated.revoke(door.token("person", door.accounts[0]), mandate_id)
    assert refusal(door, mandate_id=mandate_id) == "mandate_revoked"


def test_the_platforms_client_with_another_token_cancels_nothing(door: Door):
    granted = door.platform.mandate(door.mandate_of(door.accounts[0])["mandate_id"])
    for kind, *whose in (("public",), ("expired",), ("wrong_audience",), ("person", door.accounts[0])):
        client = door.platform_with(door.token(kind, *whose))
        request = request_for(granted, 1)
        with pytest.raises((Refused, TryAgain)) as raised:
            client.cancel(request, uuid4().hex)
        assert raised.value.code == ("forbidden" if whose else "unauthenticated")
        assert door.platform.cancellation_by_reference(request.client_reference) is None
