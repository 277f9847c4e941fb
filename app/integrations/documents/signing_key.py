"""The key that signs certificates, and the X.509 certificate that says whose it is."""

import contextlib
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_VALID = timedelta(days=10 * 365)


class UnusableKey(Exception):
    """The key file cannot sign certificates; the message says why."""


@dataclass(frozen=True)
class SigningKey:
    """An ECDSA P-256 key with its X.509 certificate and the chain above it, if any."""

    private_key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()


def load_signing_key(path: Path) -> SigningKey:
    """Read a PEM file with one unencrypted P-256 key, its certificate and optionally the chain after it.

    Raises UnusableKey when something is missing, of another kind, or does not fit together.
    """
    pem = path.read_bytes()
    try:
        private_key = serialization.load_pem_private_key(pem, password=None)
        certificate, *chain = x509.load_pem_x509_certificates(pem)
    except (ValueError, TypeError) as error:
        raise UnusableKey(f"{path} holds no PEM key with a certificate: {error}") from error
    if not isinstance(private_key, ec.EllipticCurvePrivateKey) or private_key.curve.name != "secp256r1":
        raise UnusableKey(f"{path}: the key is not ECDSA P-256")
    if certificate.public_key() != private_key.public_key():
        raise UnusableKey(f"{path}: the first certificate belongs to another key")
    return SigningKey(private_key, certificate, tuple(chain))


def load_or_make_signing_key(path: Path, now: datetime, name: str) -> SigningKey:
    """The key at `path`; made there on first use, self-signed for `name`, readable by its owner only.

    Of several processes that start at once one makes the key and all use it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{uuid4().hex}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_self_signed(now, name))
            # A link, unlike a rename, never replaces the key that another process has just made.
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
    return load_signing_key(path)


def _self_signed(now: datetime, name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
