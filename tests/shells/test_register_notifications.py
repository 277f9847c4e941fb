"""Every account that may be paid tells the platform what happens to it."""

import pytest
from sqlalchemy import select

from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.integrations.errors import Refused
from app.integrations.gateways.fake import FakeGateway
from app.integrations.gateways.interface import PayeeAccount, Webhook
from app.shells.register_notifications import register_notifications
from tests.factories import PAYEE_SECRET, make_payee_account, make_provider
from tests.journey import Journey


class Registering(FakeGateway):
    """Remembers which accounts asked to be told where; refuses those that it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[PayeeAccount, str]] = []
        self.refuses: set[str] = set()

    def ensure_webhook(self, account: PayeeAccount, url: str) -> Webhook:
        if account.id in self.refuses:
            raise Refused("permission_denied")
        self.asked.append((account, url))
        return super().ensure_webhook(account, url)


@pytest.fixture
def gateway() -> Registering:
    return Registering()


@pytest.fixture
def journey(settings, engine, gateway: Registering) -> Journey:
    """Three accounts, one of them degraded, and one that was revoked."""
    journey = Journey(settings, engine, gateway=gateway)
    with journey.sessions.begin() as session:
        provider = make_provider(session, account=False)
        for state in (AccountState.ACTIVE, AccountState.ACTIVE, AccountState.DEGRADED, AccountState.REVOKED):
            make_payee_account(session, provider, state=state, webhook_id="")
    return journey


def webhooks(journey: Journey) -> dict[str, tuple[str, str]]:
    with journey.sessions() as session:
        rows = session.execute(select(ProviderPayeeAccount)).scalars()
        return {str(row.id): (row.state, row.webhook_id) for row in rows}


def test_every_account_but_a_revoked_one_is_registered_at_its_own_address(
    journey: Journey, gateway: Registering
):
    assert register_notifications(journey.works) == 3
    kept = webhooks(journey)
    assert sorted(webhook for _, webhook in kept.values()) == ["", "WEBHOOK1", "WEBHOOK2", "WEBHOOK3"]
    assert [state for state, webhook in kept.values() if not webhook] == [AccountState.REVOKED]
    for account, url in gateway.asked:
        assert url == f"{journey.works.settings.public_url}/webhooks/paypal/{account.id}"
        assert account.secret == PAYEE_SECRET


def test_registering_again_keeps_what_is_there(journey: Journey):
    register_notifications(journey.works)
    before = webhooks(journey)
    assert register_notifications(journey.works) == 3
    assert webhooks(journey) == before


def test_an_account_that_cannot_be_registered_is_named_by_the_error_and_the_ones_before_stay(
    journey: Journey, gateway: Registering
):
    register_notifications(journey.works)
    *_, (last, _) = gateway.asked
    gateway.refuses.add(last.id)
    with pytest.raises(Refused, match="permission_denied"):
        register_notifications(journey.works)
    assert webhooks(journey)[last.id][1] == "WEBHOOK3"
