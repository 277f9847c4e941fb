"""Statements matched and booked: in any order, as often as one likes, with the same ledger in the end."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.orders.expire_order import expire_order
from app.domain.orders.models import Order, OrderState
from app.domain.orders.withdraw_order import withdraw_order
from app.domain.payments.bank.instructions import instructions_of
from app.domain.payments.bank.models import BankAccount, BankLine, BankTransfer, LineState
from app.domain.payments.models import PaymentEntry
from app.domain.payments.proofs import check_proof
from app.domain.payments.queries import locked_order, net_paid
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.answer_refund import answer_refund
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.refunds.begin_refund import begin_refund, record_refusal
from app.domain.payments.refunds.say_refund_sent import say_refund_sent
from app.domain.payments.statements.book import (
    AlreadyDecided,
    NotThisAccount,
    NotWaiting,
    SamePerson,
    assign_line,
    book_judged,
    confirm_line,
    confirm_received,
    set_aside,
)
from app.domain.payments.statements.csv_file import ColumnMap
from app.domain.payments.statements.keep import (
    explain_columns,
    finish_statement,
    keep_statement,
    preview_statement,
)
from app.domain.payments.statements.match import Verdict
from app.domain.payments.statements.read import ColumnsUnknown
from app.domain.people.models import Person, Realm
from app.money import Money
from tests.bank import make_bank_provider, make_transfer
from tests.domain.payments.payees.people import other_details
from tests.domain.payments.statements.files import Movement, camt, csv, mt940
from tests.factories import NOW, make_details

LATER = NOW + timedelta(days=3)


def make_person(session: Session) -> UUID:
    person = Person(
        id=uuid4(),
        issuer="https://login.example.org/realms/registry",
        realm=Realm.REGISTRY,
        subject=str(uuid4()),
        email=f"{uuid4().hex}@example.org",
        email_verified=True,
        name="Sample Person",
        created_at=NOW,
        last_signed_in_at=NOW,
    )
    session.add(person)
    session.flush()
    return person.id


def bring(session: Session, transfer: BankTransfer, content: bytes, now=LATER) -> list[Verdict]:
    """Preview and commit, as the shell does."""
    statement = keep_statement(session, transfer.account_id, content, None, now)
    preview = preview_statement(session, statement)
    found = []
    for judged in preview.judged:
        if judged.state is not None:
            judged = book_judged(  # noqa: PLW2901
                session, transfer.account_id, statement.id, statement.kind, judged, None, now
            )
        found.append(judged.verdict)
    finish_statement(session, statement, None, now, {})
    session.flush()
    return found


def paid(session: Session, transfer: BankTransfer) -> int:
    session.flush()
    return net_paid(session, transfer.order)


def state(session: Session, transfer: BankTransfer) -> OrderState:
    return session.get_one(Order, transfer.order_id, populate_existing=True).state


def lines(session: Session, transfer: BankTransfer) -> Sequence[BankLine]:
    return session.scalars(select(BankLine).where(BankLine.account_id == transfer.account_id)).all()


@pytest.mark.parametrize("write", [camt, mt940, csv])
def test_the_exact_amount_pays_the_order(session: Session, write) -> None:
    transfer = make_transfer(session)
    assert bring(session, transfer, write([Movement(f"thanks {transfer.reference}")])) == [Verdict.EXACT]
    assert paid(session, transfer) == 2500
    assert transfer.order.state == OrderState.CANCELLING


def test_a_preview_writes_nothing(session: Session) -> None:
    transfer = make_transfer(session)
    statement = keep_statement(
        session, transfer.account_id, camt([Movement(transfer.reference)]), None, LATER
    )
    assert [each.verdict for each in preview_statement(session, statement).judged] == [Verdict.EXACT]
    assert paid(session, transfer) == 0
    assert not lines(session, transfer)


def test_the_same_file_twice_is_nothing_new(session: Session) -> None:
    transfer = make_transfer(session)
    content = camt([Movement(transfer.reference)])
    bring(session, transfer, content)
    assert bring(session, transfer, content) == []
    overlapping = camt([Movement(transfer.reference), Movement("else")])
    assert bring(session, transfer, overlapping) == [Verdict.ALREADY, Verdict.UNKNOWN]
    assert paid(session, transfer) == 2500


def test_what_was_committed_is_forgotten_but_for_our_lines(session: Session) -> None:
    transfer = make_transfer(session)
    content = camt([Movement("salaries of July", minor=-100), Movement(transfer.reference), Movement("rent")])
    bring(session, transfer, content)
    statement = keep_statement(session, transfer.account_id, content, None, LATER)
    assert (statement.content, statement.committed_at) == (None, LATER)
    assert [line.verdict for line in lines(session, transfer)] == ["exact"]


def test_two_parts_pay_together(session: Session) -> None:
    transfer = make_transfer(session)
    first = Movement(transfer.reference, minor=1000, bank_reference="1")
    assert bring(session, transfer, camt([first])) == [Verdict.SHORT]
    assert state(session, transfer) == OrderState.AWAITING_PAYMENT
    assert instructions_of(session, transfer).amount == Money(1500, "EUR")
    rest = Movement(transfer.reference, minor=1500, bank_reference="2")
    assert bring(session, transfer, camt([rest])) == [Verdict.REST]
    assert state(session, transfer) == OrderState.CANCELLING


def test_a_small_shortfall_passes_where_the_provider_lets_it(session: Session) -> None:
    transfer = make_transfer(session, make_bank_provider(session, tolerance_minor=300))
    assert bring(session, transfer, camt([Movement(transfer.reference, minor=2200)])) == [Verdict.TOLERATED]
    assert state(session, transfer) == OrderState.CANCELLING


def test_one_cent_beyond_the_tolerance_is_short(session: Session) -> None:
    transfer = make_transfer(session, make_bank_provider(session, tolerance_minor=300))
    assert bring(session, transfer, camt([Movement(transfer.reference, minor=2199)])) == [Verdict.SHORT]
    assert state(session, transfer) == OrderState.AWAITING_PAYMENT


def test_too_much_pays_and_is_seen(session: Session) -> None:
    transfer = make_transfer(session)
    assert bring(session, transfer, camt([Movement(transfer.reference, minor=2600)])) == [Verdict.OVER]
    assert state(session, transfer) == OrderState.CANCELLING
    assert paid(session, transfer) == 2600


def test_failure_mode_13_a_second_payment_is_extra(session: Session) -> None:
    transfer = make_transfer(session)
    two = [Movement(transfer.reference, bank_reference=str(number)) for number in (1, 2)]
    assert bring(session, transfer, camt(two)) == [Verdict.EXACT, Verdict.EXTRA]
    entries = session.scalars(
        select(PaymentEntry).where(PaymentEntry.account_id == transfer.account_id)
    ).all()
    assert [entry.amount_minor for entry in entries] == [2500, 2500]
    assert state(session, transfer) == OrderState.CANCELLING


def test_one_transfer_for_two_orders(session: Session) -> None:
    provider = make_bank_provider(session)
    one, two = make_transfer(session, provider), make_transfer(session, provider, tonnes=4)
    text = f"{one.reference} {two.reference}"
    assert bring(session, one, camt([Movement(text, minor=7500, bank_reference="1")])) == [Verdict.JOINT]
    assert (paid(session, one), paid(session, two)) == (2500, 5000)


def test_two_orders_whose_sum_is_another_wait_for_a_person(session: Session) -> None:
    provider = make_bank_provider(session)
    one, two = make_transfer(session, provider), make_transfer(session, provider)
    text = f"{one.reference} {two.reference}"
    assert bring(session, one, camt([Movement(text, minor=4999)])) == [Verdict.JOINT_UNCLEAR]
    assert (paid(session, one), paid(session, two)) == (0, 0)


def test_failure_mode_12_late_money_brings_the_order_back_at_its_price(session: Session) -> None:
    transfer = make_transfer(session)
    assert expire_order(session, transfer.order_id, transfer.release_at)
    after = transfer.release_at + timedelta(days=2)
    assert bring(session, transfer, camt([Movement(transfer.reference)]), after) == [Verdict.LATE]
    assert state(session, transfer) == OrderState.CANCELLING
    assert transfer.order.total_minor == 2500


def test_failure_mode_12_without_units_the_provider_sends_it_back(session: Session) -> None:
    transfer = make_transfer(session)
    expire_order(session, transfer.order_id, transfer.release_at)
    [line] = transfer.order.lines
    line.offer.held = line.offer.quantity
    session.flush()
    after = transfer.release_at + timedelta(days=2)
    assert bring(session, transfer, camt([Movement(transfer.reference)]), after) == [Verdict.LATE]
    assert state(session, transfer) == OrderState.REFUND_DUE
    back = camt([Movement(f"back {transfer.reference}", minor=-2500)])
    assert bring(session, transfer, back, after) == [Verdict.REFUND]
    assert (state(session, transfer), paid(session, transfer)) == (OrderState.REFUNDED, 0)


def test_failure_mode_12_a_part_that_comes_late_goes_back(session: Session) -> None:
    transfer = make_transfer(session)
    expire_order(session, transfer.order_id, transfer.release_at)
    bring(session, transfer, camt([Movement(transfer.reference, minor=1000)]), transfer.release_at)
    assert state(session, transfer) == OrderState.REFUND_DUE


def given_back_by_hand(session: Session, transfer: BankTransfer) -> Refund:
    """The order is due 10.00 back; the provider says that they have sent it, and the buyer that it came."""
    bring(session, transfer, camt([Movement(transfer.reference, minor=1000)]))
    expire_order(session, transfer.order_id, transfer.release_at)
    (refund,) = refunds_of(session, transfer.order_id)
    begin_refund(session, refund.id, transfer.release_at)
    record_refusal(session, refund.id, "by_transfer", transfer.release_at)
    proof = check_proof(b"%PDF-1.7 sample", "advice.pdf")
    say_refund_sent(session, refund.id, LATER.date(), "", proof, None, transfer.release_at)
    answer_refund(session, refund.id, True, transfer.release_at)
    session.flush()
    assert (state(session, transfer), paid(session, transfer)) == (OrderState.REFUNDED, 0)
    return refund


def test_a_statement_that_shows_what_the_buyer_has_said_books_nothing_more(session: Session) -> None:
    transfer = make_transfer(session)
    given_back_by_hand(session, transfer)
    back = Movement(f"back {transfer.reference}", minor=-1000, bank_reference="out-1")
    again = Movement(f"back {transfer.reference}", minor=-1000, bank_reference="out-2")
    assert bring(session, transfer, camt([back])) == [Verdict.PROOF]
    assert (state(session, transfer), paid(session, transfer)) == (OrderState.REFUNDED, 0)
    assert bring(session, transfer, camt([back, again])) == [Verdict.ALREADY, Verdict.REFUND], (
        "one word proves one movement"
    )


def test_a_statement_that_comes_first_closes_the_refund(session: Session) -> None:
    transfer = make_transfer(session)
    bring(session, transfer, camt([Movement(transfer.reference, minor=1000)]))
    expire_order(session, transfer.order_id, transfer.release_at)
    assert bring(session, transfer, camt([Movement(transfer.reference, minor=-1000)])) == [Verdict.REFUND]
    (refund,) = refunds_of(session, transfer.order_id)
    assert (refund.state, state(session, transfer)) == (RefundState.DONE, OrderState.REFUNDED)


def test_a_refund_sent_in_two_parts_closes_with_the_second(session: Session) -> None:
    transfer = make_transfer(session)
    bring(session, transfer, camt([Movement(transfer.reference, minor=1000)]))
    expire_order(session, transfer.order_id, transfer.release_at)
    (refund,) = refunds_of(session, transfer.order_id)
    bring(session, transfer, camt([Movement(transfer.reference, minor=-400, bank_reference="a")]))
    assert (refund.amount_minor, refund.state) == (600, RefundState.REQUESTED)
    bring(session, transfer, camt([Movement(transfer.reference, minor=-600, bank_reference="b")]))
    assert (refund.state, state(session, transfer)) == (RefundState.DONE, OrderState.REFUNDED)


def test_a_refund_told_by_two_kinds_of_statements_is_asked_about(session: Session) -> None:
    transfer = make_transfer(session)
    bring(session, transfer, camt([Movement(transfer.reference, minor=1000)]))
    expire_order(session, transfer.order_id, transfer.release_at)
    back = [Movement(transfer.reference, minor=-1000)]
    assert bring(session, transfer, camt(back)) == [Verdict.REFUND]
    assert bring(session, transfer, mt940(back)) == [Verdict.MAYBE_TWICE]
    assert paid(session, transfer) == 0


def test_a_transfer_beyond_the_price_is_owed_back(session: Session) -> None:
    transfer = make_transfer(session)
    bring(session, transfer, camt([Movement(transfer.reference, minor=2600)]))
    bring(session, transfer, camt([Movement(transfer.reference, minor=2500, bank_reference="twice")]))
    assert sorted(each.amount_minor for each in refunds_of(session, transfer.order_id)) == [100, 2500]


def test_a_part_that_came_in_time_is_due_back_when_the_order_ends(session: Session) -> None:
    provider = make_bank_provider(session)
    for number, end in enumerate((lambda t: expire_order(session, t.order_id, t.release_at), None)):
        transfer = make_transfer(session, provider)
        bring(
            session, transfer, camt([Movement(transfer.reference, minor=1000, bank_reference=f"p{number}")])
        )
        if end:
            end(transfer)
        else:
            withdraw_order(session, locked_order(session, transfer.order_id), "buyer", LATER, actor="buyer")
        assert state(session, transfer) == OrderState.REFUND_DUE


def test_money_for_another_account_currency_or_nobody_is_not_booked(session: Session) -> None:
    transfer = make_transfer(session)
    other = camt([Movement(transfer.reference)], iban="FR1420041010050500013M02606")
    assert bring(session, transfer, other) == [Verdict.OTHER_ACCOUNT]
    movements = [
        Movement(transfer.reference, currency="USD"),
        Movement(transfer.reference, status="PDNG"),
        Movement(transfer.reference, minor=0),
        Movement("nothing of ours", minor=77),
        Movement("wages", minor=-100),
        Movement(transfer.reference, reversal=True),
    ]
    assert bring(session, transfer, camt(movements)) == [
        *(Verdict.OTHER_CURRENCY, Verdict.NOT_BOOKED, Verdict.NOTHING, Verdict.UNKNOWN, Verdict.OUTGOING),
        Verdict.RETURNED,
    ]
    assert paid(session, transfer) == 0


def test_money_on_the_account_that_buyers_were_told_before_still_counts(session: Session) -> None:
    transfer = make_transfer(session)
    bank = session.get_one(BankAccount, transfer.account_id)
    told = bank.details["iban"]
    bank.details = other_details(holder=bank.details["holder"]).as_json()
    session.flush()
    movement = Movement(transfer.reference)
    assert bring(session, transfer, camt([movement], iban="DE75512108001245126199")) == [
        Verdict.OTHER_ACCOUNT
    ]
    assert bring(session, transfer, camt([movement], iban=told)) == [Verdict.EXACT]


def test_another_providers_order_is_unknown_here(session: Session) -> None:
    ours, theirs = make_transfer(session), make_transfer(session, tonnes=3)
    assert bring(session, ours, camt([Movement(theirs.reference, minor=3750)])) == [Verdict.UNKNOWN]
    assert paid(session, theirs) == 0


def test_typing_errors_are_suggestions_never_bookings(session: Session) -> None:
    transfer = make_transfer(session)
    wrong = transfer.reference[:-1] + ("3" if transfer.reference[-1] != "3" else "7")
    movements = [
        Movement(wrong, minor=100, bank_reference="1"),
        Movement("no reference, right amount", bank_reference="2"),
        Movement(transfer.order.number, minor=100, bank_reference="3"),
    ]
    assert bring(session, transfer, camt(movements)) == [
        *(Verdict.LOOKS_LIKE, Verdict.LOOKS_LIKE, Verdict.BY_NUMBER)
    ]
    assert paid(session, transfer) == 0
    assert {line.state for line in lines(session, transfer)} == {LineState.OPEN}


def test_the_order_number_with_the_exact_amount_is_enough(session: Session) -> None:
    transfer = make_transfer(session)
    assert bring(session, transfer, camt([Movement(f"order {transfer.order.number}")])) == [Verdict.EXACT]


def test_a_person_assigns_an_open_line_once(session: Session) -> None:
    transfer = make_transfer(session)
    bring(session, transfer, camt([Movement("no reference, right amount")]))
    [line] = lines(session, transfer)
    assign_line(session, line.id, transfer.order.number, None, LATER)
    assert state(session, transfer) == OrderState.CANCELLING
    with pytest.raises(AlreadyDecided):
        assign_line(session, line.id, transfer.order.number, None, LATER)
    assert paid(session, transfer) == 2500


def test_nothing_is_assigned_to_somebody_elses_order(session: Session) -> None:
    ours, theirs = make_transfer(session), make_transfer(session)
    bring(session, ours, camt([Movement("no reference, right amount")]))
    [line] = lines(session, ours)
    with pytest.raises(NotThisAccount):
        assign_line(session, line.id, theirs.order.number, None, LATER)


def test_a_line_set_aside_stays_so(session: Session) -> None:
    transfer = make_transfer(session)
    content = camt([Movement("no reference, right amount")])
    bring(session, transfer, content)
    [line] = lines(session, transfer)
    set_aside(session, line.id, "rent", None, LATER)
    with pytest.raises(AlreadyDecided):
        assign_line(session, line.id, transfer.order.number, None, LATER)
    assert (line.state, line.note) == (LineState.SET_ASIDE, "rent")


def test_a_large_transfer_takes_two_persons(session: Session) -> None:
    transfer = make_transfer(session, make_bank_provider(session, two_persons_from_minor=2500))
    first, second = make_person(session), make_person(session)
    bring(session, transfer, camt([Movement(transfer.reference)]))
    [line] = lines(session, transfer)
    line.person_id = first
    assert (line.state, paid(session, transfer)) == (LineState.WAITING, 0)
    for nobody in (first, None):
        with pytest.raises(SamePerson):
            confirm_line(session, line.id, nobody, LATER)
    confirm_line(session, line.id, second, LATER)
    assert state(session, transfer) == OrderState.CANCELLING
    with pytest.raises(AlreadyDecided):
        confirm_line(session, line.id, second, LATER)


def test_below_the_threshold_one_is_enough(session: Session) -> None:
    transfer = make_transfer(session, make_bank_provider(session, two_persons_from_minor=2501))
    bring(session, transfer, camt([Movement(transfer.reference)]))
    assert state(session, transfer) == OrderState.CANCELLING


def test_confirmed_by_hand_and_shown_by_the_statement_is_one_payment(session: Session) -> None:
    transfer = make_transfer(session)
    by_hand = (
        transfer.account_id,
        transfer.order.number,
        Money(2500, "EUR"),
        date(2026, 11, 25),
        0,
        None,
        LATER,
    )
    confirm_received(session, *by_hand)
    confirm_received(session, *by_hand)
    assert paid(session, transfer) == 2500
    two = [Movement(transfer.reference, bank_reference=str(number)) for number in (1, 2)]
    assert bring(session, transfer, camt(two)) == [Verdict.PROOF, Verdict.EXTRA]
    assert paid(session, transfer) == 5000


def test_only_orders_that_wait_are_confirmed_by_hand(session: Session) -> None:
    transfer = make_transfer(session)
    bring(session, transfer, camt([Movement(transfer.reference)]))
    with pytest.raises(NotWaiting):
        confirm_received(
            session,
            transfer.account_id,
            transfer.order.number,
            Money(1, "EUR"),
            date(2026, 11, 25),
            2500,
            None,
            LATER,
        )


def test_two_kinds_of_statement_about_one_day_ask_a_person(session: Session) -> None:
    transfer = make_transfer(session)
    bring(session, transfer, camt([Movement(transfer.reference, bank_reference="A")]))
    again = mt940([Movement(transfer.reference, bank_reference="B")])
    assert bring(session, transfer, again) == [Verdict.MAYBE_TWICE]
    assert paid(session, transfer) == 2500


def test_the_columns_of_a_csv_are_kept(session: Session) -> None:
    transfer = make_transfer(session)
    content = f"a;b;c\n25.11.2026;25,00;{transfer.reference}\n".encode()
    columns = ColumnMap(booked_on=0, text=(2,), amount=1, date_format="%d.%m.%Y", decimal_comma=True)
    statement = keep_statement(session, transfer.account_id, content, None, LATER)
    with pytest.raises(ColumnsUnknown):
        preview_statement(session, statement)
    explain_columns(session, statement, columns)
    assert [each.verdict for each in preview_statement(session, statement).judged] == [Verdict.EXACT]
    bank = session.get_one(BankAccount, transfer.account_id)
    assert bank.csv_columns == columns.as_json()
    more = f"a;b;c\n26.11.2026;1,00;{transfer.reference}\n".encode()
    assert keep_statement(session, transfer.account_id, more, None, LATER).lines == 1


movements = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([500, 1000, 2500, 4000, -500])), min_size=1, max_size=6
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(movements, st.data())
def test_any_order_splitting_and_repetition_gives_the_same_ledger(
    session: Session, drawn: list[tuple[int, int]], data: st.DataObject
) -> None:
    provider = make_bank_provider(session)
    somebody = make_details(email=f"{uuid4().hex}@example.org")  # another one each time: orders may wait
    transfers = [make_transfer(session, provider, details=somebody, tonnes=tonnes) for tonnes in (2, 4)]
    wanted: Counter[UUID] = Counter()
    all_lines = []
    for number, (which, minor) in enumerate(drawn):
        transfer = transfers[which]
        wanted[transfer.order_id] += minor
        all_lines.append(Movement(f"for {transfer.reference}", minor=minor, bank_reference=f"B{number}"))
    for _ in range(data.draw(st.integers(1, 3))):
        shuffled = data.draw(st.permutations(all_lines))
        cut = data.draw(st.integers(0, len(shuffled)))
        for part in (shuffled[:cut], shuffled[cut:]):
            if part:
                bring(session, transfers[0], camt(part))
    for transfer in transfers:
        assert paid(session, transfer) == wanted[transfer.order_id]
