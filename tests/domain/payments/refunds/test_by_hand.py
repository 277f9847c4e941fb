"""A refund that the gateway cannot make: a task with a date, a proof, the buyer's word, and what silence means."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.domain.orders.models import OrderState
from app.domain.payments.proofs import check_proof, proofs_of
from app.domain.payments.queries import net_paid
from app.domain.payments.refund_models import ProofKind, Refund, RefundState
from app.domain.payments.refunds.answer_refund import NothingToAnswer, answer_refund
from app.domain.payments.refunds.mind_refund import mind_refund
from app.domain.payments.refunds.queries import (
    SILENCE,
    open_refunds_of,
    own_refund,
    refunds_for_people,
    refunds_to_mind,
)
from app.domain.payments.refunds.say_refund_sent import NothingToGiveBack, say_refund_sent
from app.domain.payments.refunds.states import STEPS
from tests.domain.payments.attempts import SOON, receipt
from tests.domain.payments.refunds.books import (
    LATER,
    PROOF,
    by_hand,
    due_back,
    given_back,
    ledger,
    only_refund,
    sent,
    tell,
)
from tests.factories import make_provider
from tests.traces import mails, payloads, steps, timed_jobs

DAY = timedelta(days=1)


def due(refund: Refund) -> datetime:
    assert refund.due_at is not None
    return refund.due_at


def test_the_provider_has_five_bank_days(session: Session):
    refund = by_hand(session)  # on Monday 23 November 2026
    assert refund.due_at == datetime(2026, 12, 1, tzinfo=UTC), "the end of Monday 30 November"
    assert [at for _, at in timed_jobs(session, "mind_refund")] == [
        datetime(2026, 11, 29, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
    ]
    (mail,) = mails(session, "refund_to_send")
    assert mail.to == refund.order.provider.contact_email


def test_reminded_once_then_escalated_once(session: Session):
    refund = by_hand(session)
    mind_refund(session, refund.id, due(refund) - 3 * DAY)
    assert mails(session, "refund_reminder") == []
    for _ in range(2):
        mind_refund(session, refund.id, due(refund) - DAY)
    assert len(mails(session, "refund_reminder")) == 1
    assert refunds_for_people(session) == []
    for _ in range(2):
        mind_refund(session, refund.id, due(refund))
    assert len(mails(session, "refund_overdue")) == 1
    assert refunds_for_people(session) == [refund]
    assert payloads(session, refund.id, "refund.escalated") == [{"why": "overdue"}]


def test_what_is_sent_is_not_pressed_for(session: Session):
    refund = sent(session)
    mind_refund(session, refund.id, due(refund))
    assert refund.escalated_at is None
    assert mails(session, "refund_overdue") == []


def test_sent_with_a_proof_asks_the_buyer(session: Session):
    refund = sent(session)
    assert (refund.state, refund.sent_on, refund.note) == (RefundState.SENT, SOON.date(), "by transfer")
    assert [each.refund_id for each in proofs_of(session, refund.order_id, ProofKind.REFUND)] == [refund.id]
    (mail,) = mails(session, "refund_sent")
    assert mail.to == refund.order.email
    assert refund.order.state == OrderState.REFUND_DUE, "nothing is proved yet"
    assert net_paid(session, refund.order) == 28000
    with pytest.raises(NothingToGiveBack):
        say_refund_sent(session, refund.id, date(2026, 11, 24), "", PROOF, None, LATER)


def test_the_buyer_has_it(session: Session):
    refund = sent(session)
    answer_refund(session, refund.id, True, LATER)
    assert (refund.state, refund.order.state) == (RefundState.DONE, OrderState.REFUNDED)
    assert ledger(session, refund.order)[-1] == ("refund", f"refund:{refund.id}", 28000)
    assert refund.answered_at == LATER
    assert len(mails(session, "refunded")) == 1
    with pytest.raises(NothingToAnswer):
        answer_refund(session, refund.id, True, LATER)
    assert net_paid(session, refund.order) == 0


def test_the_buyer_has_it_not(session: Session):
    refund = sent(session)
    answer_refund(session, refund.id, False, LATER)
    assert (refund.state, refund.escalated_at) == (RefundState.FAILED, LATER)
    assert refunds_for_people(session) == [refund]
    assert len(mails(session, "refund_missing")) == 1
    assert refund.order.state == OrderState.REFUND_DUE
    again = check_proof(b"%PDF-1.7 another", "second.pdf")
    say_refund_sent(session, refund.id, LATER.date(), "", again, None, LATER)
    assert (refund.state, refund.escalated_at, refund.answered_at) == (RefundState.SENT, None, None)
    assert len(mails(session, "refund_sent")) == 2
    assert steps(session, refund.id)[-3:] == ["send", "miss", "send"]


def test_two_weeks_of_silence_are_a_yes(session: Session):
    refund = sent(session)
    mind_refund(session, refund.id, SOON + SILENCE - timedelta(seconds=1))
    assert refund.state == RefundState.SENT
    for _ in range(2):
        mind_refund(session, refund.id, SOON + SILENCE)
    assert (refund.state, refund.order.state) == (RefundState.DONE, OrderState.REFUNDED)
    assert [kind for kind, _, _ in ledger(session, refund.order)] == ["receipt", "refund"]
    assert payloads(session, refund.id, "refund.step")[-1]["how"] == "silence"


def test_shown_and_then_said_is_booked_once(session: Session):
    refund = sent(session)
    tell(session, refund.payment, receipt(refund.payment), given_back(refund.payment, 28000), now=LATER)
    assert refund.state == RefundState.DONE
    with pytest.raises(NothingToAnswer):
        answer_refund(session, refund.id, True, LATER)
    assert net_paid(session, refund.order) == 0


def test_less_was_shown_because_of_charges_and_the_buyer_is_content(session: Session):
    refund = sent(session)
    tell(session, refund.payment, receipt(refund.payment), given_back(refund.payment, 27800), now=LATER)
    assert (refund.state, refund.amount_minor) == (RefundState.SENT, 28000)
    answer_refund(session, refund.id, True, LATER)
    assert [minor for kind, _, minor in ledger(session, refund.order) if kind == "refund"] == [27800, 200]
    assert (net_paid(session, refund.order), refund.order.state) == (0, OrderState.REFUNDED)


def test_what_nobody_minded_is_found(session: Session):
    refund = by_hand(session)
    assert refunds_to_mind(session, due(refund)) == []
    assert refunds_to_mind(session, due(refund) + DAY) == [refund.id]
    mind_refund(session, refund.id, due(refund) + DAY)
    assert refunds_to_mind(session, due(refund) + DAY) == []
    sent(session, refund, due(refund) + DAY)
    assert refunds_to_mind(session, due(refund) + DAY + SILENCE) == []
    assert refunds_to_mind(session, due(refund) + 2 * DAY + SILENCE) == [refund.id]


def test_a_provider_finds_its_own_and_nobody_elses(session: Session):
    first, second = by_hand(session), only_refund(session, due_back(session))
    owner = first.order.provider_id
    assert open_refunds_of(session, owner) == [first]
    assert own_refund(session, owner, first.id) is first
    assert own_refund(session, owner, second.id) is None
    assert open_refunds_of(session, make_provider(session).id) == []


def test_a_buyer_who_was_forgotten_gets_no_mail(session: Session):
    refund = by_hand(session)
    refund.order.email = ""
    sent(session, refund)
    assert mails(session, "refund_sent") == []


def test_there_is_a_way_out_of_every_open_state():
    leaves = {state for came_from, _ in STEPS.values() for state in came_from}
    assert set(RefundState) - leaves == {RefundState.WITHDRAWN}
