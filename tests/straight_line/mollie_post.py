"""Writes and signs messages as Mollie does, for the sequences of deliveries."""

import hashlib
import hmac
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from app.integrations.gateways.fake import FakeCheckout
from app.integrations.gateways.mollie import MollieGateway
from app.sealing import Sealer
from tests.factories import SECRET_KEY

SECRET = "the secret of this test's webhook"


class MolliePost:
    """Mollie signs the body and no time: whoever changes the time of an event breaks its signature."""

    code = "mollie"

    def __init__(self, folder: Path) -> None:
        self.judge = MollieGateway("http://127.0.0.1:1")

    def account(self) -> dict[str, Any]:
        return {
            "mode": "own_key",
            "webhook_secret_sealed": Sealer(SECRET_KEY).seal(SECRET),
            "livemode": False,
        }

    def event(self, event_id: str, checkout: FakeCheckout) -> bytes:
        about = {"id": checkout.external_id, "mode": "test", "metadata": {"payment": checkout.reference}}
        event = {"id": event_id, "type": "payment.x", "entityId": checkout.external_id}
        return json.dumps(event | {"createdAt": "now", "_embedded": {"entity": about}}).encode()

    def sign(self, raw: bytes, at: datetime, forged: str = "") -> tuple[bytes, dict[str, str]]:
        signed = raw.replace(b'"createdAt": "now"', b'"createdAt": "then"') if forged == "time" else raw
        secret = "the secret of somebody else" if forged == "account" else SECRET
        signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        if forged == "signature":
            signature = "0" * 64
        return raw, {} if forged == "unsigned" else {"X-Mollie-Signature": f"sha256={signature}"}

    def close(self) -> None:
        self.judge.close()
