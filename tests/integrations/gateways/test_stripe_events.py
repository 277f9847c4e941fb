"""Events that are not Stripe's, or not for this account."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from app.integrations.gateways.interface import Hint, NotificationRefused, PayeeAccount
from app.integrations.gateways.stripe import StripeGateway

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECRET, CONNECT_SECRET = "whsec_of_the_account", "whsec_of_the_platform"
OWN = PayeeAccount("a", "stripe", "own_key", "acct_1", "", "rk_live_1", webhook_secret=SECRET)
CONNECTED = PayeeAccount("a", "stripe", "connect", "acct_1", "", "")
SESSION = {
    "id": "cs_1",
    "object": "checkout.session",
    "client_reference_id": "payment-1",
    "payment_intent": "pi_1",
}
EVENT = {"id": "evt_1", "type": "checkout.session.completed", "livemode": True, "data": {"object": SESSION}}


def verify(
    raw: bytes, account: PayeeAccount = OWN, *, secret: str = SECRET, sent: datetime = NOW, header: str = ""
) -> Hint:
    """What the gateway makes of an event that was signed so."""
    gateway = StripeGateway("http://127.0.0.1:1", connect_secret=CONNECT_SECRET)
    signature = header or stripe.WebhookSignature.generate_signature_header(
        raw.decode(errors="replace"), secret, timestamp=int(sent.timestamp())
    )
    try:
        return gateway.verify(raw, {"STRIPE-SIGNATURE": signature}, account, NOW)
    finally:
        gateway.close()


def refused(raw: bytes, *arguments: Any, **how: Any) -> str:
    with pytest.raises(NotificationRefused) as refusal:
        verify(raw, *arguments, **how)
    return refusal.value.code


def written(**changes: Any) -> bytes:
    return json.dumps(EVENT | changes).encode()


def test_genuine_one_passes():
    hint = verify(written())
    assert (hint.event_id, hint.event_type) == ("evt_1", "checkout.session.completed")
    assert (hint.external_ids, hint.references) == (("cs_1", "pi_1"), ("payment-1",))


def test_dispute_names_its_charge():
    dispute = {"id": "dp_1", "charge": "ch_1", "payment_intent": "pi_1", "metadata": {}}
    hint = verify(written(data={"object": dispute}))
    assert (hint.external_ids, hint.references) == (("dp_1", "pi_1", "ch_1"), ())


def test_intent_names_our_payment():
    intent = {"id": "pi_1", "metadata": {"payment": "payment-1"}}
    assert verify(written(data={"object": intent})).references == ("payment-1",)


def test_signed_with_another_secret():
    assert refused(written(), secret=CONNECT_SECRET) == "bad_signature"


def test_account_that_was_never_registered():
    assert refused(written(), replace(OWN, webhook_secret="")) == "no_secret"


@pytest.mark.parametrize("seconds", [301, -301])
def test_time_that_is_not_now(seconds: int):
    assert refused(written(), sent=NOW - timedelta(seconds=seconds)) == "time"
    assert verify(written(), sent=NOW - timedelta(seconds=299 if seconds > 0 else -299)).event_id == "evt_1"


@pytest.mark.parametrize(
    "header", ["t=1", "v1=abc", "nonsense", "t=x,v1=abc", "t=1,v0=abc", ",,,", "t=1,v1="]
)
def test_header_that_is_none(header: str):
    assert refused(written(), header=header) == "bad_signature"


def test_first_of_several_times_is_the_one_that_was_signed():
    good = stripe.WebhookSignature.generate_signature_header(
        written().decode(), SECRET, timestamp=int((NOW - timedelta(days=1)).timestamp())
    )
    assert refused(written(), header=f"{good},t={int(NOW.timestamp())}") == "time"
    assert refused(written(), header=f"t={int(NOW.timestamp())},{good}") == "bad_signature"


@pytest.mark.parametrize(("livemode", "real"), [(False, True), (True, False), ("true", True), (None, True)])
def test_event_for_trying_out_on_a_real_account_and_the_other_way_round(livemode: object, real: bool):
    assert refused(written(livemode=livemode), replace(OWN, livemode=real)) == "livemode"


def test_connected_account_is_named_and_signed_for_by_the_platform():
    assert verify(written(account="acct_1"), CONNECTED, secret=CONNECT_SECRET).event_id == "evt_1"
    assert refused(written(account="acct_2"), CONNECTED, secret=CONNECT_SECRET) == "account"
    assert refused(written(), CONNECTED, secret=CONNECT_SECRET) == "account"
    assert refused(written(account="acct_1"), CONNECTED, secret=SECRET) == "bad_signature"


def test_account_of_its_own_hears_of_nobody_else():
    assert verify(written(account="acct_1")).event_id == "evt_1"
    assert refused(written(account="acct_2")) == "account"


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"1", b'{"id": "evt_1"}', b'{"livemode": true, "data": {"object": 1}}', b"[" * 100_000],
    ids=["empty", "list", "number", "no data", "no object", "deep"],
)
def test_signed_nonsense(raw: bytes):
    assert refused(raw) == "unreadable"


def test_bytes_that_are_no_text():
    assert refused(b"\xff\xfe") == "bad_signature"
