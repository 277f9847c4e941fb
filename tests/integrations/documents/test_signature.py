"""The signature, as another program checks it."""

from io import BytesIO

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.generic import TextStringObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from app.integrations.documents.signing_key import SigningKey
from app.integrations.documents.typst_certificates import TypstCertificates
from tests.integrations.documents.examples import CERTIFICATE


@pytest.fixture(scope="session")
def signed(certificates: TypstCertificates) -> bytes:
    return certificates.render(CERTIFICATE, b"{}")


def check(pdf: bytes, key: SigningKey) -> PdfSignatureStatus:
    trusted = x509.Certificate.load(key.certificate.public_bytes(Encoding.DER))
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return validate_pdf_signature(signature, ValidationContext(trust_roots=[trusted], allow_fetching=False))


def test_it_is_valid_and_covers_the_whole_file(signed: bytes, signing_key: SigningKey) -> None:
    status = check(signed, signing_key)
    assert status.bottom_line
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert status.modification_level == ModificationLevel.NONE
    assert status.pkcs7_signature_mechanism == "sha256_ecdsa"


def test_it_certifies_that_nothing_may_change(signed: bytes) -> None:
    (signature,) = PdfFileReader(BytesIO(signed)).embedded_signatures
    assert signature.docmdp_level == MDPPerm.NO_CHANGES
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.self_reported_timestamp == CERTIFICATE.issued_at


@pytest.mark.parametrize("place", [0.1, 0.5, 0.8])
def test_a_flipped_byte_breaks_it(signed: bytes, signing_key: SigningKey, place: float) -> None:
    # Inside the compressed streams of the signed part, so that the file still reads as a PDF.
    at = int(signed.index(b"/Contents <") * place)
    at = signed.index(b"stream\n", at) + 20
    flipped = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
    assert not check(flipped, signing_key).intact


def test_a_later_change_is_noticed(signed: bytes, signing_key: SigningKey) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(signed))
    writer.root[pdf_name("/Lang")] = TextStringObject("fr")
    writer.update_root()
    changed = BytesIO()
    writer.write(changed)
    status = check(changed.getvalue(), signing_key)
    assert status.coverage != SignatureCoverageLevel.ENTIRE_FILE
    assert not status.bottom_line


def test_another_key_is_not_trusted(
    signed: bytes, tmp_path_factory: pytest.TempPathFactory, signing_key: SigningKey
) -> None:
    from app.integrations.documents.signing_key import load_or_make_signing_key

    stranger = load_or_make_signing_key(
        tmp_path_factory.mktemp("other") / "key.pem", CERTIFICATE.issued_at, "Somebody else"
    )
    assert not check(signed, stranger).trusted


def test_what_is_signed_is_what_was_typeset(certificates: TypstCertificates, signed: bytes) -> None:
    typeset = certificates.typeset(CERTIFICATE, b"{}")
    assert not typeset.endswith(b"\n")
    assert signed.startswith(typeset + b"\n")
