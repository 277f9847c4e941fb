"""Notifications of payment gateways: taken once when genuine, refused without a trace when not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from app.domain.payments import keep_notification
from app.domain.payments.facts import account_of
from app.domain.payments.models import Payment
from app.integrations.errors import TryAgain
from app.integrations.gateways.fake import FakeCheckout
from app.integrations.gateways.interface import PayeeAccount
from app.money import Money
from tests.factories import make_payee_account, make_provider
from tests.journey import Journey
from tests.web.conftest import Fakes
from tests.web.webhooks.conftest import Kept

Send = Callable[..., TestResponse]


@pytest.fixture
def payment(journey: Journey) -> Payment:
    """A payment that the buyer was sent to the gateway for."""
    return journey.start(journey.place(20))


@pytest.fixture
def account(journey: Journey, payment: Payment) -> PayeeAccount:
    """The account that is paid."""
    with journey.sessions() as session:
        return account_of(session.merge(payment).account, journey.works.sealer)


@pytest.fixture
def genuine(journey: Journey, payment: Payment, account: PayeeAccount) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a notification about the payment."""
    return journey.gateway.notification(payment.external_id or "", account)


@pytest.fixture
def send(app: Flask, account: PayeeAccount) -> Send:
    """Send what is given to the address of an account (default: the one that is paid), as the gateway does."""

    def sent(
        raw: bytes, headers: dict[str, str], to: str = account.id, gateway: str = "paypal"
    ) -> TestResponse:
        return app.test_client().post(
            f"/webhooks/{gateway}/{to}", data=raw, headers=headers, content_type="application/json"
        )

    return sent


def test_a_genuine_one_is_kept_and_its_payment_looked_at(
    send: Send, kept: Kept, payment: Payment, account: PayeeAccount, genuine: tuple[bytes, dict[str, str]]
):
    answer = send(*genuine)
    assert (answer.status_code, answer.data) == (200, b"")
    [row] = kept.notifications()
    assert (row.source, str(row.account_id), row.event_type) == (
        "paypal",
        account.id,
        "PAYMENT.CAPTURE.COMPLETED",
    )
    assert (row.raw, row.outcome) == (genuine[0], "looked")
    assert kept.jobs("look_at_payment") == [{"payment_id": str(payment.id)}]


def test_a_repeat_is_thanked_for_and_nothing_more(
    send: Send, kept: Kept, genuine: tuple[bytes, dict[str, str]]
):
    assert [send(*genuine).status_code for _ in range(3)] == [200, 200, 200]
    assert len(kept.notifications()) == 1
    assert len(kept.jobs("look_at_payment")) == 1


def test_the_same_one_at_the_same_time_is_kept_once(
    send: Send, kept: Kept, genuine: tuple[bytes, dict[str, str]]
):
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: send(*genuine).status_code, range(8)))
    assert answers == [200] * 8
    assert len(kept.notifications()) == 1
    assert len(kept.jobs("look_at_payment")) == 1


def test_row_and_job_are_committed_together(
    send: Send, kept: Kept, engine: Engine, genuine: tuple[bytes, dict[str, str]]
):
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    assert send(*genuine).status_code == 200
    assert len(commits) == 1
    assert (len(kept.notifications()), len(kept.jobs("look_at_payment"))) == (1, 1)


def test_without_its_job_it_is_not_kept_and_comes_again(
    send: Send, kept: Kept, genuine: tuple[bytes, dict[str, str]], monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no job today")

    with monkeypatch.context() as patch:
        patch.setattr(keep_notification, "defer", broken)
        assert send(*genuine).status_code == 500
    assert kept.notifications() == []
    assert send(*genuine).status_code == 200
    assert len(kept.jobs("look_at_payment")) == 1


def test_one_about_nothing_of_ours_is_kept_for_whoever_wonders(
    send: Send, kept: Kept, journey: Journey, account: PayeeAccount
):
    foreign = "OF-ANOTHER-SHOP"
    journey.gateway.checkouts[foreign] = FakeCheckout(
        foreign, Money(100, "USD"), account.external_id, "no-payment-of-ours"
    )
    assert send(*journey.gateway.notification(foreign, account)).status_code == 200
    assert [row.outcome for row in kept.notifications()] == ["unmatched"]
    assert kept.jobs("look_at_payment") == []


@pytest.mark.parametrize("how", ["changed", "unsigned", "signed by another", "empty", "not JSON at all"])
def test_a_forged_one_is_refused_and_leaves_nothing(
    send: Send, kept: Kept, genuine: tuple[bytes, dict[str, str]], how: str
):
    raw, headers = genuine
    forged = {
        "changed": (raw.replace(b"COMPLETED", b"REFUNDED!"), headers),
        "unsigned": (raw, {}),
        "signed by another": (raw, {"Fake-Signature": "0" * 64}),
        "empty": (b"", headers),
        "not JSON at all": (b"\x00\xff", headers),
    }[how]
    answer = send(*forged)
    assert (answer.status_code, answer.data) == (400, b"")
    assert kept.notifications() == []
    assert kept.jobs("look_at_payment") == []


def test_one_for_another_account_is_refused(
    send: Send, kept: Kept, journey: Journey, genuine: tuple[bytes, dict[str, str]]
):
    with journey.sessions.begin() as session:
        other = make_payee_account(session, make_provider(session, account=False))
    assert send(*genuine, to=str(other.id)).status_code == 400
    assert kept.notifications() == []


@pytest.mark.parametrize(
    "to,gateway",
    [
        ("5f0c6a36-5f0b-4a55-9a55-0d1f6b7a9c11", "paypal"),
        ("not-an-id", "paypal"),
        ("%00", "paypal"),
        (None, "stripe"),
    ],
)
def test_an_account_that_there_is_not_is_not_found(
    send: Send,
    kept: Kept,
    account: PayeeAccount,
    genuine: tuple[bytes, dict[str, str]],
    to: str | None,
    gateway: str,
):
    answer = send(*genuine, to=to or account.id, gateway=gateway)
    assert (answer.status_code, answer.get_json()) == (404, {"status": 404})
    assert kept.notifications() == []


def test_an_account_of_another_gateway_is_not_found(
    send: Send, journey: Journey, genuine: tuple[bytes, dict[str, str]]
):
    with journey.sessions.begin() as session:
        other = make_payee_account(session, make_provider(session, account=False), gateway="bank")
    assert send(*genuine, to=str(other.id)).status_code == 404
    # Nor is there anybody who would write to a bank account's own address.
    assert send(*genuine, to=str(other.id), gateway="bank").status_code == 404


def test_one_that_cannot_be_verified_now_is_asked_for_again(
    send: Send,
    kept: Kept,
    fakes: Fakes,
    genuine: tuple[bytes, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
):
    def away(*_: object) -> None:
        raise TryAgain("paypal_unavailable", "the certificate's server is away")

    with monkeypatch.context() as patch:
        patch.setattr(fakes.gateway, "verify", away)
        answer = send(*genuine)
    assert (answer.status_code, answer.data) == (503, b"")
    assert kept.notifications() == []
    assert send(*genuine).status_code == 200
    assert len(kept.jobs("look_at_payment")) == 1


def test_no_transaction_is_open_while_it_is_verified(
    send: Send,
    engine: Engine,
    fakes: Fakes,
    genuine: tuple[bytes, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
):
    taken = []
    verify = fakes.gateway.verify

    def watched(*arguments: object):
        taken.append(engine.pool.checkedout())  # type: ignore[attr-defined]
        return verify(*arguments)

    monkeypatch.setattr(fakes.gateway, "verify", watched)
    assert send(*genuine).status_code == 200
    assert taken == [0]


def test_a_body_that_is_too_large_is_refused_before_it_is_looked_at(
    send: Send, kept: Kept, genuine: tuple[bytes, dict[str, str]]
):
    answer = send(b" " * (256 * 1024) + genuine[0], genuine[1])
    assert (answer.status_code, answer.get_json()) == (413, {"status": 413})
    assert kept.notifications() == []


def test_a_flood_for_one_account_does_not_silence_another(
    send: Send, kept: Kept, genuine: tuple[bytes, dict[str, str]]
):
    flooded = str(uuid4())
    answers = [send(b"", {}, to=flooded).status_code for _ in range(601)]
    assert answers == [404] * 600 + [429]
    assert send(*genuine).status_code == 200
    assert len(kept.notifications()) == 1
