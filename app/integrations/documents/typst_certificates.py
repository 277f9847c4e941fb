"""Certificates set by Typst: PDF/A-3a and PDF/UA-1, the record attached, signed."""

import hashlib
import json
import re
import threading
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import segno
import typst

from app.integrations.documents.clean_text import clean_text
from app.integrations.documents.fonts import FAMILIES
from app.integrations.documents.interface import CertificateData
from app.integrations.documents.ornament import contour_lines
from app.integrations.documents.printed import TEMPLATES, printed_certificate
from app.integrations.documents.signing_key import SigningKey
from app.integrations.errors import Refused

if TYPE_CHECKING:
    from app.integrations.documents.sign_pdf import PdfSeal

_MISSING = re.compile(r'the text `"(.*)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


class TypstCertificates:
    """A CertificateRenderer. Threads may share it: each has its own compiler, all have the same fonts."""

    def __init__(self, key: SigningKey, fonts: typst.Fonts) -> None:
        self._key = key
        self._fonts = fonts
        self._families = [*FAMILIES, *sorted(set(fonts.families()) - {*FAMILIES, "Noto Sans Mono"})]
        self._kept = threading.local()

    @cached_property
    def _seal(self) -> "PdfSeal":
        # Only who signs should pay for pyHanko, the dearest of all libraries to load.
        from app.integrations.documents.sign_pdf import PdfSeal  # noqa: PLC0415

        return PdfSeal(self._key)

    def render(self, data: CertificateData, json_twin: bytes) -> bytes:
        """The signed PDF with `json_twin` (UTF-8) attached, see CertificateRenderer.

        About 25 ms. Raises Refused("missing_glyph") or Refused("unprintable_fact"), both for good.
        """
        return self._seal.sign(self.typeset(data, json_twin), data.issued_at)

    def typeset(self, data: CertificateData, json_twin: bytes) -> bytes:
        """The PDF before it is signed: the same data gives the same bytes."""
        printed = printed_certificate(data)
        printed["qr"] = _qr_code(data.public_url)
        printed["contours"] = contour_lines(data.code)
        printed["record"] = json_twin.decode()
        printed["record_sha256"] = hashlib.sha256(json_twin).hexdigest()
        return self._compile("certificate.typ", printed, int(data.issued_at.timestamp()))

    def missing_characters(self, text: str) -> str:
        """The characters of `text` (cleaned) that no installed font has, each once; "" if none.

        Asked of Typst itself, so that the answer before payment is the one after it.
        """
        cleaned = clean_text(text)
        if not (missing := self._missing(cleaned)):
            return ""
        return "".join(char for char in dict.fromkeys(cleaned) if self._missing(char)) or missing

    def _missing(self, text: str) -> str:
        try:
            self._compile("coverage.typ", {"text": text}, 0)
        except Refused as refused:
            return refused.detail
        return ""

    def _compile(self, template: str, values: dict[str, Any], timestamp: int) -> bytes:
        try:
            pdf = self._compiler(template).compile(
                format="pdf",
                sys_inputs={"values": json.dumps(values | {"families": self._families}, ensure_ascii=False)},
                pdf_standards=["a-3a", "ua-1"],
                timestamp=timestamp,
            )
        except typst.TypstError as error:
            if found := _MISSING.search(error.message):
                shown = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), found[1])
                raise Refused("missing_glyph", shown) from error
            raise
        return cast("bytes", pdf)

    def _compiler(self, template: str) -> typst.Compiler:
        """This thread's compiler of the template; shared ones raise "Already borrowed"."""
        compilers: dict[str, typst.Compiler] = self._kept.__dict__
        if template not in compilers:
            compilers[template] = typst.Compiler(TEMPLATES / template, root=TEMPLATES, font_paths=self._fonts)
        return compilers[template]


def _qr_code(url: str) -> str:
    svg = BytesIO()
    segno.make(url, error="m", micro=False).save(svg, kind="svg", border=0, dark="#0a2540")
    return svg.getvalue().decode()
