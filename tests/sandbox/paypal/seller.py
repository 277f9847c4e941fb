"""A seller with an application of its own at the sandbox gateway, calling its API as any client would."""

import itertools
import secrets
from typing import Any

import httpx

_numbers = itertools.count(1)
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_merchant_id() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(13))


class Seller:
    """`api` calls with the seller's token, `http` without. Ids are new for each seller.

    `caller_id`: whose application calls; after `call_through_platform` a platform's own, an approved partner.
    """

    def __init__(self, url: str, currencies: tuple[str, ...] = ()) -> None:
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=15)
        self.merchant_id = self.caller_id = new_merchant_id()
        self.client_id = f"client-{self.merchant_id}"
        self.secret = secrets.token_urlsafe(12)
        account = {
            "external_id": self.merchant_id,
            "client_id": self.client_id,
            "client_secret": self.secret,
            "name": "Sample provider",
            "currencies": list(currencies),
        }
        self.http.post("/sandbox/merchants", json=account).raise_for_status()
        self.api = httpx.Client(base_url=url, trust_env=False, timeout=15)
        self.sign_in()

    def call_through_platform(self) -> None:
        """From here on `api` is a platform that is new, too. The seller has not agreed to it."""
        self.caller_id = new_merchant_id()
        self.client_id, self.secret = f"platform-{self.caller_id}", secrets.token_urlsafe(12)
        self.control(
            "platforms",
            external_id=self.caller_id,
            client_id=self.client_id,
            client_secret=self.secret,
            attribution_id="SamplePlatform_SP",
            name="Sample platform",
        )
        self.sign_in()

    def sign_in(self) -> None:
        answer = self.http.post(
            "/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=(self.client_id, self.secret)
        )
        self.api.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"

    def close(self) -> None:
        self.http.close()
        self.api.close()

    def order_body(self, value: str = "25.00", currency: str = "EUR", **unit: Any) -> dict[str, Any]:
        return {
            "intent": "CAPTURE",
            "purchase_units": [
                {
                    "amount": {"currency_code": currency, "value": value},
                    "custom_id": f"payment-{next(_numbers)}-{self.merchant_id}",
                    **unit,
                }
            ],
            "payment_source": {
                "paypal": {
                    "experience_context": {
                        "return_url": "http://127.0.0.1:9/return?order=1",
                        "cancel_url": "http://127.0.0.1:9/cancel",
                    }
                }
            },
        }

    def create(self, value: str = "25.00", currency: str = "EUR", key: str | None = None, **unit: Any) -> str:
        """A new order's id."""
        answer = self.api.post(
            "/v2/checkout/orders",
            json=self.order_body(value, currency, **unit),
            headers={"PayPal-Request-Id": key or secrets.token_hex(8)},
        )
        return str(answer.raise_for_status().json()["id"])

    def approve(self, order_id: str, scenario: str = "approve") -> httpx.Response:
        """What the payer does on the page."""
        return self.http.post("/checkoutnow", data={"token": order_id, "scenario": scenario})

    def capture(self, order_id: str, key: str | None = None) -> httpx.Response:
        return self.api.post(
            f"/v2/checkout/orders/{order_id}/capture",
            json={},
            headers={"PayPal-Request-Id": key or secrets.token_hex(8), "Prefer": "return=representation"},
        )

    def order(self, order_id: str) -> Any:
        return self.api.get(f"/v2/checkout/orders/{order_id}").raise_for_status().json()

    def capture_of(self, order_id: str) -> Any:
        """The one capture of a completed order."""
        (capture,) = self.order(order_id)["purchase_units"][0]["payments"]["captures"]
        return capture

    def control(self, path: str, **body: Any) -> Any:
        return self.http.post(f"/sandbox/{path}", json=body).raise_for_status().json()

    def hear(self, url: str) -> str:
        """Have all events told to `url`; the webhook's id."""
        body = {"url": url, "event_types": [{"name": "*"}]}
        return str(self.api.post("/v1/notifications/webhooks", json=body).raise_for_status().json()["id"])
