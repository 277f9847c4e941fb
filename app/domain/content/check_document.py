"""Read a document that somebody uploaded."""

from dataclasses import dataclass
from hashlib import sha256

from app.domain.content.refused import ContentRefused

MOST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Document:
    """A PDF, as it came: it is only ever handed out to be kept, never shown within a page."""

    content: bytes
    sha256: str
    content_type: str = "application/pdf"


def check_document(content: bytes) -> Document:
    """A PDF of at most 10 MB, by its content. ContentRefused: empty, too_large, wrong_kind."""
    if not content:
        raise ContentRefused("empty")
    if len(content) > MOST_BYTES:
        raise ContentRefused("too_large")
    if not content.startswith(b"%PDF-"):
        raise ContentRefused("wrong_kind")
    return Document(content, sha256(content).hexdigest())
