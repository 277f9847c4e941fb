"""Notifications that are not PayPal's: wrong certificates, addresses, times and accounts."""

import base64
import json
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.integrations.errors import TryAgain
from app.integrations.gateways.interface import NotificationRefused, PayeeAccount
from app.integrations.gateways.paypal import PayPalGateway
from app.integrations.http import HttpClient
from tests.neighbours import free_port

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SENT = "2026-11-23T11:59:30Z"
CERTIFICATE = "/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270"
ACCOUNT = PayeeAccount(
    "account-1", "paypal", "own_app", "SAMPLE2345678", "client", "secret", "8PT597110X687430L"
)
EVENT = {
    "id": "WH-1",
    "event_type": "PAYMENT.CAPTURE.COMPLETED",
    "resource": {
        "id": "CAPTURE1",
        "custom_id": "payment-1",
        "payee": {"merchant_id": "SAMPLE2345678"},
        "supplementary_data": {"related_ids": {"order_id": "ORDER1"}},
    },
}


@dataclass
class Authority:
    """A certificate authority that issues whatever a test needs."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.certificate = (
            self._builder(
                self.name, self.key.public_key(), NOW - timedelta(days=99), NOW + timedelta(days=99)
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=False,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=True,
                    crl_sign=True,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
            .sign(self.key, hashes.SHA256())
        )

    def issue(
        self,
        key: Any,
        name: str = "messageverificationcerts.paypal.com",
        start: datetime = NOW - timedelta(days=9),
        end: datetime = NOW + timedelta(days=9),
    ) -> bytes:
        """A PEM certificate of `key` for `name`."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            self._builder(subject, key.public_key(), start, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)

    def _builder(self, subject: x509.Name, public_key: Any, start: datetime, end: datetime):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )


class Certificates:
    """An API that has nothing but certificates: `served` is what it answers, `asked` who asked."""

    def __init__(self) -> None:
        self.served: dict[str, bytes] = {}
        self.asked: list[str] = []
        certificates = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                certificates.asked.append(self.path)
                body = certificates.served.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def api() -> Iterator[Certificates]:
    api = Certificates()
    thread = threading.Thread(target=api.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield api
    api.server.shutdown()
    api.server.server_close()
    thread.join()


@dataclass
class Case:
    """A genuine notification to begin with. `verify` takes it as it has been changed."""

    api: Certificates
    gateway: PayPalGateway
    key: rsa.RSAPrivateKey
    headers: dict[str, str]
    raw: bytes

    def sign(self, raw: bytes, sent: str = SENT, webhook_id: str = ACCOUNT.webhook_id) -> None:
        self.raw = raw
        message = f"transmission-1|{sent}|{webhook_id}|{zlib.crc32(raw)}".encode()
        signature = self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        self.headers |= {
            "PAYPAL-TRANSMISSION-ID": "transmission-1",
            "PAYPAL-TRANSMISSION-TIME": sent,
            "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
        }

    def verify(self, account: PayeeAccount = ACCOUNT, now: datetime = NOW):
        return self.gateway.verify(self.raw, self.headers, account, now)

    def refused(self, **how: Any) -> str:
        """The code of the refusal."""
        with pytest.raises(NotificationRefused) as refusal:
            self.verify(**how)
        return refusal.value.code


@pytest.fixture
def case(api: Certificates, key: rsa.RSAPrivateKey, authority: Authority, tmp_path: Path) -> Iterator[Case]:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    api.served[CERTIFICATE] = authority.issue(key)
    gateway = PayPalGateway(api.url, ca_file)
    headers = {"PAYPAL-AUTH-ALGO": "SHA256withRSA", "PAYPAL-CERT-URL": api.url + CERTIFICATE}
    case = Case(api, gateway, key, headers, b"")
    case.sign(json.dumps(EVENT).encode())
    yield case
    gateway.close()


def test_genuine_one_passes_and_its_certificate_is_fetched_once(case: Case):
    hint = case.verify()
    assert (hint.event_id, hint.event_type) == ("WH-1", "PAYMENT.CAPTURE.COMPLETED")
    assert set(hint.external_ids) == {"CAPTURE1", "ORDER1"}
    assert hint.references == ("payment-1",)
    case.headers = {name.lower(): value for name, value in case.headers.items()}
    assert case.verify() == hint
    assert case.api.asked == [CERTIFICATE]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.paypal.com.evil.example" + CERTIFICATE,
        "https://api.paypal.com@127.0.0.1" + CERTIFICATE,
        "https://evil-api.paypal.com" + CERTIFICATE,
        "http://api.paypal.com" + CERTIFICATE,
        "https://api.evil.example/.paypal.com" + CERTIFICATE,
        "https://apis.paypal.com" + CERTIFICATE,
        "https://api.paypal.com:444" + CERTIFICATE,
        "https://api.paypal.com/v1/notifications/certs/../../evil/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/CERT-1/..%2f..",
        "https://api.paypal.com" + CERTIFICATE + "?next=evil",
        "https://api.paypal.com" + CERTIFICATE + "#evil",
        "https://api.paypal.com\\@127.0.0.1" + CERTIFICATE,
        "https://api.paypal.com" + CERTIFICATE + "\n",
        "https://[" + CERTIFICATE,
        "https://api.paypal.com:port" + CERTIFICATE,
        CERTIFICATE,
        "",
    ],
)
def test_certificate_from_elsewhere_is_not_even_asked_for(
    case: Case, url: str, monkeypatch: pytest.MonkeyPatch
):
    def nobody_is_called(*args: object, **more: object) -> None:
        raise AssertionError("a call was made")

    monkeypatch.setattr("app.integrations.http.HttpClient.request", nobody_is_called)
    case.headers["PAYPAL-CERT-URL"] = url
    assert case.refused() == "certificate_url"


@pytest.mark.parametrize(
    "url", ["http://user@127.0.0.1:{port}", "http://localhost:{port}", "https://127.0.0.1:{port}"]
)
def test_own_origin_is_meant_to_the_letter(case: Case, url: str):
    port = case.api.server.server_port
    case.headers["PAYPAL-CERT-URL"] = url.format(port=port) + CERTIFICATE
    assert case.refused() == "certificate_url"
    assert case.api.asked == []


@pytest.mark.parametrize(
    "how",
    [
        {"name": "messageverificationcerts.paypal.com.evil.example"},
        {"name": "evilpaypal.com"},
        {"name": "paypal.com"},
        {"start": NOW + timedelta(days=1)},
        {"end": NOW - timedelta(days=1)},
    ],
    ids=str,
)
def test_certificate_that_is_not_paypals(case: Case, authority: Authority, how: dict[str, Any]):
    case.api.served[CERTIFICATE] = authority.issue(case.key, **how)
    assert case.refused() == "certificate"


def test_certificate_of_another_authority(case: Case):
    case.api.served[CERTIFICATE] = Authority().issue(case.key)
    assert case.refused() == "certificate"


def test_known_certificate_expires_too(case: Case):
    case.verify()
    case.sign(case.raw, sent="2026-12-20T00:00:00Z")
    assert case.refused(now=datetime(2026, 12, 20, tzinfo=UTC)) == "certificate"


def test_public_authorities_do_not_know_it(case: Case):
    case.gateway.close()
    case.gateway = PayPalGateway(case.api.url)
    assert case.refused() == "certificate"


def test_certificate_without_an_rsa_key(case: Case, authority: Authority):
    case.api.served[CERTIFICATE] = authority.issue(ec.generate_private_key(ec.SECP256R1()))
    assert case.refused() == "certificate"


@pytest.mark.parametrize("body", [b"", b"no certificate", b"x" * 200_000], ids=["empty", "text", "large"])
def test_certificate_that_cannot_be_read(case: Case, body: bytes):
    case.api.served[CERTIFICATE] = body
    with pytest.raises((NotificationRefused, TryAgain)):
        case.verify()


def test_certificate_that_is_not_there(case: Case):
    del case.api.served[CERTIFICATE]
    assert case.refused() == "certificate"


def test_certificate_that_cannot_be_had_now(case: Case, tmp_path: Path):
    case.gateway.close()
    port = free_port()
    case.gateway = PayPalGateway(f"http://127.0.0.1:{port}", tmp_path / "ca.pem")
    case.headers["PAYPAL-CERT-URL"] = f"http://127.0.0.1:{port}{CERTIFICATE}"
    with pytest.raises(TryAgain):
        case.verify()


def test_invented_addresses_fill_no_memory(case: Case):
    for number in range(20):
        path = f"/v1/notifications/certs/CERT-{number}"
        case.api.served[path] = case.api.served[CERTIFICATE]
        case.headers["PAYPAL-CERT-URL"] = case.api.url + path
        case.verify()
    assert len(case.gateway._verifier._certificates) == 8


@pytest.mark.parametrize(
    "sent, days", [(SENT, 5), (SENT, -5), ("yesterday", 0), ("2026-11-23T11:59:30", 0)], ids=str
)
def test_time_that_is_not_now(case: Case, sent: str, days: int):
    case.sign(case.raw, sent=sent)
    assert case.refused(now=NOW + timedelta(days=days)) == "time"


def test_message_sent_again_for_three_days(case: Case):
    assert case.verify(now=NOW + timedelta(days=3)).event_id == "WH-1"


def test_other_algorithm(case: Case):
    case.headers["PAYPAL-AUTH-ALGO"] = "SHA1withRSA"
    assert case.refused() == "algorithm"


@pytest.mark.parametrize("signature", ["", "bm90IGEgc2lnbmF0dXJl", "not base64!"])
def test_signature_that_is_none(case: Case, signature: str):
    case.headers["PAYPAL-TRANSMISSION-SIG"] = signature
    assert case.refused() == "bad_signature"


def test_account_without_webhook(case: Case):
    case.sign(case.raw, webhook_id="")
    assert case.refused(account=replace(ACCOUNT, webhook_id="")) == "account"


@pytest.mark.parametrize("where", ["capture", "order"])
def test_money_for_somebody_else(case: Case, where: str):
    payee = {"payee": {"merchant_id": "STRANGER23456"}}
    resource = payee if where == "capture" else {"purchase_units": [payee]}
    case.sign(json.dumps(EVENT | {"resource": resource}).encode())
    assert case.refused() == "account"


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"id": "WH-1"}', b'{"resource": 1}', b"\xff"])
def test_signed_nonsense(case: Case, raw: bytes):
    case.sign(raw)
    assert case.refused() == "unreadable"


def test_refund_points_to_its_capture(case: Case):
    links = [{"rel": "self", "href": "https://x/refunds/R1"}, {"rel": "up", "href": "https://x/captures/C1"}]
    case.sign(json.dumps(EVENT | {"resource": {"id": "R1", "links": links}}).encode())
    assert set(case.verify().external_ids) == {"R1", "C1"}


def test_reversed_approval_names_its_order(case: Case):
    resource = {"order_id": "ORDER1", "purchase_units": [{"custom_id": "payment-1"}]}
    case.sign(json.dumps(EVENT | {"resource": resource}).encode())
    hint = case.verify()
    assert (hint.external_ids, hint.references) == (("ORDER1",), ("payment-1",))


LIVE, SANDBOX = "https://api-m.paypal.com", "https://api-m.sandbox.paypal.com"


@pytest.mark.parametrize(
    ("own", "other", "ours"),
    [
        (LIVE, LIVE, True),
        (LIVE, "https://api.paypal.com", True),
        (LIVE, SANDBOX, False),
        (LIVE, "https://api.sandbox.paypal.com", False),
        (SANDBOX, SANDBOX, True),
        (SANDBOX, "https://api.sandbox.paypal.com", True),
        (SANDBOX, LIVE, False),
        ("http://127.0.0.1:9", LIVE, False),
        ("http://127.0.0.1:9", SANDBOX, False),
    ],
)
def test_a_certificate_of_the_other_environment_is_not_even_asked_for(
    case: Case, monkeypatch: pytest.MonkeyPatch, own: str, other: str, ours: bool
):
    asked = []

    def away(client: HttpClient, *_: object) -> None:
        asked.append(client)
        raise TryAgain("away")

    monkeypatch.setattr(HttpClient, "request", away)
    case.gateway._verifier._own_origin = own
    case.headers["PAYPAL-CERT-URL"] = other + CERTIFICATE
    with pytest.raises(TryAgain if ours else NotificationRefused):
        case.verify()
    assert len(asked) == ours
