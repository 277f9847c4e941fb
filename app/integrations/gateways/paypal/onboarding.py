"""Leading a provider into letting the platform's application act for their account, and seeing whether they have.

PayPal calls it Partner Referrals and Merchant Integrations. Our account id is the `tracking_id`.
"""

from typing import Any
from urllib.parse import quote

from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.gateways.interface import Applicant, PayeeAccount, PayeeProblem
from app.integrations.gateways.paypal.client import PayPalClient, PayPalError
from app.integrations.gateways.paypal.platform import Platform

_REFERRALS = "/v2/customer/partner-referrals"
_FEATURES = ("PAYMENT", "REFUND", "ACCESS_MERCHANT_INFORMATION", "READ_SELLER_DISPUTE")


def referral_request(account: PayeeAccount, applicant: Applicant, return_url: str) -> dict[str, object]:
    """The body that opens PayPal's sign-up for a provider. No share of their money is asked for."""
    rest = {
        "integration_method": "PAYPAL",
        "integration_type": "THIRD_PARTY",
        "third_party_details": {"features": list(_FEATURES)},
    }
    return {
        "tracking_id": account.id,
        "email": applicant.email,
        "partner_config_override": {"return_url": return_url},
        "operations": [
            {"operation": "API_INTEGRATION", "api_integration_preference": {"rest_api_integration": rest}}
        ],
        "products": ["EXPRESS_CHECKOUT"],
        "legal_consents": [{"type": "SHARE_DATA_CONSENT", "granted": True}],
    }


class Onboarding:
    """What a provider's console needs of mode partner. Errors as those of a gateway."""

    def __init__(self, client: PayPalClient) -> None:
        self._client = client

    def link(self, account: PayeeAccount, applicant: Applicant, return_url: str, key: str) -> str:
        """Where the provider agrees, on PayPal's own site."""
        body = referral_request(account, applicant, return_url)
        try:
            answer = self._client.call(account, "POST", _REFERRALS, body=body, key=key, for_account=False)
        except PayPalError as refusal:
            raise refusal.in_our_words() from refusal
        try:
            (url,) = [str(link["href"]) for link in answer["links"] if link["rel"] == "action_url"]
        except (KeyError, TypeError, ValueError) as error:
            raise OutcomeUnknown("unreadable", "no link") from error
        return url

    def connected(self, account: PayeeAccount, platform: Platform) -> str:
        """The merchant id of the account, which could be paid now. PayeeProblem says why it could not."""
        merchants = f"/v1/customer/partners/{platform.partner_id}/merchant-integrations"
        try:
            # Also without the provider's browser coming back: PayPal finds them by our own id.
            merchant_id = account.external_id or str(
                self._ask(account, merchants, {"tracking_id": account.id})["merchant_id"]
            )
            found = self._ask(account, f"{merchants}/{quote(merchant_id, safe='')}")
            problem = _problem(found, account, platform)
        except (KeyError, TypeError, AttributeError) as error:
            raise TryAgain("unreadable", "no integration") from error
        if problem:
            raise PayeeProblem(problem, merchant_id)
        # What is kept was issued before this consent, and would not cover it.
        self._client.forget_token(account)
        return merchant_id

    def _ask(self, account: PayeeAccount, path: str, params: dict[str, str] | None = None) -> Any:
        try:
            return self._client.call(account, "GET", path, params=params, for_account=False)
        except PayPalError as refusal:
            if refusal.status == 404:
                raise PayeeProblem("not_connected", refusal.code) from refusal
            raise refusal.in_our_words() from refusal


def _problem(found: Any, account: PayeeAccount, platform: Platform) -> str | None:
    """Why an integration as PayPal shows it is not enough to be paid; None where it is."""
    if found["tracking_id"] != account.id:
        return "wrong_account"
    agreed = {
        party["partner_client_id"]
        for integration in found.get("oauth_integrations", ())
        for party in integration.get("oauth_third_party", ())
    }
    if platform.client_id not in agreed:
        return "consent_revoked" if account.external_id else "no_consent"
    if not found["primary_email_confirmed"]:
        return "email_not_confirmed"
    if not found["payments_receivable"]:
        return "not_receivable"
    return None
