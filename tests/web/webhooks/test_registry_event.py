"""Events of the registry: taken once when genuine, refused without a trace when not."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from app.domain.payments import keep_notification
from app.settings import Settings
from tests.web.webhooks.conftest import Kept

Send = Callable[..., TestResponse]
EVENT = {
    "event_id": "event-1",
    "type": "cancellation.completed",
    "resource_id": "CXL-000001",
    "occurred_at": "2026-11-23T11:59:58Z",
}


def signed(raw: bytes, secret: str, at: datetime | None = None) -> dict[str, str]:
    seconds = str(int((at or datetime.now(UTC)).timestamp()))
    digest = hmac.new(secret.encode(), seconds.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return {"Registry-Signature": f"t={seconds},v1={digest}"}


@pytest.fixture
def send(app: Flask, settings: Settings) -> Send:
    """Send an event with these fields changed, signed as the registry does unless `headers` are given."""
    client = app.test_client()

    def sent(headers: dict[str, str] | None = None, **fields: object) -> TestResponse:
        raw = json.dumps(EVENT | fields).encode()
        if headers is None:
            headers = signed(raw, settings.registry_event_secret)
        return client.post("/webhooks/registry", data=raw, headers=headers, content_type="application/json")

    return sent


def nothing_is_kept(kept: Kept) -> bool:
    return kept.notifications() == [] and kept.jobs("read_resource") == []


def test_a_genuine_one_is_kept_and_its_resource_read_again(send: Send, kept: Kept):
    answer = send()
    assert (answer.status_code, answer.data) == (204, b"")
    [row] = kept.notifications()
    assert (row.source, row.account_id, row.event_id) == ("registry", None, "event-1")
    assert (row.event_type, row.subjects) == ("cancellation.completed", ["CXL-000001"])
    assert json.loads(row.raw) == EVENT
    assert kept.jobs("read_resource") == [{"kind": "cancellation", "resource_id": "CXL-000001"}]


def test_a_repeat_is_thanked_for_and_nothing_more(send: Send, kept: Kept):
    assert [send().status_code for _ in range(3)] == [204, 204, 204]
    assert send(event_id="event-2", type="mandate.changed", resource_id="MND-000001").status_code == 204
    assert [row.event_id for row in kept.notifications()] == ["event-1", "event-2"]
    assert kept.jobs("read_resource") == [
        {"kind": "cancellation", "resource_id": "CXL-000001"},
        {"kind": "mandate", "resource_id": "MND-000001"},
    ]


def test_row_and_job_are_committed_together(send: Send, kept: Kept, engine: Engine):
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    assert send().status_code == 204
    assert len(commits) == 1
    assert (len(kept.notifications()), len(kept.jobs("read_resource"))) == (1, 1)


def test_without_its_job_it_is_not_kept_and_comes_again(
    send: Send, kept: Kept, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no job today")

    with monkeypatch.context() as patch:
        patch.setattr(keep_notification, "defer", broken)
        assert send().status_code == 500
    assert nothing_is_kept(kept)
    assert send().status_code == 204
    assert len(kept.jobs("read_resource")) == 1


@pytest.mark.parametrize(
    "header", [None, "", "t=1,v1=00", "t=x,v1=" + "0" * 64, "é", "t=1763899200,v1=" + "0" * 64]
)
def test_one_without_the_registrys_signature_is_refused(send: Send, kept: Kept, header: str | None):
    headers = {} if header is None else {"Registry-Signature": header}
    answer = send(headers=headers)
    assert (answer.status_code, answer.data) == (400, b"")
    assert nothing_is_kept(kept)


def test_one_signed_with_another_secret_is_refused(send: Send, kept: Kept):
    assert send(headers=signed(json.dumps(EVENT).encode(), "another secret")).status_code == 400
    assert nothing_is_kept(kept)


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_one_of_another_time_is_refused(send: Send, kept: Kept, settings: Settings, age: timedelta):
    headers = signed(json.dumps(EVENT).encode(), settings.registry_event_secret, datetime.now(UTC) - age)
    assert send(headers=headers).status_code == 400
    assert nothing_is_kept(kept)


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "party.thrown"},
        {"event_id": None},
        {"resource_id": 7},
        {"occurred_at": "yesterday"},
        # What no database takes.
        {"event_id": "a\0b"},
        {"resource_id": "\ud800"},
    ],
)
def test_one_that_the_contract_does_not_know_is_refused(send: Send, kept: Kept, fields: dict[str, object]):
    assert send(**fields).status_code == 400
    assert nothing_is_kept(kept)


def test_a_body_that_is_too_large_is_refused_before_it_is_looked_at(send: Send, kept: Kept):
    answer = send(more="x" * 256 * 1024)
    assert (answer.status_code, answer.get_json()) == (413, {"status": 413})
    assert nothing_is_kept(kept)


def test_a_flood_is_stopped(send: Send):
    answers = [send(headers={}).status_code for _ in range(601)]
    assert answers == [400] * 600 + [429]
