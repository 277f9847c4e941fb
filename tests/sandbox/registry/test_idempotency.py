"""The Idempotency-Key: act once, replay the first answer."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sandbox.registry.conftest import cancel, request_for


def test_the_same_key_and_body_replay_the_first_answer(service, mandate, ledger):
    body = request_for(mandate, "replayed", 7)
    first = cancel(service, body)
    # The order of the members is no difference in the body.
    again = cancel(service, dict(reversed(body.items())))
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert ledger(mandate["mandate_id"])["cancelled"] == 7


def test_the_same_key_with_another_body_is_refused(service, mandate, ledger):
    cancel(service, request_for(mandate, "mismatch-1", 7), key="mismatch")
    refused = cancel(service, request_for(mandate, "mismatch-2", 7), key="mismatch")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_mismatch")
    assert ledger(mandate["mandate_id"])["cancelled"] == 7


def test_a_refusal_is_replayed_even_when_it_would_be_granted_now(service, control, mandate):
    block = mandate["block"]["block_id"]
    control.post(f"/blocks/{block}/freeze").raise_for_status()
    body = request_for(mandate, "refused-first")
    first = cancel(service, body, key="refused-first")
    control.post(f"/blocks/{block}/unfreeze").raise_for_status()
    again = cancel(service, body, key="refused-first")
    assert (first.status_code, first.json()["code"]) == (409, "block_not_available")
    assert (again.status_code, again.json()) == (409, first.json())
    assert cancel(service, body, key="refused-then").status_code == 201


def test_an_invalid_request_leaves_its_key_unused(service, mandate):
    assert cancel(service, request_for(mandate, "put-right", 0)).status_code == 422
    assert cancel(service, request_for(mandate, "put-right", 1)).status_code == 201


def test_a_key_whose_first_request_is_running_is_in_progress(service, control, mandate, fault, ledger):
    fault("slow", seconds=60)
    body = request_for(mandate, "running", 4)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(cancel, service, body, timeout=70)
        while not (refused := cancel_in_progress(service, control, body)):
            time.sleep(0.01)
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_in_progress")
        control.delete("/faults")
        assert slow.result().status_code == 201
    assert cancel(service, body).json() == slow.result().json()
    assert ledger(mandate["mandate_id"])["cancelled"] == 4


def cancel_in_progress(service, control, body):
    """Ask with the same key as soon as the slow call has taken the fault, never before it."""
    return None if control.get("/faults").json()["items"] else cancel(service, body)


def test_the_same_key_for_another_account_is_another_body(registry, connect, mint):
    accounts = ["MW-ACC-100017", "BR-ACC-100025"]
    person = connect(registry.url, mint(sub="both", scope="mandates:write", accounts=accounts))
    body, headers = {"block_id": "BLK-99999", "quantity": 1}, {"Idempotency-Key": "which"}
    assert person.post(f"/v1/accounts/{accounts[0]}/mandates", json=body, headers=headers).status_code == 404
    refused = person.post(f"/v1/accounts/{accounts[1]}/mandates", json=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_mismatch")


@pytest.mark.parametrize("key", [None, "", "k" * 256])
def test_a_key_is_needed(service, mandate, ledger, key):
    headers = {} if key is None else {"Idempotency-Key": key}
    refused = service.post("/v1/cancellations", json=request_for(mandate, f"key-{key}"), headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert ledger(mandate["mandate_id"])["cancelled"] == 0
