"""Leading a provider into Stripe as a connected account: Accounts v2, with Stripe's own page."""

from dataclasses import dataclass
from typing import Any

from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.gateways.stripe.client import StripeCalls, StripeError

_CARDS = "configuration.merchant"


@dataclass(frozen=True)
class Readiness:
    """Whether a connected account can be paid by card; `status` in Stripe's word: active, pending, restricted."""

    status: str

    @property
    def ready(self) -> bool:
        return self.status == "active"


class Onboarding:
    """What a provider's console needs. Providers are liable for their own losses and pay Stripe's fees."""

    def __init__(self, calls: StripeCalls) -> None:
        self._calls = calls

    def create(self, *, name: str, country: str, email: str, key: str) -> str:
        """A new account for a provider (country: ISO 3166-1 alpha-2); its id. Errors as those of a gateway."""
        wanted: Any = {
            "display_name": name,
            "contact_email": email,
            "dashboard": "full",
            "identity": {"country": country.lower()},
            "defaults": {"responsibilities": {"fees_collector": "stripe", "losses_collector": "stripe"}},
            "configuration": {"merchant": {"capabilities": {"card_payments": {"requested": True}}}},
        }
        account = self._ask(key, lambda client, options: client.v2.core.accounts.create(wanted, options))
        return _text(account, "id", OutcomeUnknown)

    def link(self, account_id: str, *, return_url: str, refresh_url: str, key: str) -> str:
        """Where the provider tells Stripe who they are. Good for minutes, once."""
        wanted: Any = {
            "account": account_id,
            "use_case": {
                "type": "account_onboarding",
                "account_onboarding": {
                    "configurations": ["merchant"],
                    "return_url": return_url,
                    "refresh_url": refresh_url,
                },
            },
        }
        link = self._ask(key, lambda client, options: client.v2.core.account_links.create(wanted, options))
        return _text(link, "url", OutcomeUnknown)

    def readiness(self, account_id: str) -> Readiness:
        """How far the provider has come."""
        account = self._ask(
            None,
            lambda client, options: client.v2.core.accounts.retrieve(
                account_id, {"include": [_CARDS]}, options
            ),
        )
        try:
            return Readiness(
                str(account["configuration"]["merchant"]["capabilities"]["card_payments"]["status"])
            )
        except (KeyError, TypeError) as error:
            raise TryAgain("unreadable", "no capability") from error

    def _ask(self, key: str | None, act: Any) -> Any:
        try:
            return self._calls.as_platform(key, act)
        except StripeError as refusal:
            raise refusal.in_our_words() from refusal


def _text(found: Any, name: str, kind: type[OutcomeUnknown]) -> str:
    try:
        return str(found[name])
    except (KeyError, TypeError) as error:
        raise kind("unreadable", f"no {name}") from error
