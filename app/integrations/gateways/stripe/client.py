"""Stripe's library, called as one provider's account."""

import hashlib
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import stripe

from app.integrations.errors import NeighbourError, OutcomeUnknown, TryAgain
from app.integrations.gateways.interface import CONNECT, PayeeAccount, PayeeProblem
from app.integrations.gateways.stripe.transport import Transport
from app.integrations.gateways.stripe.words import API_VERSION, MODES, error_of
from app.integrations.http import HttpClient

Json = Any
# What is done with the library: its client and the options of the call go in, one of its objects comes out.
Act = Callable[[stripe.StripeClient, stripe.RequestOptions], Any]


class StripeError(NeighbourError):
    """A refusal in Stripe's own words, before it is put into ours. Never leaves this package."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code, str(status))
        self.status = status

    def in_our_words(self) -> NeighbourError:
        """The typed error to raise to the caller."""
        return error_of(self.code, self.status)


class StripeCalls:
    """Calls Stripe with any provider's own key, or with the platform's for a connected account. Thread-safe."""

    def __init__(self, api_url: str, connect_key: str, http: HttpClient) -> None:
        self._api_url = api_url
        self._connect_key = connect_key
        self._transport = Transport(http)
        self._lock = threading.Lock()
        self._owners: dict[str, str] = {}

    def read(self, account: PayeeAccount, act: Act) -> Json:
        """What a call answers that can do no harm twice. Raises StripeError, TryAgain, PayeeProblem."""
        return self._call(account, act, {}, safe=True)

    def write(self, account: PayeeAccount, key: str, act: Act) -> Json:
        """What a POST answers, under our idempotency key. Raises StripeError, TryAgain, OutcomeUnknown.

        Stripe repeats even a failure of its own for a day under the same key. Its calls that we use can
        do no harm under a second one: an intent is captured once, a refund is looked for before, and of two
        sessions the buyer is shown one.
        """
        try:
            return self._call(account, act, {"idempotency_key": key}, safe=False)
        except OutcomeUnknown as error:
            if error.code != "failure_replayed":
                raise
        return self._call(account, act, {"idempotency_key": f"{key}:{uuid4()}"}, safe=False)

    def owner(self, account: PayeeAccount, *, afresh: bool = False) -> str:
        """Whom the key or the platform acts for, as Stripe says it. A key has one owner for ever, so that it is asked
        once, unless `afresh`: whether the key still opens anything at all.
        """
        name = hashlib.sha256(f"{account.secret}\0{account.mode}\0{account.external_id}".encode()).hexdigest()
        with self._lock:
            known = self._owners.get(name)
        if known is None or afresh:
            # Not by its id: that would say nothing about whose key this is.
            found = self.read(
                account, lambda client, options: client.v1.accounts.retrieve_current(None, options)
            )
            known = str(found["id"])
            with self._lock:
                self._owners[name] = known
        return known

    def livemode(self, account: PayeeAccount) -> bool:
        """Whether the key is for real money: Stripe's keys say so themselves."""
        return "_test_" not in (self._connect_key if account.mode == CONNECT else account.secret)

    def close(self) -> None:
        """Drop kept connections."""
        self._transport.close()

    def platform(self) -> stripe.StripeClient:
        """The library with the platform's own key. PayeeProblem where there is none."""
        if not self._connect_key:
            raise PayeeProblem("no_platform_key", "STRIPE_CONNECT_KEY is not set")
        return self._client(self._connect_key)

    def as_platform(self, key: str | None, act: Act) -> Json:
        """What a call with the platform's own key answers. `key` for one that makes something."""
        options: stripe.RequestOptions = {"idempotency_key": key} if key else {}
        return self._translated(self.platform(), act, options, safe=key is None)

    def _call(self, account: PayeeAccount, act: Act, options: stripe.RequestOptions, *, safe: bool) -> Json:
        if account.mode not in MODES:
            raise ValueError(f"Stripe accounts of mode {account.mode!r} are not supported")
        if account.mode == CONNECT:
            options = {**options, "stripe_account": account.external_id}
            return self._translated(self.platform(), act, options, safe=safe)
        return self._translated(self._client(account.secret), act, options, safe=safe)

    def _client(self, key: str) -> stripe.StripeClient:
        return stripe.StripeClient(
            key,
            base_addresses={"api": self._api_url},
            http_client=self._transport,
            max_network_retries=0,
            stripe_version=API_VERSION,
        )

    def _translated(
        self, client: stripe.StripeClient, act: Act, options: stripe.RequestOptions, *, safe: bool
    ) -> Json:
        try:
            return act(client, options).to_dict()
        except stripe.StripeError as error:
            status = error.http_status or 0
            if status < 400:
                raise (TryAgain if safe else OutcomeUnknown)("unreadable", type(error).__name__) from error
            raise StripeError(_code(error), status) from error


def _code(error: stripe.StripeError) -> str:
    """Stripe's code, or its kind of error where it gives none. The library does not pass on every code itself."""
    details = getattr(error, "error", None)
    found = error.code or getattr(details, "code", None) or getattr(details, "type", None)
    return str(found or "unknown")
