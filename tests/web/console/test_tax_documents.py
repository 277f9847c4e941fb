"""Invoices at the console: a file brought, a document made, and how they are numbered."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.tax_documents.queries import documents_of
from app.shells.print_tax_document import print_tax_document
from tests.factories import make_offer, make_order
from tests.web.console.conftest import Seller
from tests.web.pages import Client

SERIES = "/en/console/tax-documents"


@pytest.fixture
def order(seller: Seller, session: Session) -> Order:
    now = datetime.now(UTC)
    provider = session.merge(seller.provider)
    provider.street, provider.town, provider.tax_id = "Sample Road 1", "Zomba", "MW-1234"
    made = make_order(session, make_offer(session, provider=provider), now=now)
    made.state, made.paid_at = OrderState.COMPLETED, now
    session.commit()
    return made


def test_a_series_is_chosen_and_a_document_made_of_it(
    app: Flask, seller: Seller, order: Order, session: Session, administrator: Client
):
    client, address = seller.client, f"/en/console/orders/{order.number}"
    page = client.get(address).follow("Have invoices numbered and made here")
    page = page.form(SERIES).submit(prefix="ab 1", note="", status=422)
    assert list(page.errors) == ["prefix"]
    page = page.form(SERIES).submit(prefix="AB", note="Not subject to VAT.", automatic="yes")
    assert page.form(SERIES).fields == page.form(SERIES).fields | {
        "prefix": ["AB"],
        "note": ["Not subject to VAT."],
        "automatic": ["yes"],
    }
    form = client.get(address).form(f"{address}/tax-documents", act="make")
    number = f"AB-{datetime.now(UTC).year}-000001"
    assert f"{number}.pdf (being made)" in form.submit().text
    assert "has been made already" in form.submit().text
    [made] = documents_of(session, order.id)
    print_tax_document(app.extensions["vcp_works"], made.id)
    page = client.get(address)
    assert page.follow(f"{number}.pdf").response.data.startswith(b"%PDF")
    assert page.form(f"{address}/tax-documents", act="make").fields["after"] == [number]
    page = administrator.get(f"/en/console/admin/orders/{order.number}")
    assert page.follow(f"{number}.pdf").response.data.startswith(b"%PDF")


def test_a_document_of_ones_own_is_a_pdf(seller: Seller, order: Order, session: Session):
    client, address = seller.client, f"/en/console/orders/{order.number}/tax-documents"
    token = (
        client.get(f"/en/console/orders/{order.number}").form(address, act="bring").fields["csrf_token"][0]
    )

    def bring(content: bytes, status: int):
        data = {"csrf_token": token, "act": "bring", "document": (BytesIO(content), "a.pdf")}
        return client.post(address, data, status=status, content_type="multipart/form-data")

    assert bring(b"\x89PNG\r\n\x1a\n", 422).errors == {"document": "The file is no PDF. Choose one."}
    assert "The document is on the buyer’s page" in bring(b"%PDF-1.7 sample", 200).text
    assert [each.filename for each in documents_of(session, order.id)] == ["a.pdf"]


def test_what_is_missing_is_named(seller: Seller):
    page = seller.client.get(SERIES)
    assert "street and number, town, tax number" in page.text
    page = page.form(SERIES).submit(prefix="AB", note="Not subject to VAT.", status=422)
    assert page.errors["prefix"].startswith("Your address or your tax number is missing.")
