"""Tax documents: one suite for the fake and for Typst, and what Typst sets."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from app.i18n import LANGUAGES
from app.integrations.documents.fake import FakeTaxDocuments
from app.integrations.documents.fonts import load_fonts
from app.integrations.documents.interface import (
    TaxDocumentData,
    TaxDocumentLine,
    TaxDocumentRenderer,
    TaxDocumentSeller,
)
from app.integrations.documents.plain_typst import TEMPLATES
from app.integrations.documents.typst_tax_documents import TypstTaxDocuments

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
DATA = TaxDocumentData(
    number="SAMPLE-2026-000001",
    replaces=None,
    language="en",
    issued_at=AT,
    seller=TaxDocumentSeller(
        "Sample #let x = 1 Ltd", "Sample Road 1", "MW 12", "Zomba", "MW", "MW-1234", "R-77"
    ),
    buyer_name="Sample Bakery $x$",
    buyer_type="organisation",
    buyer_country="DE",
    order_number="VC-7K3M-H9QD",
    lines=(TaxDocumentLine("A6.4-MW-001042", "Sample cookstoves", 2024, "AER", 1200, 1120, 1_344_000),),
    currency="USD",
    total_minor=1_344_000,
    way="transfer",
    service="",
    paid_at=AT,
    certificate_number="VC000123/2026",
    note="Exempt under section 7 of the Sample Act.",
)


@pytest.fixture(scope="module", params=["fake", "typst"])
def renderer(request: pytest.FixtureRequest) -> TaxDocumentRenderer:
    return FakeTaxDocuments() if request.param == "fake" else TypstTaxDocuments(load_fonts())


@pytest.fixture(scope="module")
def typst() -> TypstTaxDocuments:
    return TypstTaxDocuments(load_fonts())


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_the_same_data_give_the_same_pdf(renderer: TaxDocumentRenderer):
    first = renderer.render(DATA)
    assert first.startswith(b"%PDF")
    assert renderer.render(DATA) == first
    assert renderer.render(replace(DATA, note="Another.")) != first


def test_a_letter_without_font_keeps_no_document_back(renderer: TaxDocumentRenderer):
    assert renderer.render(replace(DATA, buyer_name="\U0001fbf0 \ue000")).startswith(b"%PDF")


def test_everything_is_on_it_as_it_was_written(typst: TypstTaxDocuments):
    found = words(typst.render(DATA))
    for text in (
        "Invoice",
        "SAMPLE-2026-000001",
        "23 November 2026",
        "Sample #let x = 1 Ltd",
        "MW 12 Zomba",
        "Malawi",
        "Tax number MW-1234",
        "Company register R-77",
        "Sample Bakery $x$",
        "Germany",
        "A6.4-MW-001042 · vintage 2024",
        "1,200 t",
        "US$11.20",
        "US$13,440.00",
        "VC-7K3M-H9QD",
        "bank transfer",
        "VC000123/2026",
        "Exempt under section 7 of the Sample Act.",
    ):
        assert text in found
    assert "takes the place of" not in found


@pytest.mark.parametrize(("language", "amount"), [("fr", "13 440,00 $US"), ("es", "13.440,00 US$")])
def test_it_speaks_the_buyers_language(typst: TypstTaxDocuments, language: str, amount: str):
    data = replace(
        DATA,
        language=language,
        replaces="SAMPLE-2026-000000",
        buyer_name=None,
        way="wallet",
        service="PayPal",
    )
    found = words(typst.render(data)).replace("\u202f", " ").replace("\xa0", " ")
    assert amount in found
    assert "SAMPLE-2026-000000." in found
    assert "PayPal" in found


def test_every_language_has_every_word():
    found = {
        language: json.loads((TEMPLATES / "words" / f"{language}.json").read_text()) for language in LANGUAGES
    }
    for words_of in found.values():
        assert words_of.keys() == found["en"].keys()
        assert words_of["labels"].keys() == found["en"]["labels"].keys()
        assert words_of["ways"].keys() == {"transfer", "card"}, "a wallet goes by its own name"
