"""Sales and service in figures: a chart never without its table, and what nobody else may see."""

import csv
import io
from datetime import UTC, datetime

from app.domain.orders.models import OrderState
from app.domain.payments.statements.book import confirm_received
from tests.bank import make_bank_account, make_transfer
from tests.factories import make_details, make_offer, make_order
from tests.web.pages import words

PAGE = "/en/console/figures"


def test_figures_have_a_table_for_each_chart_and_a_file(session, seller, neighbour):
    assert "Nothing sold yet" in seller.client.get(PAGE).text
    for provider, tonnes in ((seller.provider, 25), (neighbour.provider, 70)):
        order = make_order(session, make_offer(session, provider=provider), tonnes)
        order.state, order.completed_at = OrderState.COMPLETED, datetime.now(UTC)
    session.commit()
    page = seller.client.get(PAGE)
    assert len(page.all("svg.chart")) == len(page.all("main table")) == 4
    for section in page.all("main section"):
        assert "25" in words(section.select_one("tbody"))
        assert "25 t" in words(section.select_one("svg title"))
        assert "70" not in words(section)
    assert "Germany" in words(page.one("#countries-said"))
    response = seller.client.get(f"{PAGE}/countries").response
    [row] = csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"), newline=""))
    assert row == {"countries": "DE", "orders": "1", "tonnes": "25", "USD": "280.00"}


def test_how_quickly_transfers_are_confirmed_is_told_from_five_on(session, seller, administrator):
    make_bank_account(session, seller.provider)
    now = datetime.now(UTC)
    offer = make_offer(session, provider=seller.provider)
    path = f"/en/projects/{offer.mandate.block.activity_ref}"
    for number in range(5):
        session.commit()
        assert "Confirms transfers" not in seller.client.get(path).text
        buyer = make_details(email=f"buyer-{number}@example.org")
        transfer = make_transfer(session, seller.provider, details=buyer)
        order = transfer.order
        confirm_received(session, transfer.account_id, order.number, order.total, now.date(), 0, None, now)
    session.commit()
    assert "Confirms transfers on the same working day" in seller.client.get(path).text
    for client, page in (
        (seller.client, "/en/console"),
        (administrator, f"/en/console/admin/providers/{seller.provider.id}"),
    ):
        facts = {words(each.dt): words(each.dd) for each in client.get(page).all(".facts > div")}
        assert facts["Confirms transfers"] == "on the same working day"
        assert facts["Refunds sent in time"] == "No refund was due"
        assert facts["Open complaints"] == "0"
