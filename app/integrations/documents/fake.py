"""A renderer for tests: at once, without fonts, keys or Typst."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.integrations.documents.clean_text import clean_text
from app.integrations.documents.interface import CertificateData, TaxDocumentData
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


class FakeProFormas:
    """Answers with a stub that begins like a PDF and holds the values."""

    def render(self, values: Mapping[str, Any], at: datetime) -> bytes:
        """See ProFormaRenderer. The same values give the same bytes."""
        return (
            b"%PDF-1.7\n" + json.dumps([values, at.isoformat()], ensure_ascii=False).encode() + b"\n%%EOF\n"
        )


class FakeTaxDocuments:
    """Answers with a stub that begins like a PDF and holds the data."""

    def render(self, data: TaxDocumentData) -> bytes:
        """See TaxDocumentRenderer. The same data give the same bytes."""
        return b"%PDF-1.7\n" + json.dumps(asdict(data), default=str).encode() + b"\n%%EOF\n"
