"""Lists of orders at the console: filters, pages, search, and files of them."""

import csv
import io
from datetime import timedelta
from zipfile import ZipFile

from sqlalchemy import select

from app.domain.audit.models import AuditEvent
from app.domain.orders.models import OrderState
from app.domain.sales import order_list
from tests.domain.payments.attempts import enter, make_payment
from tests.factories import NOW, make_details, make_offer, make_order

LIST = "/en/console/orders"
ALL = "/en/console/admin/orders"


def numbers(page) -> list[str]:
    return [each.get_text() for each in page.all("#orders tbody th, .card tbody th")]


def placed(session, provider, count):
    """So many orders of a provider, the newest first."""
    offer = make_offer(session, provider=provider, quantity=1000)
    return [
        make_order(
            session,
            offer,
            2,
            details=make_details(email=f"buyer-{number}@example.org", beneficiary_name=f"Sample {number}"),
            now=NOW - timedelta(hours=number),
        )
        for number in range(count)
    ]


def test_a_provider_narrows_and_pages_its_list(session, seller, neighbour, monkeypatch):
    monkeypatch.setattr(order_list, "PAGE_SIZE", 2)
    orders = placed(session, seller.provider, 3)
    placed(session, neighbour.provider, 1)
    enter(session, make_payment(session, orders[1]), receipt=1)
    session.commit()
    page = seller.client.get(LIST)
    assert numbers(page) == [orders[0].number, orders[1].number]
    older = page.follow("Older")
    assert numbers(older) == [orders[2].number]
    assert numbers(older.follow("Newer")) == [orders[0].number, orders[1].number]
    part = page.follow("Paid in part")
    assert numbers(part) == [orders[1].number]
    assert "Paid in part" in part.one("#orders tbody").get_text()
    # The form keeps what the links chose; a day is included as a whole.
    day = NOW.date().isoformat()
    narrowed = part.form(LIST, trials="").submit(method="paypal", to=day, **{"from": day})
    assert numbers(narrowed) == [orders[1].number]
    none = narrowed.form(LIST, trials="").submit(state="completed")
    assert "No such orders" in none.text
    assert numbers(none.follow("All orders")) == [orders[0].number, orders[1].number]
    # What makes no sense is passed over.
    odd = seller.client.get(f"{LIST}?show=x&state=y&method=z&currency=1&from=yesterday&before=x")
    assert numbers(odd) == [orders[0].number, orders[1].number]
    part = seller.client.get(f"{LIST}?show=part_paid", headers={"HX-Request": "true"})
    assert not part.whole
    assert part.response.headers["HX-Push-Url"] == f"{LIST}?show=part_paid"


def test_an_empty_list_says_what_to_expect(seller):
    assert "As soon as a buyer orders from you" in seller.client.get(LIST).text


def test_an_administrator_finds_one_by_anything_and_lists_all(session, seller, neighbour, administrator):
    [mine, other], [theirs] = placed(session, seller.provider, 2), placed(session, neighbour.provider, 1)
    session.commit()
    page = administrator.get(ALL)
    assert set(numbers(page)) == {mine.number, other.number, theirs.number}
    search = page.form(ALL, q="")
    assert search.submit(q="buyer-1").h1 == f"Order {other.number}"
    assert set(numbers(search.submit(q="buyer-0@example.org"))) == {mine.number, theirs.number}
    assert "Nothing has been found" in search.submit(q="nobody").text
    of_one = administrator.get(f"{ALL}?provider={neighbour.provider.id}")
    assert numbers(of_one) == [theirs.number]
    assert numbers(of_one.follow("Payment overdue")) == [theirs.number]
    assert len(numbers(administrator.get(f"{ALL}?provider=nobody"))) == 3


def test_a_list_is_taken_away_as_csv(session, seller, neighbour):
    mine, other = placed(session, seller.provider, 2)
    placed(session, neighbour.provider, 1)
    mine.beneficiary_country = "=1+1"  # nobody can choose that, but a file must not trust it
    other.state = OrderState.COMPLETED
    session.commit()
    page = seller.client.get(f"{LIST}?state=awaiting_payment")
    answer = page.form(LIST, state="awaiting_payment", csrf_token=page.all("[name=csrf_token]")[0]["value"])
    response = answer.submit(button="As CSV").response
    assert response.headers["Content-Disposition"].startswith("attachment; filename=orders-")
    assert response.data.startswith(b"\xef\xbb\xbf")
    assert response.data.count(b"\r\n") == 2
    [row] = csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"), newline=""))
    assert row["number"] == mine.number
    assert (row["total"], row["unit_price"], row["currency"]) == ("22.40", "11.20", "USD")
    assert row["placed_at"] == "2026-11-23T12:00:00Z"
    assert row["beneficiary_country"] == "'=1+1"
    for secret in (mine.email, mine.token, mine.group.token):
        assert secret.encode() not in response.data
    event = session.scalars(select(AuditEvent).where(AuditEvent.event == "orders.exported")).one()
    assert event.actor_person_id == seller.person.person_id
    assert event.payload == {"format": "csv", "rows": 1, "filters": {"state": "awaiting_payment"}}


def test_a_spreadsheet_has_numbers_days_and_never_a_formula(session, seller, administrator):
    [order] = placed(session, seller.provider, 1)
    order.beneficiary_country = "=1+1"
    session.commit()
    page = administrator.get(ALL)
    [form] = [each for each in page.forms(ALL) if "csrf_token" in each.fields]
    response = form.submit(button="As a spreadsheet (XLSX)").response
    with ZipFile(io.BytesIO(response.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = sheet + "".join(
            book.read(name).decode() for name in book.namelist() if "sharedStrings" in name
        )
    assert "<f>" not in sheet
    assert "<v>22.40</v>" in sheet
    assert "<v>46349.5</v>" in sheet  # the noon of 23 November 2026, in days since 1900
    assert "=1+1" in texts
    assert order.number in texts
