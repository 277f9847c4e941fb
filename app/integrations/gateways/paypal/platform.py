"""The platform's own application at PayPal: it names providers as payees, or acts for those who agreed to it."""

import base64
import json
import re
from dataclasses import dataclass, field

from app.integrations.gateways.interface import PARTNER, PAYEE, PayeeAccount, PayeeProblem

# Letters and digits that cannot be taken for one another. Source: PayPal's OpenAPI files, `account_id`.
MERCHANT_ID = re.compile(r"[2-9A-HJ-NP-Z]{13}")


@dataclass(frozen=True)
class Platform:
    """`payee_mode`: providers may be named as payees, without a word of theirs at PayPal: experimental.

    `partner_id` and `attribution_id` (BN code): as PayPal gave them to its partner, "" where it is none.
    """

    client_id: str
    secret: str = field(repr=False)
    payee_mode: bool = False
    partner_id: str = ""
    attribution_id: str = ""

    @property
    def modes(self) -> frozenset[str]:
        """Modes in which accounts can be paid through this application."""
        return frozenset({PAYEE} if self.payee_mode else ()) | ({PARTNER} if self.partner_id else set())

    def headers_for(self, account: PayeeAccount) -> dict[str, str]:
        """What a call has beyond the token, to act for this account."""
        if account.mode != PARTNER:
            return {}
        return {
            "PayPal-Auth-Assertion": _assertion(self.client_id, merchant_id_of(account)),
            "PayPal-Partner-Attribution-Id": self.attribution_id,
        }


def merchant_id_of(account: PayeeAccount) -> str:
    """The account's merchant id. PayeeProblem while its owner has not connected it."""
    if not MERCHANT_ID.fullmatch(account.external_id):
        raise PayeeProblem("not_connected", "no merchant id")
    return account.external_id


def payee_of(account: PayeeAccount) -> dict[str, str] | None:
    """Whom a checkout names as payee; None where whoever calls is paid."""
    if account.mode not in (PAYEE, PARTNER):
        return None
    if account.mode == PAYEE and "@" in account.external_id:
        return {"email_address": account.external_id}
    return {"merchant_id": merchant_id_of(account)}


def _assertion(client_id: str, merchant_id: str) -> str:
    """An unsigned JWT, as PayPal wants it from its partners: who asks, and for whom."""
    parts = ({"alg": "none"}, {"iss": client_id, "payer_id": merchant_id})
    return ".".join([*(_base64url(json.dumps(part, separators=(",", ":"))) for part in parts), ""])


def _base64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
