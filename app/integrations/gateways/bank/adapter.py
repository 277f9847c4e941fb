"""A PaymentGateway without a gateway: the buyer gets instructions, and the provider's bank statement is the truth."""

from collections.abc import Mapping
from datetime import datetime

from app.integrations.errors import Refused
from app.integrations.gateways.interface import (
    AccountReport,
    Applicant,
    Attempt,
    Entry,
    Hint,
    NextStep,
    NotificationRefused,
    OnlyByHand,
    PayeeAccount,
    PayState,
    Snapshot,
    Webhook,
)
from app.money import Money


class BankTransfers:
    """Every payee account of the gateway `bank`."""

    code = "bank"
    releases = False

    def start(self, attempt: Attempt, account: PayeeAccount, key: str) -> NextStep:  # noqa: ARG002
        """The order's own instructions: no address, and nothing that could be fetched later."""
        return NextStep(external_id=None, redirect_url=None)

    def fetch(self, attempt: Attempt, account: PayeeAccount) -> Snapshot:
        """Nobody can be asked: as far as can be told from here, the transfer is still to come."""
        return Snapshot(
            PayState.STARTED, amount=attempt.amount, payee=account.external_id, reference=attempt.id
        )

    def capture(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:  # noqa: ARG002
        """There is nothing to take: the buyer sends."""
        raise Refused("nothing_to_capture")

    def refund(
        self,
        attempt: Attempt,  # noqa: ARG002
        account: PayeeAccount,  # noqa: ARG002
        receipt: Entry,  # noqa: ARG002
        amount: Money,  # noqa: ARG002
        key: str,  # noqa: ARG002
    ) -> Snapshot:
        """Only the provider can send money back; their statement shows it."""
        raise OnlyByHand("by_transfer")

    def release(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:  # noqa: ARG002
        """Instructions that were sent cannot be taken back."""
        return self.fetch(attempt, account)

    def verify(
        self,
        raw: bytes,  # noqa: ARG002
        headers: Mapping[str, str],  # noqa: ARG002
        account: PayeeAccount,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> Hint:
        """Banks notify nobody here."""
        raise NotificationRefused("no_notifications")

    def ensure_webhook(self, account: PayeeAccount, url: str) -> Webhook:  # noqa: ARG002
        """None is needed."""
        return Webhook("")

    def probe(self, account: PayeeAccount, key: str) -> AccountReport:  # noqa: ARG002
        """Nobody can be asked: what there is to check was checked when the details were typed."""
        return AccountReport(account.external_id, account.livemode)

    def lead_in(self, account: PayeeAccount, applicant: Applicant, return_url: str, key: str) -> NextStep:  # noqa: ARG002
        """A bank account is typed in."""
        raise OnlyByHand("own_credentials")
