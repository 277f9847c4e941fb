"""A payment gateway in memory, for tests of the rules and the pages. Behaves as PayPal does."""

import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.integrations.errors import NeighbourError, Refused, TryAgain
from app.integrations.gateways.interface import (
    AccountReport,
    Applicant,
    Attempt,
    Declined,
    Entry,
    Hint,
    NextStep,
    NotificationRefused,
    OnlyByHand,
    PayeeAccount,
    PayeeProblem,
    PayState,
    Snapshot,
    Webhook,
)
from app.money import Money

_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_SIGNING_SECRET = b"the fake gateway's own"


@dataclass
class FakeCheckout:
    """What the fake gateway has of one attempt. Tests may change it, to a wrong payee for example."""

    external_id: str
    amount: Money
    payee: str
    reference: str
    state: PayState = PayState.STARTED
    outcome: str = "approve"  # what the capture will do: approve | decline | pending | no_consent | denied
    reason: str | None = None
    entries: list[Entry] = field(default_factory=list)
    waiting: list[Entry] = field(default_factory=list)  # refunds taken on and not finished

    def snapshot(self) -> Snapshot:
        """The present truth, as `fetch` tells it."""
        return Snapshot(
            state=self.state,
            entries=tuple(self.entries),
            amount=self.amount,
            payee=self.payee,
            reference=self.reference,
            reason=self.reason,
            redirect_url=f"https://gateway.test/pay/{self.external_id}"
            if self.state is PayState.STARTED
            else None,
        )


class FakeGateway:
    """Start an attempt, then play the buyer (`approve`) and the gateway (`settle`, `deny`, `reverse`)."""

    def __init__(self, code: str = "paypal", *, releases: bool = False) -> None:
        self.code = code
        self.releases = releases
        self.refunds_wait = False  # a refund is taken on, and finished by `finish_refunds`
        self.checkouts: dict[str, FakeCheckout] = {}
        self.calls: list[tuple[str, str, str]] = []  # operation, attempt id, key
        self._numbers = itertools.count(1)
        self._by_key: dict[tuple[str, str], str] = {}
        self._refunds: set[str] = set()
        self._webhooks: dict[tuple[str, str], str] = {}
        self._failures: list[tuple[str, NeighbourError, bool]] = []

    # What the platform calls.

    def start(self, attempt: Attempt, account: PayeeAccount, key: str) -> NextStep:
        self._called("start", attempt, key)
        known = self._by_key.get((account.id, key))
        if known is None:
            known = f"FAKE{next(self._numbers):013d}"
            self.checkouts[known] = FakeCheckout(known, attempt.amount, account.external_id, attempt.id)
            self._by_key[account.id, key] = known
        self._fail_after("start")
        return NextStep(known, self.checkouts[known].snapshot().redirect_url or attempt.return_url)

    def fetch(self, attempt: Attempt, account: PayeeAccount) -> Snapshot:  # noqa: ARG002
        self._called("fetch", attempt, "")
        self._fail_after("fetch")
        return self._snapshot(attempt)

    def capture(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:  # noqa: ARG002
        self._called("capture", attempt, key)
        checkout = self.checkouts.get(attempt.external_id or "")
        if checkout is not None and checkout.state is PayState.AUTHORIZED:
            self._take_the_money(checkout)
        self._fail_after("capture")
        return self._snapshot(attempt)

    def refund(
        self,
        attempt: Attempt,
        account: PayeeAccount,  # noqa: ARG002
        receipt: Entry,
        amount: Money,
        key: str,
    ) -> Snapshot:
        self._called("refund", attempt, key)
        checkout = self.checkouts[attempt.external_id or ""]
        if key not in self._refunds:
            moves = [*checkout.entries, *checkout.waiting]
            given_back = sum(entry.amount.minor for entry in moves if entry.kind == "refund")
            if checkout.state is PayState.PENDING:
                raise TryAgain("capture_pending")
            if amount.currency != receipt.amount.currency:
                raise Refused("refund_capture_currency_mismatch")
            if given_back < receipt.amount.minor < given_back + amount.minor:
                raise Refused("refund_amount_exceeded")
            if given_back < receipt.amount.minor:
                self._refunds.add(key)
                taken_on = checkout.waiting if self.refunds_wait else checkout.entries
                taken_on.append(Entry("refund", f"REFUND{next(self._numbers)}", amount, _AT))
        self._fail_after("refund")
        return self._snapshot(attempt)

    def release(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:  # noqa: ARG002
        self._called("release", attempt, key)
        checkout = self.checkouts.get(attempt.external_id or "")
        if self.releases and checkout and checkout.state in {PayState.STARTED, PayState.AUTHORIZED}:
            checkout.state, checkout.reason = PayState.EXPIRED, "released"
        self._fail_after("release")
        return self._snapshot(attempt)

    def verify(
        self,
        raw: bytes,
        headers: Mapping[str, str],
        account: PayeeAccount,
        now: datetime,  # noqa: ARG002  # its notifications never grow old
    ) -> Hint:
        given = {name.lower(): value for name, value in headers.items()}
        if "fake-signature" not in given:
            raise NotificationRefused("header_missing")
        if not hmac.compare_digest(given["fake-signature"], _sign(raw, account)):
            raise NotificationRefused("bad_signature")
        event = json.loads(raw)
        return Hint(event["id"], event["type"], tuple(event["external_ids"]), tuple(event["references"]))

    def ensure_webhook(self, account: PayeeAccount, url: str) -> Webhook:
        return Webhook(self._webhooks.setdefault((account.id, url), f"WEBHOOK{len(self._webhooks) + 1}"))

    def probe(self, account: PayeeAccount, key: str) -> AccountReport:  # noqa: ARG002
        self._raise_queued("probe", acted=False)
        return AccountReport(account.external_id, account.livemode, "FAKE")

    def lead_in(self, account: PayeeAccount, applicant: Applicant, return_url: str, key: str) -> NextStep:  # noqa: ARG002
        raise OnlyByHand("own_credentials")

    # What a test does.

    def fail_next(self, operation: str, error: NeighbourError, *, acted: bool = False) -> None:
        """The next call of start, fetch, capture, release or refund raises `error`, after having acted if so said."""
        self._failures.append((operation, error, acted))

    def approve(self, external_id: str, outcome: str = "approve") -> None:
        """The buyer agrees to pay."""
        checkout = self.checkouts[external_id]
        if checkout.state is PayState.STARTED:
            checkout.state, checkout.outcome, checkout.reason = PayState.AUTHORIZED, outcome, None

    def reverse(self, external_id: str) -> None:
        """The approval lapses before the money is taken."""
        checkout = self.checkouts[external_id]
        checkout.state, checkout.reason = PayState.EXPIRED, "reversed"

    def settle(self, external_id: str) -> None:
        """A pending payment comes in."""
        self._receive(self.checkouts[external_id])

    def deny(self, external_id: str) -> None:
        """A pending payment fails for good."""
        checkout = self.checkouts[external_id]
        checkout.state, checkout.reason = PayState.FAILED, "declined"

    def finish_refunds(self, external_id: str) -> None:
        """Refunds that were taken on have reached the buyer."""
        checkout = self.checkouts[external_id]
        checkout.entries += checkout.waiting
        checkout.waiting = []

    def refund_outside(self, external_id: str, amount: Money) -> None:
        """The provider gives money back in the gateway's own pages."""
        refund = Entry("refund", f"REFUND{next(self._numbers)}", amount, _AT)
        self.checkouts[external_id].entries.append(refund)

    def return_refund(self, external_id: str) -> None:
        """The last refund comes back: the buyer's card is closed, say."""
        entries = self.checkouts[external_id].entries
        last = next(entry for entry in reversed(entries) if entry.kind == "refund")
        entries.append(Entry("refund_failed", last.external_id, last.amount, _AT))

    def forget(self, external_id: str) -> None:
        """The gateway knows this checkout no more."""
        del self.checkouts[external_id]

    def notification(
        self, external_id: str, account: PayeeAccount, event_type: str = "PAYMENT.CAPTURE.COMPLETED"
    ) -> tuple[bytes, dict[str, str]]:
        """A genuine notification about a checkout: raw body and headers."""
        event = {
            "id": f"EVENT{next(self._numbers)}",
            "type": event_type,
            "external_ids": [external_id],
            "references": [self.checkouts[external_id].reference],
        }
        raw = json.dumps(event).encode()
        return raw, {"Fake-Signature": _sign(raw, account)}

    def _called(self, operation: str, attempt: Attempt, key: str) -> None:
        self.calls.append((operation, attempt.id, key))
        self._raise_queued(operation, acted=False)

    def _fail_after(self, operation: str) -> None:
        self._raise_queued(operation, acted=True)

    def _raise_queued(self, operation: str, *, acted: bool) -> None:
        for index, (name, error, after) in enumerate(self._failures):
            if name == operation:
                if after is acted:
                    del self._failures[index]
                    raise error
                return

    def _snapshot(self, attempt: Attempt) -> Snapshot:
        if attempt.external_id is None:
            raise ValueError("the attempt was never started")
        checkout = self.checkouts.get(attempt.external_id)
        return checkout.snapshot() if checkout else Snapshot(PayState.EXPIRED, reason="forgotten")

    def _take_the_money(self, checkout: FakeCheckout) -> None:
        if checkout.outcome == "decline":
            checkout.state = PayState.STARTED
            raise Declined("declined", "INSTRUMENT_DECLINED")
        if checkout.outcome == "no_consent":
            raise PayeeProblem("no_consent", "PAYEE_NOT_CONSENTED")
        if checkout.outcome == "pending":
            checkout.state, checkout.reason = PayState.PENDING, "echeck"
        elif checkout.outcome == "denied":
            checkout.state, checkout.reason = PayState.FAILED, "declined"
        else:
            self._receive(checkout)

    def _receive(self, checkout: FakeCheckout) -> None:
        checkout.state, checkout.reason = PayState.CAPTURED, None
        checkout.entries.append(Entry("receipt", f"CAPTURE{next(self._numbers)}", checkout.amount, _AT))


def _sign(raw: bytes, account: PayeeAccount) -> str:
    return hmac.new(_SIGNING_SECRET + account.webhook_id.encode(), raw, hashlib.sha256).hexdigest()
