"""A cancellation inside a mandate: which units go, what is answered, what is refused."""

from uuid import uuid4

import pytest

from tests.sandbox.registry.conftest import cancel, request_for


def test_units_are_cancelled_at_once(service, mandate, ledger):
    first = ledger(mandate["mandate_id"])["earmarked_ranges"][0][0]
    answer = cancel(service, request_for(mandate, "at-once", 25, reason="Because"))
    assert answer.status_code == 201
    body = answer.json()
    assert [(each["start"], each["end"]) for each in body["serial_ranges"]] == [(first, first + 24)]
    prefix = mandate["block"]["prefix"]
    assert body["serial_ranges"][0]["printed"] == f"{prefix}-{first:06d}-{first + 24:06d}"
    assert body["status"] == "completed"
    assert body["attestation"]["issued_at"] == body["completed_at"]
    assert service.get(f"/v1/cancellations/{body['cancellation_id']}").json() == body
    books = ledger(mandate["mandate_id"])
    assert (books["remaining"], books["cancelled"]) == (mandate["quantity"] - 25, 25)
    assert books["cancellations"][0]["reason"] == "Because"


def test_the_next_cancellation_takes_the_next_serials(service, mandate):
    one = cancel(service, request_for(mandate, "next-1", 5)).json()
    two = cancel(service, request_for(mandate, "next-2", 5)).json()
    assert two["serial_ranges"][0]["start"] == one["serial_ranges"][0]["end"] + 1


def test_scattered_units_come_in_several_ranges(service, seeded, ledger):
    block = next(block for block in seeded for each in block["mandates"] if each["quantity"] == 250)
    first = block["first"]
    body = cancel(service, request_for(block["mandates"][0], "scattered", 60)).json()
    assert [(each["start"] - first, each["end"] - first) for each in body["serial_ranges"]] == [
        (0, 9),
        (50, 74),
        (150, 174),
    ]
    assert ledger(block["mandates"][0]["mandate_id"])["cancelled"] == 60


def test_the_last_unit_exhausts_the_mandate(service, seeded):
    (ten,) = (each for block in seeded for each in block["mandates"] if each["quantity"] == 10)
    assert cancel(service, request_for(ten, "all-ten", 10)).status_code == 201
    mandate = service.get(f"/v1/mandates/{ten['mandate_id']}").json()
    assert (mandate["status"], mandate["quantity_remaining"]) == ("exhausted", 0)
    refused = cancel(service, request_for(ten, "eleventh", 1))
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_units")


@pytest.mark.parametrize("quantity", [10**7, 10**30])
def test_more_than_the_mandate_has_is_refused_whole(service, mandate, ledger, quantity):
    refused = cancel(service, request_for(mandate, f"too-many-{quantity}", quantity))
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_units")
    assert ledger(mandate["mandate_id"])["remaining"] == mandate["quantity"]


def test_a_client_reference_is_used_once_for_ever(service, mandate):
    first = cancel(service, request_for(mandate, "for-ever"), key="one").json()
    again = cancel(service, request_for(mandate, "for-ever", 2), key="two")
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_client_reference")
    assert again.json()["cancellation_id"] == first["cancellation_id"]


def test_a_reference_finds_its_cancellation(service, mandate):
    done = cancel(service, request_for(mandate, "lost & found", 3)).json()
    found = service.get("/v1/cancellations", params={"client_reference": "lost & found"}).json()
    assert found == {"items": [done], "next_cursor": None}
    none = service.get("/v1/cancellations", params={"client_reference": "never seen"}).json()
    assert none == {"items": [], "next_cursor": None}


def test_units_not_authorized_for_voluntary_use_are_refused(service, seeded):
    tried = 0
    for block in seeded:
        authorization = block["authorization"]
        voluntary = authorization["status"] == "authorized" and "OP" in authorization["uses"]
        if block["unit_class"] == "AER" and not voluntary and block["status"] == "active":
            for each in block["mandates"]:
                refused = cancel(service, request_for(each, f"not-authorized-{each['mandate_id']}"))
                assert (refused.status_code, refused.json()["code"]) == (422, "purpose_not_authorized")
                tried += 1
    assert tried >= 6


@pytest.mark.parametrize(
    "status, code",
    [("revoked", "mandate_revoked"), ("expired", "mandate_revoked"), ("suspended", "mandate_revoked")],
)
def test_a_mandate_that_is_not_active_cancels_nothing(service, seeded, status, code):
    each = next(each for block in seeded for each in block["mandates"] if each["status"] == status)
    assert service.get(f"/v1/mandates/{each['mandate_id']}").json()["status"] == status
    refused = cancel(service, request_for(each, f"ended-{status}"))
    assert (refused.status_code, refused.json()["code"]) == (403, code)


@pytest.mark.parametrize("status", ["frozen", "moved"])
def test_a_block_that_is_not_active_cancels_nothing(service, seeded, status):
    block = next(block for block in seeded if block["status"] == status)
    refused = cancel(service, request_for(block["mandates"][0], f"block-{status}"))
    assert (refused.status_code, refused.json()["code"]) == (409, "block_not_available")


def test_a_suspended_account_cancels_nothing(service, control, mandate):
    account = mandate["block"]["account_id"]
    control.post(f"/accounts/{account}/suspend").raise_for_status()
    try:
        assert service.get(f"/v1/mandates/{mandate['mandate_id']}").json()["status"] == "suspended"
        refused = cancel(service, request_for(mandate, "suspended"))
    finally:
        control.post(f"/accounts/{account}/reopen").raise_for_status()
    assert (refused.status_code, refused.json()["code"]) == (403, "account_suspended")
    assert cancel(service, request_for(mandate, "reopened")).status_code == 201


def test_an_unknown_mandate_is_not_found(service):
    refused = cancel(service, request_for({"mandate_id": "MND-999999"}, "nowhere"))
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "change, field",
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": 1.5}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"quantity": "5"}, "quantity"),
        ({"purpose": "offset"}, "purpose"),
        ({"client_reference": ""}, "client_reference"),
        ({"client_reference": "x" * 65}, "client_reference"),
        ({"reason": "x" * 257}, "reason"),
        ({"colour": "green"}, "colour"),
        ({"beneficiary": {"type": "individual"}}, "beneficiary.disclosure"),
        ({"beneficiary": {"type": "robot", "disclosure": "public"}}, "beneficiary.type"),
        (
            {"beneficiary": {"type": "individual", "disclosure": "anonymous", "name": "A. Person"}},
            "beneficiary.name",
        ),
        (
            {"beneficiary": {"type": "individual", "disclosure": "public", "country": "MWI"}},
            "beneficiary.country",
        ),
    ],
)
def test_what_the_contract_does_not_allow_is_named(service, mandate, change, field):
    refused = cancel(service, request_for(mandate, str(uuid4())) | change, key=str(uuid4()))
    assert (refused.status_code, refused.json()["code"]) == (422, "validation_error")
    assert refused.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"quantity": NaN}', b'{"reason": "\\ud800"}'])
def test_a_body_that_is_no_json_object_is_refused(service, raw):
    headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
    refused = service.post("/v1/cancellations", content=raw, headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body")


def test_the_first_cancellation_may_be_the_first_transfer(service, seeded):
    block = next(
        block
        for block in seeded
        if block["authorization"]["first_transfer"] == "use_or_cancellation"
        and block["first_transferred_at"] is None
        and block["mandates"]
        and "OP" in block["authorization"]["uses"]
        and block["mandates"][0]["mandate_id"] not in {"MND-000001", "MND-000002"}
    )
    done = cancel(service, request_for(block["mandates"][0], "first-transfer")).json()
    after = service.get(f"/v1/mandates/{block['mandates'][0]['mandate_id']}").json()
    assert after["block"]["first_transferred_at"] == done["completed_at"]
