"""A renderer for tests: at once, without fonts, keys or Typst."""

from app.integrations.documents.clean_text import clean_text
from app.integrations.documents.interface import CertificateData
from app.integrations.errors import Refused


class FakeCertificates:
    """Answers with a stub that begins like a PDF and holds the record; remembers what it was given."""

    def __init__(self, unprintable: str = "") -> None:
        self.unprintable = unprintable  # characters to treat as missing from the fonts
        self.rendered: list[CertificateData] = []

    def render(self, data: CertificateData, json_twin: bytes) -> bytes:
        """See CertificateRenderer. The same data gives the same bytes."""
        written = [data.presented_to.name, data.reason, *(line.activity_title for line in data.lines)]
        if missing := self.missing_characters(" ".join(text for text in written if text)):
            raise Refused("missing_glyph", missing)
        self.rendered.append(data)
        return b"%PDF-1.7\n" + json_twin + b"\n%%EOF\n"

    def missing_characters(self, text: str) -> str:
        """See CertificateRenderer."""
        return "".join(char for char in dict.fromkeys(clean_text(text)) if char in self.unprintable)
