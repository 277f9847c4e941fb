"""What the platform asks of a payment gateway, whatever its family.

Money goes from the buyer to the provider: every call names the provider's own account
(`PayeeAccount`), and a `Snapshot` says who was paid so that the domain can check it. Adapters never
touch the database and never decide what an order's state is. Errors: `TryAgain` (same key again),
`OutcomeUnknown` (fetch first), and the two kinds of `Refused` below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.integrations.errors import Refused
from app.money import Money


class Declined(Refused):
    """The buyer can do something: another card, another method."""


class PayeeProblem(Refused):
    """Only the provider can do something: their account cannot receive. Told to them, not the buyer."""


class OnlyByHand(Refused):
    """The gateway has no way to do this; the provider does it themselves, and their statement will show it."""


class NotificationRefused(Refused):
    """A notification whose signature, certificate, time or account is not what it must be."""


CONNECT = "connect"  # mode of an account that the platform acts for with a key of its own
PAYEE = "payee"  # mode of an account that an application of the platform's names as the one to pay
PARTNER = "partner"  # mode of an account whose owner lets an application of the platform's act for it
# Modes whose notifications come to one address for all accounts, and the last part of that.
SHARED_RECEIVERS = {CONNECT: "connect", PAYEE: "platform", PARTNER: "platform"}


@dataclass(frozen=True)
class PayeeAccount:
    """A provider's own account with a gateway. `secret` never appears in `repr`."""

    id: str
    gateway: str  # a code of METHODS
    mode: str  # one of its row there
    external_id: str  # the provider's id there: a merchant id, acct_…, in mode payee also an e-mail address
    client_id: str
    secret: str = field(repr=False)
    webhook_id: str = ""
    currencies: frozenset[str] = frozenset()
    webhook_secret: str = field(
        default="", repr=False
    )  # what notifications are signed with, where it is shared
    livemode: bool = True  # false: an account for trying out, whose money is none

    @property
    def receiver(self) -> str:
        """The last part of the address that notifications come to: the account, or one for all such."""
        return SHARED_RECEIVERS.get(self.mode, self.id)


@dataclass(frozen=True)
class Webhook:
    """Where a gateway sends notifications; `secret` is "" where they are signed in another way."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class AccountReport:
    """What a gateway says of a provider's account that could be paid right now."""

    external_id: str  # whose account the credentials open
    livemode: bool  # false: an account for trying out
    statement_text: str = ""  # what buyers find on their own statement, where the gateway tells


@dataclass(frozen=True)
class Applicant:
    """The provider that is led into a gateway's own sign-up."""

    legal_name: str
    country: str  # ISO 3166-1 alpha-2
    email: str


@dataclass(frozen=True)
class Attempt:
    """One payment attempt of an order, as a gateway needs to know it."""

    id: str  # our payment id; goes out as custom_id and invoice_id, unique per attempt
    order_number: str  # VC-7K3M-29QD, shown to the buyer
    amount: Money
    description: str
    language: str  # en, fr, es
    return_url: str
    cancel_url: str
    opened_at: datetime  # when the attempt was made; the same in every repeat of a call
    external_id: str | None = None  # the gateway's own id once started
    open_until: datetime | None = (
        None  # from when on nobody may begin to pay it there, where the gateway can say so
    )


@dataclass(frozen=True)
class NextStep:
    """Where the buyer goes now. `external_id` is saved before the buyer is sent away.

    Both None: nowhere. The buyer follows the order's own instructions, and no gateway can be asked about it.
    """

    external_id: str | None
    redirect_url: str | None


class PayState(StrEnum):
    STARTED = "started"
    AUTHORIZED = "authorized"
    PENDING = "pending"
    CAPTURED = "captured"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Entry:
    """A movement of money that the gateway reports."""

    kind: str  # one of INCOMING or OUTGOING
    external_id: str
    amount: Money
    at: datetime


# To the provider: paid, a refund that came back, a dispute that the provider won. From the provider: the others.
INCOMING = frozenset({"receipt", "refund_failed", "chargeback_won"})
OUTGOING = frozenset({"refund", "chargeback"})


@dataclass(frozen=True)
class Snapshot:
    """The gateway's present truth about one attempt, in our words."""

    state: PayState
    entries: tuple[Entry, ...] = ()
    amount: Money | None = None  # what the buyer agreed to, as the gateway has it
    payee: str | None = None  # who is paid there: must equal PayeeAccount.external_id
    reference: str | None = None  # our payment id as the gateway has it
    reason: str | None = None  # echeck, review, payee_action, no_consent, declined, reversed, ...
    redirect_url: str | None = None  # where the buyer can still approve
    in_parts: bool = False  # what came may be more or less than was asked for, and come in several parts


@dataclass(frozen=True)
class Hint:
    """What a verified notification boils down to: something happened to these objects, go and look."""

    event_id: str
    event_type: str
    external_ids: tuple[str, ...]  # gateway ids mentioned: order, capture
    references: tuple[str, ...]  # our payment ids mentioned
    about_account: bool = False  # the provider's account itself may have changed: try it out
    account_problem: str | None = None  # why the account can be paid no more: consent_revoked, ...


class PaymentGateway(Protocol):
    """One family of gateway. Keys are ours, kept before the call and used again on a retry."""

    code: str
    releases: bool  # whether `release` does anything; elsewhere what was approved lapses by itself

    def start(self, attempt: Attempt, account: PayeeAccount, key: str) -> NextStep:
        """Open a checkout at the gateway. Raises TryAgain, OutcomeUnknown, Declined, PayeeProblem."""
        ...

    def fetch(self, attempt: Attempt, account: PayeeAccount) -> Snapshot:
        """The only source of truth. Raises TryAgain; an attempt that the gateway forgot is EXPIRED."""
        ...

    def capture(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:
        """Take the approved money, for the provider. Already captured is a success, not an error."""
        ...

    def refund(
        self, attempt: Attempt, account: PayeeAccount, receipt: Entry, amount: Money, key: str
    ) -> Snapshot:
        """Give money back from the provider's account to the buyer."""
        ...

    def release(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:
        """Give up what was not captured: nothing can be approved or taken after it. What is there instead."""
        ...

    def verify(self, raw: bytes, headers: Mapping[str, str], account: PayeeAccount, now: datetime) -> Hint:
        """Check a notification's signature. Raises NotificationRefused; never returns a bool."""
        ...

    def ensure_webhook(self, account: PayeeAccount, url: str) -> Webhook:
        """Have the gateway notify `url` about this account. Safe to repeat."""
        ...

    def probe(self, account: PayeeAccount, key: str) -> AccountReport:
        """Try the account out without moving money: could a buyer pay there now?

        Raises PayeeProblem with the reason why not, TryAgain or OutcomeUnknown.
        """
        ...

    def lead_in(self, account: PayeeAccount, applicant: Applicant, return_url: str, key: str) -> NextStep:
        """Where the provider goes to connect their account there to the platform's; its id, if it has one yet.

        Raises OnlyByHand in modes in which a provider brings credentials of their own.
        """
        ...
