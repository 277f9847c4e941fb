"""The registry client against prepared answers: what it sends, what it accepts, what it calls an error."""

import json
import logging
from datetime import UTC, date, datetime, timedelta, timezone

import httpx
import pytest

from app.integrations.errors import NeighbourError, OutcomeUnknown, Refused, TryAgain
from app.integrations.registry.interface import (
    Activity,
    Attestation,
    Authorization,
    Beneficiary,
    Block,
    Cancellation,
    CancellationRequest,
    Document,
    DuplicateClientReference,
    Health,
    Mandate,
    SerialRange,
)
from tests.integrations.registry import answers
from tests.integrations.registry.answers import REQUEST, problem, registry

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def answered(body: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


def test_an_activity_is_read_whole():
    client, _ = registry(answers.page(answers.activity(unknown="ignored")))
    assert list(client.activities()) == [
        Activity(
            activity_ref="A6.4-MW-001042",
            title="Sample cookstoves, Zomba",
            summary="Stoves.",
            kind="programme",
            host_party="MW",
            sectoral_scopes=(3,),
            technology="cookstoves",
            methodologies=("A6.4-AMM-002",),
            participants=("Sample Stoves Ltd",),
            sdgs=(7, 13),
            crediting_start=date(2024, 1, 1),
            crediting_end=date(2028, 12, 31),
            documents=(Document("Design", "https://registry.test/d/1"),),
            status="registered",
            updated_at=datetime(2026, 11, 1, 10, tzinfo=UTC),
        )
    ]


def test_an_activity_may_say_no_more_than_it_must():
    least = answers.activity()
    for name in (
        "summary",
        "methodologies",
        "participants",
        "sdgs",
        "crediting_period",
        "documents",
    ):
        del least[name]
    client, _ = registry(answers.page(least))
    (activity,) = client.activities()
    assert (activity.summary, activity.methodologies, activity.participants) == ("", (), ())
    assert (activity.sdgs, activity.documents) == ((), ())
    assert (activity.crediting_start, activity.crediting_end) == (None, None)


def test_a_document_that_no_page_may_link_to_is_left_out():
    documents = [
        {"title": "Bad", "url": "javascript:alert(1)"},
        {"title": "Worse", "url": "javascript://registry.test/%0aalert(1)"},
        {"title": "None", "url": "https:///nowhere"},
        {"title": "Odd", "url": "https://[broken"},
        {"title": "Good", "url": "http://registry.test/d"},
    ]
    client, _ = registry(answers.page(answers.activity(documents=documents)))
    (activity,) = client.activities()
    assert activity.documents == (Document("Good", "http://registry.test/d"),)


def test_a_mandate_is_read_whole():
    client, asked = registry(answered(answers.mandate()))
    assert client.mandate("mandate-1") == Mandate(
        mandate_id="mandate-1",
        account_id="account-1",
        block=Block(
            block_id="block-1",
            activity_ref="A6.4-MW-001042",
            issuance_ref="MW-001042-I1",
            monitoring_start=date(2025, 1, 1),
            monitoring_end=date(2025, 12, 31),
            vintage=2025,
            unit_class="AER",
            authorization=Authorization("authorized", ("IMP", "OP"), "Sample letter", "use_or_cancellation"),
            first_transferred_at=None,
            serial=SerialRange("MW-64", 1, 1000, 1000, "MW-64-1-1000"),
            quantity_available=900,
            status="active",
        ),
        quantity=100,
        quantity_remaining=75,
        status="active",
        expires_at=datetime(2027, 12, 31, 22, 59, 59, tzinfo=UTC),
        granted_by="Sample Person",
        updated_at=datetime(2026, 11, 2, 10, 0, 0, 123456, tzinfo=UTC),
    )
    assert str(asked.requests[0].url) == "http://registry.test/v1/mandates/mandate-1"


def test_a_cancellation_is_sent_and_read_whole():
    client, asked = registry(answered(answers.cancellation(), 201))
    assert client.cancel(REQUEST, "key-1") == Cancellation(
        cancellation_id="cancellation-1",
        client_reference="VC-7K3M-29QD-1",
        mandate_id="mandate-1",
        quantity=25,
        status="completed",
        serial_ranges=(
            SerialRange("MW-64", 1, 10, 10, "MW-64-1-10"),
            SerialRange("MW-64", 31, 45, 15, "MW-64-31-45"),
        ),
        completed_at=NOON,
        attestation=Attestation("ATT-1", NOON, "https://registry.test/att/1"),
        rejection_code=None,
        rejection_detail=None,
        updated_at=NOON,
    )
    (sent,) = asked.requests
    assert (sent.method, str(sent.url)) == ("POST", "http://registry.test/v1/cancellations")
    assert sent.headers["Idempotency-Key"] == "key-1"
    assert sent.headers["Authorization"] == "Bearer token-1"
    assert json.loads(sent.content) == {
        "mandate_id": "mandate-1",
        "quantity": 25,
        "purpose": "voluntary_contribution",
        "client_reference": "VC-7K3M-29QD-1",
        "beneficiary": {
            "type": "organisation",
            "disclosure": "public",
            "name": "Sample Bakery",
            "country": "FR",
        },
        "reason": "Ovens of 2025",
    }


def test_the_name_of_who_stays_anonymous_is_never_sent():
    anonymous = Beneficiary("individual", "anonymous", name="Somebody", country=None)
    request = CancellationRequest("mandate-1", 25, "other", REQUEST.client_reference, anonymous)
    client, asked = registry(answered(answers.cancellation(), 201))
    client.cancel(request, "key-1")
    body = json.loads(asked.requests[0].content)
    assert body["beneficiary"] == {"type": "individual", "disclosure": "anonymous"}
    assert "reason" not in body


def test_a_rejection_is_read():
    rejected = answers.cancellation(
        status="rejected",
        serial_ranges=[],
        completed_at=None,
        attestation=None,
        rejection={"code": "block_not_available", "detail": "Moved."},
    )
    client, _ = registry(answered(rejected))
    read = client.cancellation("cancellation-1")
    assert (read.status, read.serial_ranges) == ("rejected", ())
    assert (read.rejection_code, read.rejection_detail) == ("block_not_available", "Moved.")


def test_health_needs_no_token():
    client, asked = registry(
        answered({"status": "maintenance", "contract_version": "1.0.0", "environment": "production"})
    )
    assert client.health() == Health("maintenance", "1.0.0", "production")
    assert "Authorization" not in asked.requests[0].headers


def without(item: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in item.items() if key != name}


ILL = [
    *(without(answers.cancellation(), name) for name in answers.cancellation() if name in (
        "cancellation_id", "client_reference", "mandate_id", "quantity", "status", "serial_ranges", "updated_at"
    )),
    answers.cancellation(cancellation_id=7),
    answers.cancellation(cancellation_id="a\0b"),
    answers.cancellation(cancellation_id="\ud800"),
    answers.cancellation(quantity="25"),
    answers.cancellation(quantity=25.0),
    answers.cancellation(quantity=True),
    answers.cancellation(quantity=0),
    answers.cancellation(status="done"),
    answers.cancellation(status=None),
    answers.cancellation(serial_ranges=None),
    answers.cancellation(serial_ranges={}),
    answers.cancellation(serial_ranges=[None]),
    answers.cancellation(serial_ranges=[answers.serial(1, 25, count=24)]),
    answers.cancellation(serial_ranges=[answers.serial(0, 24)]),
    answers.cancellation(serial_ranges=[without(answers.serial(1, 25), "printed")]),
    answers.cancellation(completed_at="2026-11-23T12:00:00"),
    answers.cancellation(completed_at="2026-11-23"),
    answers.cancellation(completed_at="2026-13-23T12:00:00Z"),
    answers.cancellation(completed_at="0001-01-01T00:00:00+23:59"),
    answers.cancellation(completed_at=1795435200),
    answers.cancellation(attestation={}),
    answers.cancellation(attestation=[]),
    answers.cancellation(attestation={"reference": "ATT-1"}),
    answers.cancellation(rejection={"code": "x"}),
    [],
    None,
    "completed",
]  # fmt: skip


@pytest.mark.parametrize("body", ILL)
def test_an_ill_answer_is_no_answer(body):
    content = json.dumps(body).encode()
    client, _ = registry(httpx.Response(201, content=content), httpx.Response(200, content=content))
    with pytest.raises(OutcomeUnknown) as unknown:
        client.cancel(REQUEST, "key-1")
    with pytest.raises(TryAgain) as again:
        client.cancellation("cancellation-1")
    assert unknown.value.code == again.value.code == "unreadable"


@pytest.mark.parametrize(
    "body",
    [
        answers.mandate(block=without(answers.block(), "authorization")),
        answers.mandate(block=answers.block(unit_class="CER")),
        answers.mandate(block=answers.block(vintage=2020)),
        answers.mandate(block=answers.block(quantity_available=-1)),
        answers.mandate(block=answers.block(monitoring_period={"start": "20250101", "end": "2025-12-31"})),
        answers.mandate(block=answers.block(monitoring_period={"start": "2025-W01-1", "end": "2025-12-31"})),
        answers.mandate(block=answers.block(authorization={"status": "authorized", "uses": ["ALL"]})),
        answers.mandate(block=answers.block(authorization={"status": "perhaps", "uses": []})),
        answers.mandate(status="paused"),
        answers.mandate(quantity_remaining=-1),
        answers.mandate(mandate_id="mandate-2"),
    ],
)
def test_an_ill_mandate_is_no_mandate(body):
    client, _ = registry(answered(body))
    with pytest.raises(TryAgain) as raised:
        client.mandate("mandate-1")
    assert raised.value.code == "unreadable"


@pytest.mark.parametrize(
    "item",
    [
        answers.activity(host_party="mw"),
        answers.activity(host_party="MWI"),
        answers.activity(sectoral_scopes=[0]),
        answers.activity(sectoral_scopes=[17]),
        answers.activity(sectoral_scopes="3"),
        answers.activity(sdgs=[18]),
        answers.activity(summary=None),
        answers.activity(methodologies=[1]),
        answers.activity(kind="idea"),
        answers.activity(documents=[{"title": "no address"}]),
        answers.activity(updated_at="yesterday"),
    ],
)
def test_of_a_page_with_an_ill_item_nothing_is_handed_out(item):
    client, _ = registry(answers.page(answers.activity(), item))
    with pytest.raises(TryAgain) as raised:
        next(client.activities())
    assert raised.value.code == "unreadable"


@pytest.mark.parametrize(
    "changes", [{"client_reference": "other"}, {"mandate_id": "other"}, {"quantity": 24}]
)
def test_an_answer_about_another_cancellation_is_no_answer(changes):
    client, _ = registry(answered(answers.cancellation(**changes), 201))
    with pytest.raises(OutcomeUnknown):
        client.cancel(REQUEST, "key-1")


def test_a_cancellation_read_by_id_is_that_one():
    client, _ = registry(answered(answers.cancellation()))
    with pytest.raises(TryAgain) as raised:
        client.cancellation("cancellation-2")
    assert raised.value.code == "unreadable"


def test_pages_are_fetched_as_they_are_used():
    first, second = answers.activity(), answers.activity(activity_ref="A6.4-MW-001043")
    client, asked = registry(answers.page(first, next_cursor="c&1"), answers.page(second), page_size=1)
    found = client.activities(datetime(2026, 11, 1, 13, 30, tzinfo=timezone(timedelta(hours=1))))
    assert asked.requests == []
    assert next(found).activity_ref == "A6.4-MW-001042"
    assert len(asked.requests) == 1
    assert [item.activity_ref for item in found] == ["A6.4-MW-001043"]
    assert [dict(request.url.params) for request in asked.requests] == [
        {"updated_since": "2026-11-01T12:30:00Z", "limit": "1"},
        {"updated_since": "2026-11-01T12:30:00Z", "limit": "1", "cursor": "c&1"},
    ]


def test_every_list_has_its_own_path():
    client, asked = registry(
        answers.page(answers.mandate()), answers.page(answers.cancellation()), answers.page()
    )
    assert [item.mandate_id for item in client.mandates()] == ["mandate-1"]
    assert [item.cancellation_id for item in client.cancellations()] == ["cancellation-1"]
    assert list(client.activities()) == []
    assert [request.url.path for request in asked.requests] == [
        "/v1/mandates",
        "/v1/cancellations",
        "/v1/activities",
    ]


def test_a_list_that_turns_in_a_circle_ends():
    client, _ = registry(answers.page(next_cursor="c"), answers.page(next_cursor="c"))
    with pytest.raises(TryAgain) as raised:
        list(client.activities())
    assert raised.value.code == "unreadable"


@pytest.mark.parametrize("body", [{"items": []}, {"items": [], "next_cursor": 1}, {"next_cursor": None}])
def test_a_page_without_its_parts_is_unreadable(body):
    client, _ = registry(answered(body))
    with pytest.raises(TryAgain) as raised:
        list(client.mandates())
    assert raised.value.code == "unreadable"


def test_a_moment_without_zone_is_our_own_mistake():
    client, _ = registry()
    with pytest.raises(ValueError, match="zone"):
        list(client.activities(datetime(2026, 11, 1)))


def test_by_reference_finds_or_finds_nothing():
    client, asked = registry(answers.page(answers.cancellation()), answers.page())
    found = client.cancellation_by_reference(REQUEST.client_reference)
    assert found is not None
    assert found.cancellation_id == "cancellation-1"
    assert asked.requests[0].url.params["client_reference"] == REQUEST.client_reference
    assert client.cancellation_by_reference(REQUEST.client_reference) is None


def test_by_reference_looks_at_every_page():
    client, _ = registry(answers.page(next_cursor="more"), answers.page(answers.cancellation()))
    assert client.cancellation_by_reference(REQUEST.client_reference) is not None


@pytest.mark.parametrize(
    "items",
    [
        [answers.cancellation(client_reference="other")],
        [answers.cancellation(), answers.cancellation(cancellation_id="cancellation-2")],
    ],
)
def test_by_reference_takes_nobody_elses(items):
    client, _ = registry(answers.page(*items))
    with pytest.raises(TryAgain) as raised:
        client.cancellation_by_reference(REQUEST.client_reference)
    assert raised.value.code == "unreadable"


@pytest.mark.parametrize("read", ["mandate", "cancellation"])
@pytest.mark.parametrize(
    "value", ["../cancellations?x=1#y", "..", ".", "", "a/../../b", "a%2Fb", "a\\b", "a\nb", "é", "a" * 201]
)
def test_what_could_leave_its_place_in_the_path_is_not_even_asked_for(read, value):
    client, asked = registry()
    with pytest.raises(Refused) as raised:
        getattr(client, read)(value)
    assert raised.value.code == "not_found"
    assert asked.requests == []


@pytest.mark.parametrize(
    "status, code",
    [
        (403, "forbidden"),
        (403, "account_suspended"),
        (403, "mandate_revoked"),
        (404, "not_found"),
        (409, "insufficient_units"),
        (409, "block_not_available"),
        (422, "idempotency_mismatch"),
        (422, "purpose_not_authorized"),
        (422, "validation_error"),
    ],
)
def test_a_problem_is_a_final_no(status, code):
    client, _ = registry(problem(status, code, detail="Because."))
    with pytest.raises(Refused) as raised:
        client.cancel(REQUEST, "key-1")
    assert (raised.value.code, raised.value.detail) == (code, "Because.")


def test_a_used_reference_says_by_which_cancellation():
    client, _ = registry(problem(409, "duplicate_client_reference", cancellation_id="cancellation-9"))
    with pytest.raises(DuplicateClientReference) as raised:
        client.cancel(REQUEST, "key-1")
    assert (raised.value.code, raised.value.cancellation_id) == (
        "duplicate_client_reference",
        "cancellation-9",
    )


@pytest.mark.parametrize(
    "answer, code, retry_after",
    [
        (problem(409, "idempotency_in_progress"), "idempotency_in_progress", None),
        (httpx.Response(429, headers={"Retry-After": "3"}), "rate_limited", 3.0),
        (httpx.Response(503, headers={"Retry-After": "4"}), "registry_unavailable", 4.0),
        (httpx.ConnectError("nobody"), "registry_unavailable", None),
    ],
)
def test_what_may_be_tried_again(answer, code, retry_after):
    client, _ = registry(answer)
    with pytest.raises(TryAgain) as raised:
        client.cancel(REQUEST, "key-1")
    assert (raised.value.code, raised.value.retry_after) == (code, retry_after)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("slow"),
        httpx.ReadError("cut"),
        httpx.Response(500),
        httpx.Response(503),
        httpx.Response(201, content=b'{"cancellation_id": "canc'),
        httpx.Response(302, headers={"Location": "http://registry.test/sign-in"}),
        httpx.Response(404, content=b"<html>proxy</html>"),
        httpx.Response(409, json={"title": "no code"}),
        problem(409, "duplicate_client_reference"),
        problem(409, "insufficient_units", detail=None),
    ],
)
def test_what_leaves_a_cancellation_unknown(answer):
    client, asked = registry(answer)
    with pytest.raises(OutcomeUnknown):
        client.cancel(REQUEST, "key-1")
    assert len(asked.requests) == 1


def test_a_refused_token_is_renewed_once_and_the_call_made_again():
    client, asked = registry(
        problem(401, "unauthenticated"), answered(answers.cancellation(), 201), answers.page()
    )
    assert client.cancel(REQUEST, "key-1").cancellation_id == "cancellation-1"
    list(client.mandates())
    assert [request.headers["Authorization"] for request in asked.requests] == [
        "Bearer token-1",
        "Bearer token-2",
        "Bearer token-2",
    ]
    assert [request.headers.get("Idempotency-Key") for request in asked.requests[:2]] == ["key-1"] * 2
    assert asked.requests[0].content == asked.requests[1].content


@pytest.mark.parametrize("last", [problem(401, "unauthenticated"), httpx.Response(401)])
def test_tokens_refused_for_good_are_no_refusal_of_the_units(last):
    client, asked = registry(problem(401, "unauthenticated"), last)
    with pytest.raises(TryAgain) as raised:
        client.cancel(REQUEST, "key-1")
    assert raised.value.code == "unauthenticated"
    assert len(asked.requests) == 2


def test_no_secret_is_logged_or_shown(caplog):
    caplog.set_level(logging.DEBUG)
    errors: list[NeighbourError] = []
    client, _ = registry(
        problem(401, "unauthenticated"),
        problem(409, "insufficient_units"),
        httpx.Response(201, content=b"Sample Bakery"),
        httpx.ReadTimeout("slow"),
        answered(answers.cancellation(), 201),
    )
    for _attempt in range(3):
        with pytest.raises(NeighbourError) as raised:
            client.cancel(REQUEST, "key-1")
        errors.append(raised.value)
    client.cancel(REQUEST, "key-1")
    assert "registry POST /v1/cancellations: 201 in" in caplog.text
    told = caplog.text + repr(client) + repr(client._tokens) + "".join(map(repr, errors))
    for secret in ("token-1", "token-2", answers.SECRET, "Bearer", "Sample Bakery"):
        assert secret not in told
