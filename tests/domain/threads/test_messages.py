"""The thread of an order: who may write how much, once, and who learns of it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.mails.models import Mail
from app.domain.orders.models import Order
from app.domain.threads.message_text import TEXT_MAX, TextRefused, message_text
from app.domain.threads.models import Author
from app.domain.threads.need_no_answer import need_no_answer
from app.domain.threads.queries import orders_to_answer, thread_of
from app.domain.threads.write_message import MOST_IN_A_ROW, TooMany, write_message
from tests.domain.people.samples import make_administrator
from tests.factories import NOW, make_order, make_provider
from tests.traces import trail

MINUTE = timedelta(minutes=1)


@pytest.fixture
def order(session: Session) -> Order:
    return make_order(session)


def write(
    session: Session,
    order: Order,
    author: Author,
    text: str = "Hello",
    at: int = 0,
    key: UUID | None = None,
    person_id: UUID | None = None,
) -> None:
    write_message(session, order.id, author, text, key or uuid4(), person_id, NOW + at * MINUTE)


def told(session: Session) -> list[tuple[str, str]]:
    found = select(Mail.kind, Mail.to).where(Mail.kind.like("message%")).order_by(Mail.created_at, Mail.kind)
    return [tuple(row) for row in session.execute(found)]


def test_what_is_written_is_read_in_order_and_mailed_to_the_other_side(session: Session, order: Order):
    vera = make_administrator(session, "vera@example.org")
    write(session, order, Author.BUYER, "When?", 0)
    write(session, order, Author.PROVIDER, "Tomorrow.", 1)
    write(session, order, Author.ADMINISTRATOR, "Noted.", 2, person_id=vera.id)
    thread = thread_of(session, order.id)
    assert [(each.author, each.text) for each in thread] == [
        ("buyer", "When?"),
        ("provider", "Tomorrow."),
        ("administrator", "Noted."),
    ]
    seller = order.provider.contact_email
    assert told(session) == [
        ("message_to_seller", seller),
        ("message_to_buyer", "buyer@example.org"),
        ("message_to_buyer", "buyer@example.org"),
        ("message_to_seller", seller),
    ]
    [row] = trail(session, thread[2].id)
    assert (row.event, row.actor, row.actor_person_id, row.order_id, row.payload) == (
        "order_message.written",
        "administrator",
        vera.id,
        order.id,
        {},
    )


def test_the_same_form_is_one_message_and_other_words_are_another(session: Session, order: Order):
    key = uuid4()
    for text in ("Once", "Once", "Twice"):
        write(session, order, Author.BUYER, text, key=key)
    assert sorted(each.text for each in thread_of(session, order.id)) == ["Once", "Twice"]
    assert len(told(session)) == 2
    other = make_order(session)
    write(session, other, Author.BUYER, "Once", key=key)
    assert [each.text for each in thread_of(session, other.id)] == ["Once"]


@pytest.mark.parametrize("author", [Author.BUYER, Author.PROVIDER])
def test_nobody_writes_on_and_on_without_an_answer(session: Session, order: Order, author: Author):
    for at in range(MOST_IN_A_ROW):
        write(session, order, author, f"Hello {at}", at)
    tried = session.begin_nested()
    with pytest.raises(TooMany):
        write(session, order, author, "And once more", 10)
    tried.rollback()
    write(session, order, Author.ADMINISTRATOR, "Please wait.", 11)
    write(session, order, author, "I do.", 12)


def test_the_buyer_waits_until_the_provider_has_answered(session: Session, order: Order):
    def waiting() -> list[Order]:
        return list(orders_to_answer(session, order.provider_id, 5))

    write(session, order, Author.BUYER, "First", 1)
    write(session, order, Author.BUYER, "Second", 2)
    assert (waiting(), order.asked_at) == ([order], NOW + MINUTE)
    assert list(orders_to_answer(session, make_provider(session).id, 5)) == []
    write(session, order, Author.ADMINISTRATOR, "The seller will answer.", 3)
    assert waiting() == [order]
    write(session, order, Author.PROVIDER, "Here you are.", 4)
    assert waiting() == []


def test_thanks_need_no_answer_but_what_came_meanwhile_does(session: Session, order: Order):
    write(session, order, Author.BUYER, "Thanks!", 1)
    need_no_answer(session, order.id, NOW)
    assert order.asked_at == NOW + MINUTE
    need_no_answer(session, order.id, NOW + MINUTE)
    assert order.asked_at is None


def test_a_buyer_without_an_address_gets_no_mail(session: Session, order: Order):
    order.email = ""
    write(session, order, Author.PROVIDER)
    assert told(session) == []


def test_only_plain_lines_are_kept():
    typed = "  <b>Zoe\u0308</b>\u202e \x00\r\n\r\n\r\n\tTwo   words \n\n"
    assert message_text(typed) == "<b>Zoë</b>\n\nTwo words"
    assert message_text("a" * TEXT_MAX) == "a" * TEXT_MAX


@pytest.mark.parametrize(("typed", "code"), [(" \n\u200b", "empty"), ("a" * (TEXT_MAX + 1), "too_long")])
def test_nothing_and_too_much_are_refused(typed: str, code: str):
    with pytest.raises(TextRefused) as refused:
        message_text(typed)
    assert refused.value.code == code
