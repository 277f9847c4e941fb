"""The pro-forma invoice as Typst sets it."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from app.integrations.documents.fonts import load_fonts
from app.integrations.documents.typst_pro_formas import TypstProFormas

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path stroke="#000" d="M1 1.5h2"/></svg>'
VALUES: dict[str, Any] = {
    "language": "fr",
    "title": "Facture pro forma",
    "not_tax": "Pro forma, pas une facture fiscale",
    "number": "VC-7K3M-H9QD",
    "number_label": "Commande",
    "date_label": "Date",
    "date": "23 novembre 2026",
    "seller_label": "Vendeur",
    "seller": ["Sample Énergie #let x = 1 SARL", "Sénégal"],
    "buyer_label": "Acheteur",
    "buyer": ["buyer@example.org"],
    "columns": ["Quoi", "Quantité", "Prix", "Somme"],
    "lines": [
        {
            "what": "Sample wind $farm$",
            "more": "A6.4-SN-000001",
            "quantity": "2 t",
            "price": "12,50 €",
            "sum": "25,00 €",
        }
    ],
    "total_label": "Total",
    "total": "25,00 €",
    "fee": "Frais : aucun",
    "pay_label": "À payer par virement",
    "pay": [["Référence", "RF86 VC7K 3MH9 QD"], ["IBAN", "DE89 3704 0044 0532 0130 00"]],
    "advice": "SHA",
    "codes": [{"name": "EPC", "svg": SVG}],
    "notes": ["La plateforme n’est ni vendeur ni bénéficiaire.", "Deuxième note"],
}


@pytest.fixture(scope="module")
def renderer() -> TypstProFormas:
    return TypstProFormas(load_fonts())


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_everything_is_on_it(renderer: TypstProFormas) -> None:
    found = words(renderer.render(VALUES, AT))
    for text in [
        "Pro forma, pas une facture fiscale",
        "VC-7K3M-H9QD",
        "RF86 VC7K 3MH9 QD",
        "25,00 €",
        "Deuxième note",
    ]:
        assert text in found


def test_what_people_wrote_is_set_and_never_run(renderer: TypstProFormas) -> None:
    found = words(renderer.render(VALUES, AT))
    assert "Sample Énergie #let x = 1 SARL" in found
    assert "Sample wind $farm$" in found


def test_the_same_values_give_the_same_bytes(renderer: TypstProFormas) -> None:
    assert renderer.render(VALUES, AT) == renderer.render(VALUES, AT)


def test_a_letter_without_font_keeps_no_invoice_back(renderer: TypstProFormas) -> None:
    assert renderer.render({**VALUES, "buyer": ["\U0001fbf0 \ue000"]}, AT).startswith(b"%PDF")
