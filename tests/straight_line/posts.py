"""Who writes and signs messages as a gateway does. Another gateway is another class, named in POSTS."""

import base64
import json
import threading
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import stripe
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.integrations.gateways.fake import FakeCheckout
from app.integrations.gateways.interface import PaymentGateway
from app.integrations.gateways.paypal import PayPalGateway
from app.integrations.gateways.stripe import StripeGateway
from app.sealing import Sealer
from tests.factories import SECRET_KEY
from tests.integrations.gateways.test_notifications import CERTIFICATE, Authority, Certificates
from tests.straight_line.mollie_post import MolliePost

FORGERIES = ("body", "signature", "time", "unsigned", "account")
Message = tuple[bytes, dict[str, str]]


class Post(Protocol):
    """A gateway's post office. It keeps what it needs in a folder, and is closed in the end."""

    code: str
    judge: PaymentGateway  # the real adapter, who says what is genuine

    def __init__(self, folder: Path) -> None: ...

    def account(self) -> dict[str, Any]:
        """Columns of the payee account to which the messages are sent."""

    def event(self, event_id: str, checkout: FakeCheckout) -> bytes:
        """A message about a checkout."""

    def sign(self, raw: bytes, at: datetime, forged: str = "") -> Message:
        """The message as it arrives at a time, genuine or with one of FORGERIES. Another `body` is put in later."""

    def close(self) -> None: ...


class PayPalPost:
    """Messages signed with a certificate that can be had as long as this is open."""

    code = "paypal"

    def __init__(self, folder: Path) -> None:
        authority, key = Authority(), rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key, self.api = key, Certificates()
        self.api.served[CERTIFICATE] = authority.issue(key)
        ca_file = folder / "ca.pem"
        ca_file.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
        self.judge = PayPalGateway(self.api.url, ca_file)
        self.thread = threading.Thread(target=self.api.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def account(self) -> dict[str, Any]:
        return {"webhook_id": "WH-OF-THIS-TEST"}

    def event(self, event_id: str, checkout: FakeCheckout) -> bytes:
        about = {"id": checkout.external_id, "custom_id": checkout.reference}
        return json.dumps({"id": event_id, "event_type": "PAYMENT.X", "resource": about}).encode()

    def sign(self, raw: bytes, at: datetime, forged: str = "") -> Message:
        sent = (at - timedelta(days=9) if forged == "time" else at).isoformat()
        webhook = "WH-OF-SOMEBODY" if forged == "account" else "WH-OF-THIS-TEST"
        message = f"T|{sent}|{webhook}|{zlib.crc32(raw)}".encode()
        signature = self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        headers = {
            "PAYPAL-TRANSMISSION-ID": "T",
            "PAYPAL-TRANSMISSION-TIME": sent,
            "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
            "PAYPAL-CERT-URL": self.api.url + CERTIFICATE,
        }
        if forged == "signature":
            headers["PAYPAL-TRANSMISSION-SIG"] = base64.b64encode(b"x" * 256).decode()
        return raw, {} if forged == "unsigned" else headers

    def close(self) -> None:
        self.api.server.shutdown()
        self.api.server.server_close()
        self.thread.join()
        self.judge.close()


class StripePost:
    """Messages signed with a secret that both sides have."""

    code = "stripe"
    _secret = "whsec_of_this_test"

    def __init__(self, folder: Path) -> None:
        self.judge = StripeGateway("http://127.0.0.1:1")

    def account(self) -> dict[str, Any]:
        return {
            "mode": "own_key",
            "webhook_secret_sealed": Sealer(SECRET_KEY).seal(self._secret),
            "livemode": False,
        }

    def event(self, event_id: str, checkout: FakeCheckout) -> bytes:
        about = {"id": checkout.external_id, "client_reference_id": checkout.reference}
        event = {"id": event_id, "type": "checkout.x", "livemode": False, "data": {"object": about}}
        return json.dumps(event).encode()

    def sign(self, raw: bytes, at: datetime, forged: str = "") -> Message:
        sent = int((at - timedelta(minutes=6) if forged == "time" else at).timestamp())
        secret = "whsec_of_somebody" if forged == "account" else self._secret
        header = stripe.WebhookSignature.generate_signature_header(raw.decode(), secret, timestamp=sent)
        if forged == "signature":
            header = f"t={sent},v1={'0' * 64}"
        return raw, {} if forged == "unsigned" else {"Stripe-Signature": header}

    def close(self) -> None:
        self.judge.close()


POSTS: tuple[type[Post], ...] = (PayPalPost, StripePost, MolliePost)
