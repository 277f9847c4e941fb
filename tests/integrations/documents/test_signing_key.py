"""Where the key comes from, and what is refused as one."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.integrations.documents import signing_key
from app.integrations.documents.signing_key import UnusableKey, load_or_make_signing_key, load_signing_key

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_it_is_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "certificates.pem"
    made = load_or_make_signing_key(path, NOW, "Sample platform")
    again = load_or_make_signing_key(path, NOW, "Another name")
    assert again.certificate == made.certificate
    assert again.certificate.public_key() == again.private_key.public_key()
    (name,) = again.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "Sample platform"


def test_only_its_owner_may_read_it_and_no_draft_stays(tmp_path: Path) -> None:
    path = tmp_path / "certificates.pem"
    load_or_make_signing_key(path, NOW, "Sample platform")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_of_processes_that_start_together_the_first_key_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "certificates.pem"
    make = signing_key._self_signed

    def make_too_late(now: datetime, name: str) -> bytes:
        path.write_bytes(make(now, "The first"))  # another process, after we looked and before we wrote
        return make(now, name)

    monkeypatch.setattr(signing_key, "_self_signed", make_too_late)
    kept = load_or_make_signing_key(path, NOW, "The second")
    assert kept.certificate.subject.rfc4514_string() == "CN=The first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_chain_comes_along(tmp_path: Path) -> None:
    path = tmp_path / "certificates.pem"
    above = load_or_make_signing_key(tmp_path / "above.pem", NOW, "Sample authority").certificate
    load_or_make_signing_key(path, NOW, "Sample platform")
    path.write_bytes(path.read_bytes() + above.public_bytes(Encoding.PEM))
    assert load_signing_key(path).chain == (above,)


@pytest.mark.parametrize(
    "content, why",
    [
        (b"", "no PEM key"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "no PEM key with a certificate"),
        (pem(ec.generate_private_key(ec.SECP384R1())), "not ECDSA P-256"),
        (pem(rsa.generate_private_key(65537, 2048)), "not ECDSA P-256"),
    ],
)
def test_what_is_no_key_says_why(tmp_path: Path, content: bytes, why: str) -> None:
    certificate = load_or_make_signing_key(tmp_path / "other.pem", NOW, "x").certificate.public_bytes(
        Encoding.PEM
    )
    path = tmp_path / "certificates.pem"
    path.write_bytes(content + (certificate if "P-256" in why else b""))
    with pytest.raises(UnusableKey, match=why):
        load_signing_key(path)


def test_a_key_with_the_certificate_of_another_is_refused(tmp_path: Path) -> None:
    certificate = load_or_make_signing_key(tmp_path / "other.pem", NOW, "x").certificate.public_bytes(
        Encoding.PEM
    )
    path = tmp_path / "certificates.pem"
    path.write_bytes(pem(ec.generate_private_key(ec.SECP256R1())) + certificate)
    with pytest.raises(UnusableKey, match="another key"):
        load_signing_key(path)
