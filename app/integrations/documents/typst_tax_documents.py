"""Tax documents set by Typst, from the facts that were frozen with their number."""

import typst

from app.integrations.documents.interface import TaxDocumentData
from app.integrations.documents.plain_typst import PlainTypst
from app.integrations.documents.printed_tax import printed_tax_document


class TypstTaxDocuments:
    """A TaxDocumentRenderer."""

    def __init__(self, fonts: typst.Fonts) -> None:
        self._typst = PlainTypst("tax_document.typ", fonts)

    def render(self, data: TaxDocumentData) -> bytes:
        """The PDF. The same data give the same bytes."""
        return self._typst.compile(printed_tax_document(data), data.issued_at)
