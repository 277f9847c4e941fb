"""A provider at the Mollie-shaped gateway: an organisation of its own, and the gateway's control calls."""

import itertools
import secrets
from typing import Any

import httpx

_numbers = itertools.count(1)


class Seller:
    """Registers itself. `http` calls the gateway as the seller, or its control API."""

    def __init__(self, url: str, **more: Any) -> None:
        number = next(_numbers)
        self.organisation_id = f"org_{secrets.randbelow(10**6)}{number}"
        self.profile_id = f"pfl_{secrets.token_hex(5)}"
        self.token = f"access_{secrets.token_hex(12)}"
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=20)
        account = {
            "external_id": self.organisation_id,
            "client_id": self.profile_id,
            "client_secret": self.token,
            "name": f"Sample seller {number}",
        }
        self.control("organisations", **account, **more)

    def control(self, path: str, **body: Any) -> Any:
        """POST /sandbox/…, which must succeed; the decoded answer."""
        answer = self.http.post(f"/sandbox/{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        """An API call with the seller's token, in test mode."""
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        if method == "GET":
            return self.http.get(path, params={"testmode": "true", **(body or {})}, headers=headers)
        return self.http.request(method, path, json={"testmode": True, **(body or {})}, headers=headers)

    def open(self, value: str = "25.50", currency: str = "EUR", **more: Any) -> dict[str, Any]:
        """A payment that waits for its payer."""
        wanted = {
            "amount": {"currency": currency, "value": value},
            "description": "A sample",
            "redirectUrl": "http://127.0.0.1:9/return",
            "cancelUrl": "http://127.0.0.1:9/back",
            "method": "creditcard",
            "captureMode": "manual",
            "metadata": {"payment": "p-1"},
            "profileId": self.profile_id,
        }
        answer = self.call("POST", "/v2/payments", wanted | more)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def close(self) -> None:
        """Drop kept connections."""
        self.http.close()
