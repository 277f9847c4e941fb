"""The words of the lists' filters mean in SQL what the pages of single orders, and the lists of work, say."""

import itertools
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.offers.models import Offer
from app.domain.orders.attention import orders_for_a_person
from app.domain.orders.details import Details
from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.models import BankLine, BankTransfer, LineState
from app.domain.payments.bank.say_sent import say_sent
from app.domain.payments.claims.queries import escalated_claims, open_claims
from app.domain.payments.models import Payment, PaymentEntry, PaymentState, ReleaseRule
from app.domain.payments.refund_models import PaymentClaim, RefundState
from app.domain.payments.refunds.queries import open_refunds_of, refunds_for_people
from app.domain.payments.refunds.states import TO_SEND
from app.domain.payments.release_terms import terms_of_order
from app.domain.payments.standing import Mark, standings
from app.domain.payments.statements.work_list import bank_accounts_of, work_list
from app.domain.people.models import Provider
from app.domain.sales.order_list import count_orders, next_orders
from app.domain.sales.wanted import Show, Trials, Wanted
from app.domain.threads.models import Complaint, ComplaintKind, ComplaintState
from app.domain.threads.queries import orders_to_answer
from tests.bank import make_bank_provider, make_transfer
from tests.domain.payments.attempts import enter, make_payment
from tests.domain.payments.refunds.books import by_hand, due_back, make_refund
from tests.factories import NOW, make_details, make_offer, make_order

LATER = NOW + timedelta(days=11)  # the day by which a transfer was to be sent is over, its hold is not


PLENTY = 10_000
_buyers = itertools.count()


def somebody() -> Details:
    """A buyer who has no other order."""
    return make_details(email=f"buyer-{next(_buyers)}@example.org")


def placed(session: Session) -> Order:
    """An order of 280.00, of one of two providers in turns."""
    offers = session.scalars(select(Offer).where(Offer.quantity == PLENTY).order_by(Offer.id)).all()
    number = next(_buyers)
    return make_order(session, offers[number % 2], details=make_details(email=f"buyer-{number}@example.org"))


def orders_of_every_kind(session: Session) -> None:
    """What is the matter with them comes from the ledger, the attempts and open work, as in life."""
    for _ in range(2):
        make_offer(session, quantity=PLENTY)
    states = ("awaiting_payment", "completed", "refunded")
    moves: tuple[dict[str, int], ...] = (
        {},
        {"receipt": 100_00},
        {"receipt": 280_00},
        {"receipt": 300_00},
        {"receipt": 300_00, "refund": 20_00},
        {"receipt": 280_00, "refund": 80_00, "refund_failed": 80_00},
        {"receipt": 280_00, "chargeback": 280_00},
        {"receipt": 280_00, "chargeback": 280_00, "chargeback_won": 280_00},
        {"receipt": 560_00, "chargeback": 280_00},
    )
    for state in states:
        for moved in moves:
            payment = make_payment(session, placed(session), state=PaymentState.CAPTURED)
            payment.order.state = OrderState(state)
            enter(session, payment, **moved)
    held = make_payment(session, placed(session), state=PaymentState.PENDING)
    held.superseded_at = NOW
    make_payment(session, held.order)
    other_currency = make_payment(session, placed(session), state=PaymentState.CAPTURED)
    enter(session, other_currency, receipt=900_00)
    session.add(
        PaymentEntry(
            payment_id=other_currency.id,
            account_id=other_currency.account_id,
            gateway="paypal",
            kind="receipt",
            external_id="in-euros",
            amount_minor=1,
            currency="EUR",
            at=NOW,
            recorded_at=NOW,
        )
    )
    by_hand(session, due_back(session))
    made = make_refund(session, placed(session), state=RefundState.BY_HAND, due_at=NOW)
    made.escalated_at = NOW
    make_refund(session, placed(session), state=RefundState.DONE)
    for state in (ComplaintState.OPEN, ComplaintState.ESCALATED, ComplaintState.CLOSED):
        session.add(
            Complaint(
                order_id=placed(session).id,
                kind=ComplaintKind.BUYER,
                state=state,
                opened_at=NOW,
                due_at=LATER,
            )
        )
    for rule in ReleaseRule:
        reviewed = make_payment(session, placed(session), state=PaymentState.CAPTURED, release_rule=rule)
        enter(session, reviewed, receipt=280_00)
        reviewed.order.state, reviewed.order.release_at = OrderState.PAID, NOW
    placed(session).state = OrderState.NEEDS_ATTENTION
    placed(session).asked_at = NOW
    _transfers(session)
    session.flush()


def _transfers(session: Session) -> None:
    provider = make_bank_provider(session, tolerance_minor=500)
    short, waits, said, claimed, escalated, named = (
        make_transfer(session, provider, details=somebody()) for _ in range(6)
    )
    [payment] = _payments(session, short)
    enter(session, payment, receipt=short.order.total_minor - 500)
    enter(session, _payments(session, waits)[0], receipt=1)
    say_sent(session, said.order_id, NOW.date(), NOW)
    for transfer, moment in ((claimed, None), (escalated, NOW)):
        session.add(
            PaymentClaim(order_id=transfer.order_id, opened_at=NOW, answer_by=LATER, escalated_at=moment)
        )
    session.add(
        BankLine(
            id=uuid4(),
            account_id=named.account_id,
            kind="camt",
            fingerprint="a line",
            booked_on=NOW.date(),
            amount_minor=1,
            currency="EUR",
            payer="",
            text="",
            bank_reference="",
            verdict="less",
            state=LineState.OPEN,
            shares=[[named.order.number, 1]],
            recorded_at=NOW,
        )
    )


def _payments(session: Session, transfer: BankTransfer) -> list[Payment]:
    return list(session.scalars(select(Payment).where(Payment.order_id == transfer.order_id)))


def said(session: Session, show: Show) -> set[UUID]:
    """Orders of which the pages say so, each asked for by itself."""
    orders = session.scalars(select(Order)).all()
    marks = {
        Show.PART_PAID: Mark.PART_PAID,
        Show.OVERPAID: Mark.OVERPAID,
        Show.ON_HOLD: Mark.ON_HOLD,
        Show.DISPUTED: Mark.DISPUTED,
    }
    if show in marks:
        return {each for each, how in standings(session, orders).items() if marks[show] in how.marks}
    match show:
        case Show.LATE_MONEY:
            late = {"units_gone", "paid_again"}
            return {each.id for each in orders if each.state == "refund_due" and each.state_reason in late}
        case Show.OVERDUE:
            return {
                each.id for each in orders if each.state == "awaiting_payment" and _overdue(session, each)
            }
        case Show.NEEDS_DECISION:
            found = [each.id for each in orders_for_a_person(session, LATER)]
            found += [each.order_id for each in refunds_for_people(session)]
            found += [each.order_id for each in escalated_claims(session)]
            return {*found, *_complaints(session, ComplaintState.ESCALATED)}
        case Show.NEEDS_PROVIDER:
            return set(_work(session, orders))
    raise AssertionError(show)


def _overdue(session: Session, order: Order) -> bool:
    transfer = session.get(BankTransfer, order.id)
    return order.hold_until <= LATER or (transfer is not None and transfer.due_on < LATER.date())


def _complaints(session: Session, state: ComplaintState) -> Iterable[UUID]:
    return session.scalars(select(Complaint.order_id).where(Complaint.state == state))


def _work(session: Session, orders: Iterable[Order]) -> Iterable[UUID]:
    numbers = {order.number: order.id for order in orders}
    for provider in session.scalars(select(Provider)):
        yield from (each.order_id for each in open_refunds_of(session, provider.id) if each.state in TO_SEND)
        accounts = [each.account_id for each in bank_accounts_of(session, provider.id)]
        yield from (each.order.id for each in open_claims(session, accounts))
        work = work_list(session, accounts)
        yield from (each.order.id for each in work.transfers if each.how.said_sent_on is not None)
        yield from (numbers[number] for line in work.lines for number, _ in line.shares)
    for order in orders:
        waits = order.state == "paid" and order.release_at is not None and order.released_by is None
        if waits and terms_of_order(session, order.id).rule == ReleaseRule.REVIEW:
            yield order.id
    yield from _complaints(session, ComplaintState.OPEN)
    for provider in session.scalars(select(Provider)):
        yield from (each.id for each in orders_to_answer(session, provider.id, 500))


def test_the_lists_mean_what_the_pages_say(session: Session):
    orders_of_every_kind(session)
    _the_database_has_added_the_ledger_up(session)
    _a_list_shows_what_is_said_of_its_orders(session)
    _a_list_is_narrowed_by_all_that_is_asked_for(session)


def _a_list_shows_what_is_said_of_its_orders(session: Session) -> None:
    for show in Show:
        wanted = Wanted(show=show)
        found = next_orders(session, wanted, LATER, [], 500)
        due = said(session, show)
        assert due, f"no order is {show}: nothing is compared"
        assert {each.id for each in found} == due, show
        assert count_orders(session, wanted, LATER) == len(due), show
        # One provider's are those of its own.
        own = found[0].provider_id
        narrowed = next_orders(session, Wanted(provider_id=own, show=show), LATER, [], 500)
        assert [each.id for each in narrowed] == [each.id for each in found if each.provider_id == own]


def _a_list_is_narrowed_by_all_that_is_asked_for(session: Session) -> None:
    everything = session.scalars(select(Order).order_by(Order.placed_at.desc(), Order.id)).all()
    everything[3].trial = True
    everything[5].placed_at = NOW - timedelta(days=1)
    session.flush()
    cases = {
        Wanted(state=OrderState.REFUNDED): lambda order: order.state == "refunded",
        Wanted(method="bank"): lambda order: order.method == "bank",
        Wanted(currency="EUR", show=Show.OVERDUE): lambda order: order.currency == "EUR",
        Wanted(trials=Trials.ONLY): lambda order: order.trial,
        Wanted(trials=Trials.WITHOUT): lambda order: not order.trial,
        Wanted(placed_from=NOW): lambda order: order.placed_at >= NOW,
        Wanted(placed_before=NOW): lambda order: order.placed_at < NOW,
    }
    for wanted, meant in cases.items():
        found = {each.id for each in next_orders(session, wanted, LATER, [], 500)}
        due = {each.id for each in everything if meant(each)}
        if wanted.show is not None:
            due &= said(session, wanted.show)
        assert found == due, wanted
        assert 0 < len(found) < len(everything)


def _the_database_has_added_the_ledger_up(session: Session) -> None:
    for order in session.scalars(select(Order).execution_options(populate_existing=True)):
        entries = session.scalars(
            select(PaymentEntry)
            .join(Payment, Payment.id == PaymentEntry.payment_id)
            .where(Payment.order_id == order.id, PaymentEntry.currency == order.currency)
        ).all()
        sums = {
            kind: sum(each.amount_minor for each in entries if each.kind == kind)
            for kind in ("receipt", "refund", "refund_failed", "chargeback", "chargeback_won")
        }
        assert order.received_minor == sums["receipt"]
        assert order.given_back_minor == sums["refund"] - sums["refund_failed"]
        assert order.disputed_minor == sums["chargeback"] - sums["chargeback_won"]
