"""The gateway's certificate and the signature over each webhook, as PayPal makes them.

A certificate authority of our own takes the place of the public one; its certificate is `ca.pem` in the
state directory, for those who verify.
"""

import base64
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ALGORITHM = "SHA256withRSA"
_NAME = "messageverificationcerts.paypal.com"
_DAY = timedelta(days=1)


class Signer:
    """Signs webhooks. Keys and certificates are made once and kept in `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        leaf_file, key_file = folder / "webhooks.pem", folder / "webhooks-key.pem"
        if not leaf_file.exists() or not key_file.exists() or not _still_valid(leaf_file):
            _make_certificates(folder / "ca.pem", leaf_file, key_file)
        self.certificate = leaf_file.read_bytes()
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(f"{key_file} holds no RSA key")
        self._key = key
        digest = x509.load_pem_x509_certificate(self.certificate).fingerprint(hashes.SHA256()).hex()
        self.certificate_id = f"CERT-{digest[:8]}-{digest[8:16]}-{digest[16:24]}"

    def sign(self, transmission_id: str, transmission_time: str, webhook_id: str, body: bytes) -> str:
        """Base64 of the RSA signature over id|time|webhook|crc32, the checksum in decimal."""
        message = f"{transmission_id}|{transmission_time}|{webhook_id}|{zlib.crc32(body)}"
        return base64.b64encode(
            self._key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
        ).decode()


def _still_valid(file: Path) -> bool:
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    return certificate.not_valid_after_utc > datetime.now(UTC) + 30 * _DAY


def _make_certificates(ca_file: Path, leaf_file: Path, key_file: Path) -> None:
    start = datetime.now(UTC) - _DAY
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox certificate authority, no real trust")]
    )
    ca = (
        _builder(ca_name, ca_name, ca_key.public_key(), ca_key, start, start + 3650 * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sandbox"),
            x509.NameAttribute(NameOID.COMMON_NAME, _NAME),
        ]
    )
    leaf = (
        _builder(name, ca_name, key.public_key(), ca_key, start, start + 800 * _DAY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_NAME)]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    leaf_file.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    start: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
