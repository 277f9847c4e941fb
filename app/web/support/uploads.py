"""Files of people: read from a form, and handed out again only as something to keep, never to run."""

from dataclasses import dataclass

from flask import Response, request
from flask_babel import gettext as _

from app.domain.payments.proofs import ProofFile, ProofRefused, check_proof
from app.domain.payments.refund_models import PaymentProof

# What a form with one proof may weigh: the file, and the fields around it.
MOST_FORM_BYTES = 6 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file as it came: its name proves nothing."""

    content: bytes
    filename: str


def read_upload(field: str) -> Upload | None:
    """The file that came with the form; None where none was chosen."""
    upload = request.files.get(field)
    if upload is None or not upload.filename:
        return None
    return Upload(upload.read(), upload.filename)


def read_proof(field: str = "proof") -> ProofFile | None:
    """The file that came with the form, looked at; None where none was chosen. ProofRefused."""
    upload = read_upload(field)
    return None if upload is None else check_proof(upload.content, upload.filename)


def proof_problem(refused: ProofRefused) -> str:
    """What is wrong with a file, and what to do."""
    return {
        "empty": _("The file is empty. Choose another one."),
        "too_large": _("The file is larger than 5 MB. Choose a smaller one, a screenshot for example."),
        "wrong_kind": _("The file is neither a PDF nor a PNG or JPEG picture. Choose one of these."),
        "no_pdf": _("The file is no PDF. Choose one."),
        "too_many": _("There are ten files for this order already. No more are kept."),
    }[refused.code]


def proof_response(proof: PaymentProof) -> Response:
    """A proof of payment, see `file_response`."""
    return file_response(proof.content, proof.content_type, proof.filename)


def file_response(content: bytes, content_type: str, filename: str) -> Response:
    """The file as an attachment: what somebody uploaded is never shown within our pages."""
    response = Response(content, mimetype=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
