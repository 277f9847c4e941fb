"""Texts wait, are shown, are taken down and put back; whoever wrote them is told, and nobody's words stand in the trail."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.moderation.decide_text import Act, NoSuchText, decide_text
from app.domain.moderation.models import ModeratedText, ModerationState, TextKind
from app.domain.moderation.queries import (
    PAGE_SIZE,
    count_waiting,
    orders_withheld,
    read_queue,
    texts_of_order,
    withheld_of,
)
from app.domain.moderation.stop_or_show import stop_or_show
from app.domain.orders.models import Order, OrderState
from app.domain.people.models import Person
from app.domain.people.reasons import ReasonMissing
from app.domain.states import IllegalStep
from tests.domain.content.pieces import make_picture
from tests.domain.people.samples import make_administrator
from tests.factories import NOW, make_details, make_offer, make_order
from tests.traces import mails, steps, trail

NAME, REASON = TextKind.BENEFICIARY_NAME, TextKind.REASON


@pytest.fixture
def vera(session: Session) -> Person:
    return make_administrator(session, "vera@example.org")


@pytest.fixture
def order(session: Session) -> Order:
    """Whose reason waits."""
    return make_order(session, details=make_details(reason="Carbon neutral, see www.example.org"))


def rows(session: Session) -> list[ModeratedText]:
    return list(session.scalars(select(ModeratedText).order_by(ModeratedText.kind)))


def decide(session: Session, order: Order, kind: TextKind, act: Act, vera: Person, reason: str = "Because."):
    return decide_text(session, kind, str(order.id), act, reason, vera.id, NOW)


# When an order is placed.


def test_what_meets_a_rule_waits_and_the_order_says_what_it_said(session: Session, order: Order):
    [row] = rows(session)
    assert (row.kind, row.state, row.rules) == (REASON, ModerationState.WAITING, ["claim", "web_address"])
    assert (row.order_id, row.provider_id, row.text) == (order.id, order.provider_id, order.reason)
    assert order.reason == "Carbon neutral, see www.example.org", "what the registry is told does not change"
    assert withheld_of(session, order.id) == {REASON}
    assert orders_withheld(session, [order.id, uuid4()]) == {order.id}
    [event] = trail(session, row.id)
    assert (event.event, event.payload) == (
        "moderated_text.stopped",
        {"kind": "reason", "rules": ["claim", "web_address"]},
    )


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"beneficiary_name": None, "reason": None, "disclosure": "anonymous"},
    ],
)
def test_what_meets_none_has_no_row(session: Session, details: dict[str, str | None]):
    order = make_order(session, details=make_details(**details))
    assert rows(session) == []
    assert withheld_of(session, order.id) == frozenset()


# Texts that change.


def test_a_changed_text_is_looked_at_again(session: Session, vera: Person):
    def say(text: str) -> bool:
        return stop_or_show(session, TextKind.OFFER_TEXT, "offer:en", text, NOW, language="en")

    def decide_it(act: Act) -> None:
        decide_text(session, TextKind.OFFER_TEXT, "offer:en", act, "Because.", vera.id, NOW)

    assert say("A sample wind farm")
    assert rows(session) == []
    assert not say("Net zero")
    assert not say("Net zero"), "the same words stay as they are"
    [row] = rows(session)
    decide_it(Act.SHOW)
    assert say("Net zero"), "decided"
    assert not say("Net zero, really"), "other words"
    assert say("A wind farm")
    assert row.state == ModerationState.SHOWN
    decide_it(Act.TAKE_DOWN)
    assert not say("A harmless text"), "in the place of one that was taken down"
    assert row.state == ModerationState.WAITING
    assert steps(session, row.id) == ["show", "look_again", "show", "take_down", "look_again"]


# What administrators decide.


def test_a_text_is_shown_taken_down_and_put_back(session: Session, order: Order, vera: Person):
    for act, withheld in ((Act.SHOW, set()), (Act.TAKE_DOWN, {REASON}), (Act.SHOW, set())):
        row = decide(session, order, REASON, act, vera, f"  {act}  because ")
        assert withheld_of(session, order.id) == withheld
        assert (row.decided_by, row.decided_at, row.reason) == (vera.id, NOW, f"{act} because")
        last = trail(session, row.id)[-1]
        assert (last.event, last.actor, last.actor_person_id) == (
            "moderated_text.decided",
            "administrator",
            vera.id,
        )
        assert (last.order_id, last.payload["reason"]) == (order.id, f"{act} because")
    assert order.reason == row.text, "only the display has changed"


def test_what_nobody_has_stopped_can_be_taken_down(session: Session, order: Order, vera: Person):
    decide(session, order, NAME, Act.TAKE_DOWN, vera)
    assert withheld_of(session, order.id) == {NAME, REASON}
    assert [(each.kind, each.words, each.state) for each in texts_of_order(session, order)] == [
        (NAME, "Sample Buyer GmbH", ModerationState.TAKEN_DOWN),
        (REASON, order.reason, ModerationState.WAITING),
    ]


def test_nothing_happens_without_a_reason_or_twice(session: Session, order: Order, vera: Person):
    with pytest.raises(ReasonMissing):
        decide(session, order, REASON, Act.SHOW, vera, " ")
    with pytest.raises(IllegalStep):
        decide(session, order, NAME, Act.SHOW, vera)
    for entity in (str(uuid4()), "no id"):
        with pytest.raises(NoSuchText):
            decide_text(session, REASON, entity, Act.SHOW, "Because.", vera.id, NOW)
    anonymous = make_order(session, details=make_details(disclosure="anonymous", beneficiary_name=None))
    with pytest.raises(NoSuchText):
        decide(session, anonymous, NAME, Act.TAKE_DOWN, vera)


def test_the_buyer_is_told_of_what_was_taken_down_in_their_language(
    session: Session, order: Order, vera: Person
):
    order.language = "fr"
    decide(session, order, REASON, Act.SHOW, vera)
    assert mails(session, "text_taken_down") == []
    decide(session, order, REASON, Act.TAKE_DOWN, vera, "A claim.")
    [mail] = mails(session, "text_taken_down")
    assert (mail.to, mail.language, mail.context) == (
        order.email,
        "fr",
        {"what": "reason", "reason": "A claim."},
    )


def test_a_buyer_who_has_been_erased_is_not_written_to(session: Session, order: Order, vera: Person):
    order.email = ""
    decide(session, order, REASON, Act.TAKE_DOWN, vera)
    assert mails(session, "text_taken_down") == []


def test_a_provider_is_told_of_an_offers_text(session: Session, order: Order, vera: Person):
    stop_or_show(session, TextKind.OFFER_TEXT, "offer:en", "Net zero", NOW, provider_id=order.provider_id)
    decide_text(session, TextKind.OFFER_TEXT, "offer:en", Act.TAKE_DOWN, "A claim.", vera.id, NOW)
    [mail] = mails(session, "content_refused")
    assert (mail.to, mail.context["words"]) == (order.provider.contact_email, "Net zero")


def test_no_word_of_a_text_gets_into_the_trail(session: Session, order: Order, vera: Person):
    decide(session, order, REASON, Act.TAKE_DOWN, vera)
    decide(session, order, NAME, Act.TAKE_DOWN, vera)
    whole = "".join(str(row.payload) for row in session.scalars(select(AuditEvent)))
    assert "neutral" not in whole
    assert "Sample Buyer" not in whole


# The queue.


def test_the_queue_is_read_page_by_page_the_oldest_first(session: Session, vera: Person):
    offer = make_offer(session, quantity=1000)
    piece = make_picture(
        session, offer.provider, offer.mandate.block.activity_ref, vera.id, shown=False, text="Net zero"
    )
    for minutes in range(1, PAGE_SIZE + 2):
        order = make_order(
            session,
            offer,
            1,
            details=make_details(reason="net zero", email=f"{minutes}@example.org"),
            now=NOW + timedelta(minutes=minutes),
        )
    first = read_queue(session)
    assert (first.rows[0].content, first.rows[0].rules) == (piece, ["claim"])
    assert [each.at for each in first.rows] == sorted(each.at for each in first.rows)
    assert len(first.rows) == PAGE_SIZE
    second = read_queue(session, first.after)
    assert [each.order for each in second.rows][-1] == order
    assert len(second.rows) == 2
    assert second.after is None
    assert count_waiting(session) == PAGE_SIZE + 2


def test_what_will_never_be_shown_is_not_in_it(session: Session, order: Order):
    assert [each.order for each in read_queue(session).rows] == [order]
    order.state = OrderState.EXPIRED
    session.flush()
    assert read_queue(session).rows == []
    assert count_waiting(session) == 0
