"""Accounts, holdings and mandates, as the persons who represent an account and as the platform see them."""

import time
from datetime import UTC, datetime, timedelta

import pytest

SCOPES = "activities:read holdings:read mandates:write"


@pytest.fixture
def free_block(seeded):
    """An active block without a mandate."""
    return next(block for block in seeded if not block["mandates"] and block["status"] == "active")


@pytest.fixture
def person(registry, connect, mint, free_block):
    """Who represents the account of the free block."""
    return connect(registry.url, mint(sub="a-person", scope=SCOPES, accounts=[free_block["account_id"]]))


def grant(person, block, quantity, key, **more):
    body = {"block_id": block["block_id"], "quantity": quantity, **more}
    return person.post(
        f"/v1/accounts/{block['account_id']}/mandates", json=body, headers={"Idempotency-Key": key}
    )


def held(person, block):
    url = f"/v1/accounts/{block['account_id']}/holdings"
    items = person.get(url, params={"limit": 500}).json()["items"]
    return next(each for each in items if each["block_id"] == block["block_id"])


def test_a_person_sees_the_accounts_and_their_holdings(person, free_block, seeded):
    (account,) = person.get("/v1/accounts").json()["items"]
    assert (account["account_id"], account["status"]) == (free_block["account_id"], "open")
    url = f"/v1/accounts/{free_block['account_id']}/holdings"
    blocks = person.get(url, params={"limit": 500}).json()["items"]
    own = {each["block_id"] for each in seeded if each["account_id"] == free_block["account_id"]}
    assert {each["block_id"] for each in blocks} == own


def test_granting_earmarks_and_revoking_releases(person, service, free_block):
    before = held(person, free_block)["quantity_available"]
    granted = grant(person, free_block, 40, "grant-and-revoke")
    assert granted.status_code == 201
    mandate = granted.json()
    assert (mandate["status"], mandate["quantity_remaining"], mandate["granted_by"]) == (
        "active",
        40,
        "a-person",
    )
    assert mandate["block"]["quantity_available"] == before - 40
    assert service.get(f"/v1/mandates/{mandate['mandate_id']}").json() == mandate
    assert grant(person, free_block, 40, "grant-and-revoke").json() == mandate
    assert held(person, free_block)["quantity_available"] == before - 40
    revoked = person.delete(f"/v1/mandates/{mandate['mandate_id']}").json()
    assert (revoked["status"], revoked["quantity_remaining"]) == ("revoked", 0)
    assert person.delete(f"/v1/mandates/{mandate['mandate_id']}").json() == revoked
    assert held(person, free_block)["quantity_available"] == before


def test_no_more_can_be_granted_than_there_is(person, free_block):
    before = held(person, free_block)["quantity_available"]
    for quantity in (before + 1, 10**30):
        refused = grant(person, free_block, quantity, f"too-many-{quantity}")
        assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_units")
    assert held(person, free_block)["quantity_available"] == before


def test_a_mandate_ends_at_its_time(person, service, free_block):
    before = held(person, free_block)["quantity_available"]
    soon = datetime.now(UTC) + timedelta(seconds=3)  # long enough for the grant itself
    mandate = grant(person, free_block, 40, f"expiry-{soon}", expires_at=soon.isoformat()).json()
    while datetime.now(UTC) <= soon:
        time.sleep(0.05)
    expired = service.get(f"/v1/mandates/{mandate['mandate_id']}").json()
    assert (expired["status"], expired["quantity_remaining"]) == ("expired", 0)
    assert held(person, free_block)["quantity_available"] == before


@pytest.mark.parametrize("expires_at", ["2020-01-01T00:00:00Z", "tomorrow", "2099-01-01T00:00:00", 5])
def test_an_end_must_be_a_moment_to_come(person, free_block, expires_at):
    refused = grant(person, free_block, 1, f"end-{expires_at}", expires_at=expires_at)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "expires_at")


def test_a_frozen_block_cannot_be_granted(person, control, free_block):
    control.post(f"/blocks/{free_block['block_id']}/freeze").raise_for_status()
    try:
        refused = grant(person, free_block, 1, "frozen")
    finally:
        control.post(f"/blocks/{free_block['block_id']}/unfreeze").raise_for_status()
    assert (refused.status_code, refused.json()["code"]) == (409, "block_not_available")


def test_a_suspended_account_grants_nothing(person, control, free_block):
    control.post(f"/accounts/{free_block['account_id']}/suspend").raise_for_status()
    try:
        refused = grant(person, free_block, 1, "suspended-account")
    finally:
        control.post(f"/accounts/{free_block['account_id']}/reopen").raise_for_status()
    assert (refused.status_code, refused.json()["code"]) == (403, "account_suspended")


@pytest.mark.parametrize("action, status", [("freeze", "frozen"), ("move", "moved"), ("unfreeze", "active")])
def test_a_change_of_the_block_shows_in_its_mandate(service, control, mandate, action, status):
    before = service.get(f"/v1/mandates/{mandate['mandate_id']}").json()
    control.post(f"/blocks/{mandate['block']['block_id']}/{action}").raise_for_status()
    after = service.get(f"/v1/mandates/{mandate['mandate_id']}").json()
    assert after["block"]["status"] == status
    assert after["updated_at"] > before["updated_at"]


@pytest.mark.parametrize(
    "action, status",
    [("revoke", "revoked"), ("expire", "expired"), ("suspend", "suspended"), ("resume", "active")],
)
def test_the_registry_can_end_or_suspend_a_mandate(service, control, mandate, action, status):
    control.post(f"/mandates/{mandate['mandate_id']}/{action}").raise_for_status()
    assert service.get(f"/v1/mandates/{mandate['mandate_id']}").json()["status"] == status


def test_an_authorization_can_change(service, control, mandate):
    wanted = {"status": "authorized", "uses": ["NDC"], "reference": "LoA-X", "first_transfer": "issuance"}
    control.put(f"/blocks/{mandate['block']['block_id']}/authorization", json=wanted).raise_for_status()
    assert service.get(f"/v1/mandates/{mandate['mandate_id']}").json()["block"]["authorization"] == wanted
