"""Signed events: the registry's own and fresh, or refused."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from app.integrations.errors import Refused
from app.integrations.registry.events import verify_event
from app.integrations.registry.interface import Event, EventRefused

SECRET = "event-secret"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BODY = {
    "event_id": "event-1",
    "type": "cancellation.completed",
    "resource_id": "cancellation-1",
    "occurred_at": "2026-11-23T11:59:58Z",
    "extra": [1],
}
RAW = json.dumps(BODY, indent=1).encode()


def signed(raw: bytes = RAW, at: datetime = NOW, secret: str = SECRET) -> str:
    seconds = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), seconds.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def refusal(raw: bytes, header: str, now: datetime = NOW) -> str:
    with pytest.raises(EventRefused) as raised:
        verify_event(raw, header, SECRET, now)
    assert isinstance(raised.value, Refused)
    return raised.value.code


def test_a_known_signature():
    # Computed apart: printf '1763899200.{}' | openssl dgst -sha256 -hmac event-secret
    header = "t=1763899200,v1=3563b9876dd9334771ae27a38fb5b54b4f761d6edb1731522e11b7d927683f30"
    at = datetime.fromtimestamp(1763899200, UTC)
    assert refusal(b"{}", header, at) == "event_unreadable"


@pytest.mark.parametrize("age", [0, 300, -300])
def test_an_event_of_the_registry_is_read(age):
    event = verify_event(RAW, signed(at=NOW - timedelta(seconds=age)), SECRET, NOW)
    assert event == Event(
        event_id="event-1",
        type="cancellation.completed",
        resource_id="cancellation-1",
        occurred_at=datetime(2026, 11, 23, 11, 59, 58, tzinfo=UTC),
    )
    assert event.raw == BODY


@pytest.mark.parametrize("age", [301, -301, 100_000])
def test_an_old_event_is_refused(age):
    assert refusal(RAW, signed(at=NOW - timedelta(seconds=age))) == "too_old"


def test_a_changed_body_is_refused():
    assert refusal(RAW + b" ", signed()) == "signature_wrong"


def test_another_secret_is_refused():
    assert refusal(RAW, signed(secret="event-secret2")) == "signature_wrong"


def test_a_renewed_time_is_refused():
    old = signed(at=NOW - timedelta(hours=1))
    assert refusal(RAW, f"t={int(NOW.timestamp())},{old.split(',')[1]}") == "signature_wrong"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "v1=" + "0" * 64,
        "t=1,v1=",
        "t=1,v1=" + "0" * 63,
        "t=-1,v1=" + "0" * 64,
        "t=٣,v1=" + "0" * 64,
        "t=1,v1=" + "0" * 64 + ",v1=" + "0" * 64,
        "t=" + "9" * 400 + ",v1=" + "0" * 64,
        "t=1,v1=" + "é" * 64,
    ],
)
def test_a_malformed_signature_is_refused(header):
    assert refusal(RAW, header) == "signature_malformed"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        json.dumps({**BODY, "type": "cancellation.forgotten"}).encode(),
        json.dumps({**BODY, "event_id": 1}).encode(),
        json.dumps({**BODY, "occurred_at": "2026-11-23T12:00:00"}).encode(),
        json.dumps({name: BODY[name] for name in BODY if name != "resource_id"}).encode(),
    ],
)
def test_a_signed_event_outside_the_contract_is_refused(raw):
    assert refusal(raw, signed(raw)) == "event_unreadable"


def test_without_a_secret_nothing_is_verified():
    with pytest.raises(ValueError, match="empty event secret"):
        verify_event(RAW, signed(secret=""), "", NOW)


def test_the_secret_is_in_no_refusal():
    with pytest.raises(EventRefused) as raised:
        verify_event(RAW, signed(secret="other"), SECRET, NOW)
    expected = signed().rpartition("=")[2]
    assert SECRET not in repr(raised.value)
    assert expected not in repr(raised.value)
