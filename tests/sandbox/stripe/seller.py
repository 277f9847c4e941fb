"""A seller with an account of its own at the sandbox gateway, calling its API as any client would."""

import itertools
import secrets
import time
from typing import Any

import httpx

_numbers = itertools.count(1)


def new_account_id() -> str:
    return f"acct_1{secrets.token_hex(8)[:15]}"


def flat(value: Any, name: str = "") -> dict[str, str]:
    """A nested value as the names and texts of Stripe's forms."""
    if isinstance(value, dict):
        pairs = [(f"{name}[{key}]" if name else str(key), part) for key, part in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{name}[{index}]", part) for index, part in enumerate(value)]
    else:
        return {name: str(value)}
    return {inner: text for key, part in pairs for inner, text in flat(part, key).items()}


class Seller:
    """`api` calls with the seller's key, `http` without. Ids are new for each seller."""

    def __init__(self, url: str, **more: Any) -> None:
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=15)
        self.account_id = new_account_id()
        self.key = f"rk_test_{secrets.token_hex(12)}"
        account = {
            "external_id": self.account_id,
            "client_secret": self.key,
            "name": "Sample provider",
            **more,
        }
        self.http.post("/sandbox/accounts", json=account).raise_for_status()
        self.api = httpx.Client(
            base_url=url, trust_env=False, timeout=15, headers={"Authorization": f"Bearer {self.key}"}
        )

    def close(self) -> None:
        self.http.close()
        self.api.close()

    def session_body(self, amount: int = 2500, currency: str = "eur", **more: Any) -> dict[str, Any]:
        payment = f"payment-{next(_numbers)}-{self.account_id}"
        return {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": currency,
                        "unit_amount": amount,
                        "product_data": {"name": "VC-1: 25 t"},
                    },
                }
            ],
            "client_reference_id": payment,
            "payment_intent_data": {"capture_method": "manual", "metadata": {"payment": payment}},
            "payment_method_types": ["card"],
            "expires_at": int(time.time()) + 3600,
            "success_url": "http://127.0.0.1:9/return?order=1",
            "cancel_url": "http://127.0.0.1:9/cancel",
            **more,
        }

    def post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.api.post(path, data=flat(body or {}), headers=headers)

    def create(self, amount: int = 2500, currency: str = "eur", **more: Any) -> str:
        """A new session's id."""
        answer = self.post("/v1/checkout/sessions", self.session_body(amount, currency, **more))
        return str(answer.raise_for_status().json()["id"])

    def pay(self, session_id: str, scenario: str = "approve") -> httpx.Response:
        """What the payer does on the page."""
        return self.http.post(f"/c/pay/{session_id}", data={"scenario": scenario})

    def approved(self, scenario: str = "approve", amount: int = 2500) -> str:
        """A session that its payer has completed."""
        session_id = self.create(amount)
        self.control(f"sessions/{session_id}/pay", scenario=scenario)
        return session_id

    def session(self, session_id: str) -> Any:
        """A session with its payment intent and charge."""
        query = {"expand[0]": "payment_intent.latest_charge"}
        return self.api.get(f"/v1/checkout/sessions/{session_id}", params=query).raise_for_status().json()

    def intent_id(self, session_id: str) -> str:
        return str(self.session(session_id)["payment_intent"]["id"])

    def capture(self, session_id: str, key: str | None = None) -> httpx.Response:
        return self.post(f"/v1/payment_intents/{self.intent_id(session_id)}/capture", key=key)

    def captured(self, scenario: str = "approve") -> str:
        """A session whose money has been taken."""
        session_id = self.approved(scenario)
        self.capture(session_id).raise_for_status()
        return session_id

    def refund(self, session_id: str, key: str | None = None, **more: Any) -> httpx.Response:
        return self.post("/v1/refunds", {"payment_intent": self.intent_id(session_id), **more}, key)

    def control(self, path: str, **body: Any) -> Any:
        return self.http.post(f"/sandbox/{path}", json=body).raise_for_status().json()

    def hear(self, url: str) -> Any:
        """Have all events told to `url`; the endpoint with its secret."""
        body = {"url": url, "enabled_events": ["*"]}
        return self.post("/v1/webhook_endpoints", body).raise_for_status().json()
