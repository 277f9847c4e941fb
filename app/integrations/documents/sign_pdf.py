"""PAdES certification signature over a finished PDF: nothing may be changed after it."""

import asyncio
from datetime import datetime
from io import BytesIO

from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.integrations.documents.signing_key import SigningKey

_FIELD = "Certificate"
# DER of signature, attributes and certificates is about 1.5 KB; hexadecimal in the file. More for a chain.
_RESERVED = 8192


class PdfSeal:
    """Signs PDFs with one key. Holds no state between calls, so threads may share it."""

    def __init__(self, key: SigningKey) -> None:
        self._signer = PdfSigner(
            PdfSignatureMetadata(
                field_name=_FIELD,
                md_algorithm="sha256",
                certify=True,
                subfilter=SigSeedSubFilter.PADES,
                docmdp_permissions=MDPPerm.NO_CHANGES,
            ),
            signer=_KeptKeySigner(key),
            new_field_spec=SigFieldSpec(_FIELD),
        )
        self._reserved = _RESERVED + 4096 * len(key.chain)

    def sign(self, pdf: bytes, signed_at: datetime) -> bytes:
        """The PDF with a certification signature whose claimed time is `signed_at` (aware).

        The signed file differs from call to call (ECDSA and the file's id are random); its content does not.
        Not to be called where an asyncio loop runs in the same thread.
        """
        # An update must start on a line of its own, or PDF/A is broken although the signature is valid.
        original = pdf if pdf.endswith(b"\n") else pdf + b"\n"
        return asyncio.run(self._sign(original, signed_at))

    async def _sign(self, pdf: bytes, signed_at: datetime) -> bytes:
        output = BytesIO()
        session = self._signer.init_signing_session(IncrementalPdfFileWriter(BytesIO(pdf)))
        session.system_time = signed_at
        document = session.prepare_tbs_document(validation_info=None, bytes_reserved=self._reserved)
        digest, stream = document.digest_tbs_document(output=output)
        finished = await document.perform_signature(digest.document_digest, PdfCMSSignedAttributes())
        await finished.post_signature_processing(stream)
        return output.getvalue()


class _KeptKeySigner(Signer):
    """pyHanko's own signer parses the private key for each signature; this one keeps it."""

    def __init__(self, key: SigningKey) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call,unused-ignore]
        store.register_multiple(asn1.Certificate.load(it.public_bytes(Encoding.DER)) for it in key.chain)
        super().__init__(
            signing_cert=asn1.Certificate.load(key.certificate.public_bytes(Encoding.DER)),
            cert_registry=store,
        )
        self._key = key.private_key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002 pyHanko's signature
        if digest_algorithm != "sha256":
            raise ValueError(f"certificates are signed over SHA-256, not {digest_algorithm}")
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))
