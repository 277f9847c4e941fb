"""The buyer says "I have paid": when it may be said, what the provider owes, and who is told when nobody answers."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.mails.models import Mail
from app.domain.orders.expire_order import expire_order
from app.domain.orders.models import OrderState
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.bank.say_sent import say_sent
from app.domain.payments.claims.answer_claim import NotAsked, answer_claim
from app.domain.payments.claims.claim_paid import NothingToClaim, TooEarly, claim_paid
from app.domain.payments.claims.escalate_claim import escalate_claim
from app.domain.payments.claims.queries import (
    NOT_RECEIVED,
    RECEIVED,
    claim_of,
    escalated_claims,
    open_claims,
    overdue_claims,
)
from app.domain.payments.statements.book import confirm_received
from tests.bank import make_bank_provider, make_transfer
from tests.domain.people.samples import make_administrator
from tests.factories import NOW, make_order
from tests.traces import timed_jobs, trail

# Monday 23 November; due on Thursday 3 December, released on Wednesday 9 December.
AFTER_DUE = datetime(2026, 12, 4, tzinfo=UTC)


@pytest.fixture
def transfer(session: Session) -> BankTransfer:
    return make_transfer(session)


def mails(session: Session, transfer: BankTransfer) -> list[tuple[str, str]]:
    found = select(Mail.kind, Mail.to).where(Mail.order_id == transfer.order_id, Mail.kind.like("claim%"))
    return [tuple(row) for row in session.execute(found.order_by(Mail.created_at, Mail.kind))]


def test_from_the_day_after_it_was_due(session: Session, transfer: BankTransfer):
    with pytest.raises(TooEarly):
        claim_paid(session, transfer.order_id, None, AFTER_DUE - timedelta(seconds=1))
    claim = claim_paid(session, transfer.order_id, "From my account in Kigali.", AFTER_DUE)
    # Friday; Monday, Tuesday and Wednesday to its end.
    assert (claim.answer_by, claim.note) == (
        datetime(2026, 12, 10, tzinfo=UTC),
        "From my account in Kigali.",
    )
    assert mails(session, transfer) == [
        ("claim_opened", "buyer@example.org"),
        ("claim_to_answer", transfer.order.provider.contact_email),
    ]
    [told] = [row for row in trail(session, transfer.order_id) if row.event == "payment_claim.opened"]
    assert told.actor == "buyer"


def test_from_the_third_bank_day_after_it_was_sent(session: Session, transfer: BankTransfer):
    say_sent(session, transfer.order_id, date(2026, 11, 24), NOW)
    with pytest.raises(TooEarly):
        claim_paid(session, transfer.order_id, None, datetime(2026, 11, 26, 23, 59, tzinfo=UTC))
    claim_paid(session, transfer.order_id, None, datetime(2026, 11, 27, tzinfo=UTC))


def test_days_are_those_of_the_provider(session: Session):
    transfer = make_transfer(session, make_bank_provider(session, zone="Pacific/Auckland"))
    midnight_there = datetime(2026, 12, 4, 11, tzinfo=UTC)
    assert transfer.due_on == date(2026, 12, 4), "it was placed on the 24th there"
    with pytest.raises(TooEarly):
        claim_paid(session, transfer.order_id, None, midnight_there - timedelta(seconds=1))
    claim_paid(session, transfer.order_id, None, midnight_there)


def test_again_it_is_the_same_claim_with_another_note(session: Session, transfer: BankTransfer):
    first = claim_paid(session, transfer.order_id, "Once.", AFTER_DUE)
    opened = first.opened_at
    again = claim_paid(session, transfer.order_id, "Twice.", AFTER_DUE + timedelta(hours=1))
    assert (again, again.note, again.opened_at) == (first, "Twice.", opened)
    assert len(mails(session, transfer)) == 2


@pytest.mark.parametrize(
    "state", sorted(set(OrderState) - {"awaiting_payment", "expired", "withdrawn"}), ids=str
)
def test_not_of_an_order_that_waits_for_no_money(session: Session, transfer: BankTransfer, state: OrderState):
    transfer.order.state = state
    with pytest.raises(NothingToClaim):
        claim_paid(session, transfer.order_id, None, AFTER_DUE)


def test_not_of_an_order_without_a_transfer(session: Session):
    with pytest.raises(NothingToClaim):
        claim_paid(session, make_order(session).id, None, AFTER_DUE)


def test_the_order_does_not_expire_before_the_answer_is_due(session: Session, transfer: BankTransfer):
    claim = claim_paid(session, transfer.order_id, None, AFTER_DUE)
    held_until = transfer.order.hold_until
    assert held_until < claim.answer_by
    assert not expire_order(session, transfer.order_id, held_until)
    assert transfer.order.hold_until == held_until, "a claim alone makes no hold longer"
    assert ({"order_id": str(transfer.order_id)}, claim.answer_by) in timed_jobs(session, "expire_order")
    assert expire_order(session, transfer.order_id, claim.answer_by)


def test_after_no_it_expires_as_it_would_have(session: Session, transfer: BankTransfer):
    claim_paid(session, transfer.order_id, None, AFTER_DUE)
    answer_claim(session, transfer.order_id, NOT_RECEIVED, "Nothing came.", None, AFTER_DUE)
    assert expire_order(session, transfer.order_id, transfer.order.hold_until)


def test_an_answer_is_given_once_and_told(session: Session, transfer: BankTransfer):
    claim_paid(session, transfer.order_id, None, AFTER_DUE)
    assert [each.order for each in open_claims(session, [transfer.account_id])] == [transfer.order]
    claim = answer_claim(session, transfer.order_id, NOT_RECEIVED, "Nothing came.", None, AFTER_DUE)
    assert (claim.answer, claim.answer_note, claim.answered_at) == (
        "not_received",
        "Nothing came.",
        AFTER_DUE,
    )
    assert open_claims(session, [transfer.account_id]) == []
    assert ("claim_answered", "buyer@example.org") in mails(session, transfer)
    with pytest.raises(NotAsked):
        answer_claim(session, transfer.order_id, RECEIVED, None, None, AFTER_DUE)


def test_nobody_answers_what_nobody_asked(session: Session, transfer: BankTransfer):
    with pytest.raises(NotAsked):
        answer_claim(session, transfer.order_id, RECEIVED, None, None, NOW)


def test_without_an_answer_administrators_are_told_once(session: Session, transfer: BankTransfer):
    make_administrator(session, "admin@example.org")
    make_administrator(session, "unverified@example.org", email_verified=False)
    claim = claim_paid(session, transfer.order_id, None, AFTER_DUE)
    early = claim.answer_by - timedelta(seconds=1)
    assert not escalate_claim(session, transfer.order_id, early)
    assert overdue_claims(session, claim.answer_by) == [transfer.order_id]
    assert escalate_claim(session, transfer.order_id, claim.answer_by)
    assert not escalate_claim(session, transfer.order_id, claim.answer_by)
    assert escalated_claims(session) == [claim]
    assert mails(session, transfer)[2:] == [
        ("claim_escalated", "buyer@example.org"),
        ("claim_to_mediate", "admin@example.org"),
    ]
    answer_claim(session, transfer.order_id, RECEIVED, None, None, claim.answer_by)
    assert escalated_claims(session) == []


def test_one_word_against_the_other_goes_to_administrators_at_once(session: Session, transfer: BankTransfer):
    first = claim_paid(session, transfer.order_id, None, AFTER_DUE)
    answer_claim(session, transfer.order_id, NOT_RECEIVED, "Nothing came.", None, AFTER_DUE)
    later = AFTER_DUE + timedelta(days=3)
    claim = claim_paid(session, transfer.order_id, "My bank says it was executed.", later)
    assert claim is first
    assert (claim.opened_at, claim.escalated_at, claim.answer) == (later, later, None)
    assert escalated_claims(session) == [claim]
    kinds = [kind for kind, _ in mails(session, transfer)]
    assert kinds.count("claim_to_answer") == 2
    assert kinds.count("claim_escalated") == 1


def test_money_that_comes_ends_it(session: Session, transfer: BankTransfer):
    claim = claim_paid(session, transfer.order_id, None, AFTER_DUE)
    order = transfer.order
    confirm_received(
        session, transfer.account_id, order.number, order.total, AFTER_DUE.date(), 0, None, AFTER_DUE
    )
    session.flush()
    assert order.state == OrderState.CANCELLING
    assert open_claims(session, [transfer.account_id]) == []
    assert overdue_claims(session, claim.answer_by) == []
    assert claim_of(session, order.id) is claim


def test_of_another_provider_nothing_is_seen(session: Session, transfer: BankTransfer):
    claim_paid(session, transfer.order_id, None, AFTER_DUE)
    assert open_claims(session, [make_transfer(session).account_id]) == []
