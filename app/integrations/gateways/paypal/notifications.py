"""Webhooks are checked offline, with the certificate that signs them.

What is signed (PayPal, "Integrate webhooks"): transmission id|transmission time|webhook id|CRC32 of the raw
body, the checksum in decimal; RSA with SHA-256, in base64.
"""

import base64
import binascii
import re
import threading
import warnings
import zlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from app.integrations.gateways.interface import PARTNER, Hint, NotificationRefused, PayeeAccount
from app.integrations.gateways.paypal.events import UnreadableEvent, read_event
from app.integrations.gateways.paypal.words import ABOUT_ACCOUNTS, ACCOUNT_PROBLEMS, GATEWAY
from app.integrations.http import HttpClient

_ALGORITHM = "SHA256withRSA"
# Events carry no flag that says whether they are for trying out: the host of the certificate says it.
_PAYPAL_ORIGIN = re.compile(r"https://api(?:-m)?(?P<environment>\.sandbox)?\.paypal\.com")
_CERTIFICATE_PATH = re.compile(r"/v1/notifications/certs/CERT-[A-Za-z0-9-]{1,80}")
_SIGNER = re.compile(r"([a-z0-9-]+\.)+paypal\.com")
# PayPal tries again for three days, and a message sent again keeps its first time.
_SKEW = timedelta(days=4)
_PEM_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_MOST_CERTIFICATES = 8
_LONGEST_CERTIFICATE = 100_000


class NotificationVerifier:
    """Checks notifications against certificates of PayPal, which it fetches once each."""

    def __init__(self, api_url: str, ca_file: Path | None, timeout: float) -> None:
        self._own_origin = _origin(api_url)
        self._timeout = timeout
        self._authorities = Store(_authorities(Path(ca_file or certifi.where())))
        self._lock = threading.Lock()
        self._certificates: dict[str, list[x509.Certificate]] = {}

    def verify(self, raw: bytes, headers: Mapping[str, str], account: PayeeAccount, now: datetime) -> Hint:
        """The hint in a genuine notification to this account. Raises NotificationRefused, TryAgain."""
        given = {name.lower(): value for name, value in headers.items()}
        try:
            sent_at = given["paypal-transmission-time"]
            transmission = given["paypal-transmission-id"]
            signature = base64.b64decode(given["paypal-transmission-sig"], validate=True)
            algorithm, url = given["paypal-auth-algo"], given["paypal-cert-url"]
        except KeyError as error:
            raise NotificationRefused("header_missing", str(error)) from error
        except binascii.Error as error:
            raise NotificationRefused("bad_signature", "not base64") from error
        if algorithm != _ALGORITHM:
            raise NotificationRefused("algorithm", "not " + _ALGORITHM)
        if not account.webhook_id:
            raise NotificationRefused("account", "no webhook is registered")
        _check_time(sent_at, now)
        key = self._key_at(url, now)
        signed = f"{transmission}|{sent_at}|{account.webhook_id}|{zlib.crc32(raw)}"
        try:
            key.verify(signature, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as error:
            raise NotificationRefused("bad_signature") from error
        return _hint(raw, account)

    def _key_at(self, url: str, now: datetime) -> rsa.RSAPublicKey:
        """The public key of the certificate at an address of PayPal's, checked up to an authority."""
        leaf, *chain = self._fetch(url)
        name = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        host = str(name[0].value) if len(name) == 1 else ""
        if not _SIGNER.fullmatch(host):
            raise NotificationRefused("certificate", "the subject is not under paypal.com")
        try:
            policy = PolicyBuilder().store(self._authorities).time(now.astimezone(UTC).replace(tzinfo=None))
            policy.build_server_verifier(x509.DNSName(host)).verify(leaf, chain)
        except VerificationError as error:
            raise NotificationRefused("certificate", "not valid, or of an unknown authority") from error
        key = leaf.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise NotificationRefused("certificate", "no RSA key")
        return key

    def _fetch(self, url: str) -> list[x509.Certificate]:
        with self._lock:
            known = self._certificates.get(url)
        if known:
            return known
        http = HttpClient(
            GATEWAY, self._allowed_origin(url), read=self._timeout, max_bytes=_LONGEST_CERTIFICATE
        )
        try:
            response = http.request("GET", urlsplit(url).path)
        finally:
            http.close()
        if response.status != 200:
            raise NotificationRefused("certificate", f"{response.status} at its address")
        try:
            certificates = x509.load_pem_x509_certificates(response.body)
        except ValueError as error:
            raise NotificationRefused("certificate", "unreadable") from error
        with self._lock:
            # Only so many, so that invented addresses fill no memory; the oldest goes.
            if len(self._certificates) >= _MOST_CERTIFICATES:
                self._certificates.pop(next(iter(self._certificates)))
            self._certificates[url] = certificates
        return certificates

    def _allowed_origin(self, url: str) -> str:
        """The origin of a certificate's address, if it is PayPal's own. Nothing else is ever called."""
        try:
            parts = urlsplit(url)
            origin = _origin(url)
        except ValueError as error:
            raise NotificationRefused("certificate_url", "unreadable") from error
        # The address must be nothing but origin and path: no user, query or fragment, in no disguise.
        plain = url == f"{parts.scheme}://{parts.netloc}{parts.path}" and "@" not in parts.netloc
        if not (plain and self._is_ours(origin) and _CERTIFICATE_PATH.fullmatch(parts.path)):
            raise NotificationRefused("certificate_url", "not an address of PayPal's certificates")
        return origin

    def _is_ours(self, origin: str) -> bool:
        """Is it the PayPal that is called, in the same environment: live or for trying out?"""
        if origin == self._own_origin:
            return True
        own, other = _PAYPAL_ORIGIN.fullmatch(self._own_origin), _PAYPAL_ORIGIN.fullmatch(origin)
        return bool(own and other and own["environment"] == other["environment"])


def _authorities(file: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file, as many of them as can be read."""
    found = []
    for block in _PEM_BLOCK.findall(file.read_bytes()):
        # Public lists have authorities whose serial number RFC 5280 forbids. The library warns of them
        # today and will refuse them one day; neither may cost us the others.
        with warnings.catch_warnings(), suppress(ValueError):
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            found.append(x509.load_pem_x509_certificate(block))
    return found


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def _check_time(sent_at: str, now: datetime) -> None:
    try:
        skew = abs(now - datetime.fromisoformat(sent_at))
    except (ValueError, TypeError) as error:  # TypeError: a time without a zone
        raise NotificationRefused("time", "unreadable") from error
    if skew > _SKEW:
        raise NotificationRefused("time", "too old, or of the future")


def _hint(raw: bytes, account: PayeeAccount) -> Hint:
    try:
        event = read_event(raw)
    except UnreadableEvent as error:
        raise NotificationRefused("unreadable", str(error)) from error
    if not all(_is_of(account, *payee) for payee in event.payees):
        raise NotificationRefused("account", "about money for somebody else")
    if event.tracking_id not in ("", account.id):
        raise NotificationRefused("account", "about another account")
    return Hint(
        event_id=event.event_id,
        event_type=event.event_type,
        external_ids=event.external_ids,
        references=event.references,
        about_account=event.event_type in ABOUT_ACCOUNTS,
        account_problem=ACCOUNT_PROBLEMS.get(event.event_type),
    )


def _is_of(account: PayeeAccount, merchant_id: str, email: str) -> bool:
    """Is it this account that an event names? One in the making has no merchant id that could be another's."""
    if "@" in account.external_id:
        # Where PayPal names it by merchant id only, nobody knows: whoever goes and looks will see.
        return email.casefold() in ("", account.external_id.casefold())
    return merchant_id in ("", account.external_id) or (not account.external_id and account.mode == PARTNER)
