"""Reads a PDF as a person or a program would."""

from io import BytesIO

from pypdf import PdfReader


def page_texts(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def squeezed(text: str) -> str:
    """Without white space: where a line breaks is the page's affair, the characters are not."""
    return "".join(text.split())


def squeezed_text(pdf: bytes) -> str:
    return squeezed("".join(page_texts(pdf)))


def attachments(pdf: bytes) -> dict[str, list[bytes]]:
    return dict(PdfReader(BytesIO(pdf)).attachments.items())
