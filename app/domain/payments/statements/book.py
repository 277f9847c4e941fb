"""Book what a statement shows: one line at a time, each in a transaction of its own, and never twice."""

from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.models import BankLine, BankTransfer, LineState
from app.domain.payments.bank.queries import tolerated_shortfall
from app.domain.payments.models import Payment, PaymentState, ProviderPayeeAccount
from app.domain.payments.open_payment import open_payment
from app.domain.payments.queries import locked_order, net_paid
from app.domain.payments.record_snapshot import record_snapshot
from app.domain.payments.statements.desk import desk_for
from app.domain.payments.statements.lines import StatementLine
from app.domain.payments.statements.match import BOOKS, Judgement, Verdict, judge
from app.integrations.gateways.interface import Entry, PayState, Snapshot
from app.money import Money


class NotThisAccount(Exception):
    """The order is not paid to this account, or does not exist."""


class AlreadyDecided(Exception):
    """Somebody has decided about this line before."""


class SamePerson(Exception):
    """The second person must be another one than the first."""


class NotWaiting(Exception):
    """The order waits for no money (any more)."""


def lock_account(session: Session, account_id: UUID) -> ProviderPayeeAccount:
    """Whoever books on an account queues up here, before any order is locked."""
    return session.execute(
        select(ProviderPayeeAccount).where(ProviderPayeeAccount.id == account_id).with_for_update()
    ).scalar_one()


def book_judged(
    session: Session,
    account_id: UUID,
    statement_id: UUID,
    kind: str,
    judged: Judgement,
    person_id: UUID | None,
    now: datetime,
) -> Judgement:
    """Judge a line once more, as everything stands now, and book it or put it where somebody decides.

    What it was in the preview may have changed meanwhile; the answer is what it is. The caller commits.
    """
    lock_account(session, account_id)
    prints = [judged.fingerprint]
    [fresh] = judge([judged.line], desk_for(session, account_id, kind, [judged.line], prints), prints)
    if fresh.state is None:
        return fresh
    row = _row(account_id, kind, fresh, person_id, now)
    row.statement_id = statement_id
    session.add(row)
    session.flush()
    if row.state == LineState.BOOKED and fresh.verdict in BOOKS:
        _enter(session, row, now)
    return fresh


def confirm_received(
    session: Session,
    account_id: UUID,
    order_number: str,
    amount: Money,
    received_on: date,
    seen: int,
    person_id: UUID | None,
    now: datetime,
) -> BankLine:
    """A person says that a transfer came. `seen`: what had come for the order, in minor units, when they said so;
    it makes a second click find the first. NotThisAccount, NotWaiting. The caller commits.
    """
    lock_account(session, account_id)
    order, transfer = _order_and_transfer(session, account_id, order_number)
    fingerprint = f"hand:{order.number}:{seen}"
    known = session.execute(
        select(BankLine).where(BankLine.account_id == account_id, BankLine.fingerprint == fingerprint)
    ).scalar_one_or_none()
    if known is not None:
        return known
    if order.state not in {OrderState.AWAITING_PAYMENT, OrderState.EXPIRED, OrderState.WITHDRAWN}:
        raise NotWaiting
    line = StatementLine(received_on, amount, (transfer.reference,))
    desk = desk_for(session, account_id, "hand", [line], [fingerprint])
    desk.by_hand = {}  # what came by hand before does not prove this
    [judged] = judge([line], desk, [fingerprint])
    row = _row(account_id, "hand", judged, person_id, now)
    session.add(row)
    session.flush()
    if row.state == LineState.BOOKED and judged.verdict in BOOKS:
        _enter(session, row, now)
    return row


def assign_line(
    session: Session, line_id: UUID, order_number: str, person_id: UUID | None, now: datetime
) -> BankLine:
    """A person says which order an open line is for. AlreadyDecided, NotThisAccount. The caller commits."""
    row = _locked_line(session, line_id, LineState.OPEN)
    order, _ = _order_and_transfer(session, row.account_id, order_number)
    if order.currency != row.currency:
        raise NotThisAccount
    row.shares = [[order.number, row.amount_minor]]
    row.person_id = person_id
    _decided(session, row, "assign", order.id, person_id, now)
    row.state = LineState.BOOKED
    if row.verdict != Verdict.PROOF:
        _enter(session, row, now)
    return row


def confirm_line(session: Session, line_id: UUID, person_id: UUID | None, now: datetime) -> BankLine:
    """The second person confirms a large transfer. AlreadyDecided, SamePerson. The caller commits."""
    row = _locked_line(session, line_id, LineState.WAITING)
    if person_id is None or person_id == row.person_id:
        raise SamePerson
    row.second_person_id = person_id
    row.state = LineState.BOOKED
    _decided(session, row, "confirm", None, person_id, now)
    _enter(session, row, now)
    return row


def set_aside(session: Session, line_id: UUID, note: str, person_id: UUID | None, now: datetime) -> BankLine:
    """A person says that a line is no business of the platform's. AlreadyDecided. The caller commits."""
    row = _locked_line(session, line_id, LineState.OPEN)
    row.state, row.note = LineState.SET_ASIDE, note
    _decided(session, row, "set_aside", None, person_id, now)
    return row


def _enter(session: Session, row: BankLine, now: datetime) -> None:
    """Write the line's money into the ledger, order by order in the order of their ids."""
    at = datetime.combine(row.booked_on, time(), UTC)
    numbers = [number for number, _ in row.shares]
    orders = {
        order.number: order for order in session.scalars(select(Order).where(Order.number.in_(numbers)))
    }
    shares = sorted(row.shares, key=lambda share: orders[share[0]].id)
    for number, minor in shares:
        entry = Entry(
            kind="receipt" if minor > 0 else "refund",
            external_id=row.fingerprint if len(shares) == 1 else f"{row.fingerprint}:{number}",
            amount=Money(abs(minor), row.currency),
            at=at,
        )
        _record(session, row.account_id, orders[number].id, entry, now)


def _record(session: Session, account_id: UUID, order_id: UUID, entry: Entry, now: datetime) -> None:
    order = locked_order(session, order_id)
    payment = _payment_of(session, order, account_id, now)
    session.flush()
    net = net_paid(session, order) + (entry.amount.minor if entry.kind == "receipt" else -entry.amount.minor)
    enough = entry.kind == "receipt" and net >= order.total_minor - tolerated_shortfall(session, order.id)
    captured = enough or payment.state == PaymentState.CAPTURED
    snapshot = Snapshot(
        PayState.CAPTURED if captured else PayState.STARTED,
        entries=(entry,),
        amount=payment.amount,
        payee=payment.account.external_id,
        reference=str(payment.id),
        in_parts=True,
    )
    record_snapshot(session, payment.id, snapshot, now)


def _payment_of(session: Session, order: Order, account_id: UUID, now: datetime) -> Payment:
    """The order's payment to this account. One is made where the buyer paid without ever opening any."""
    known = session.execute(
        select(Payment)
        .where(Payment.order_id == order.id, Payment.account_id == account_id)
        .order_by(Payment.created_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    if known is not None:
        return known
    if order.state == OrderState.AWAITING_PAYMENT and order.method == "bank" and order.hold_until > now:
        return open_payment(session, order.id, now)
    payment = Payment(
        id=uuid4(),
        order_id=order.id,
        account_id=account_id,
        gateway="bank",
        state=PaymentState.EXPIRED,
        amount_minor=order.total_minor,
        currency=order.currency,
        created_at=now,
        changed_at=now,
    )
    session.add(payment)
    return payment


def _row(account_id: UUID, kind: str, judged: Judgement, person_id: UUID | None, now: datetime) -> BankLine:
    line = judged.line
    return BankLine(
        id=uuid4(),
        account_id=account_id,
        kind=kind,
        fingerprint=judged.fingerprint,
        booked_on=line.booked_on,
        amount_minor=line.amount.minor,
        currency=line.amount.currency,
        payer=line.payer,
        text=line.text,
        bank_reference=line.bank_reference,
        verdict=judged.verdict.value,
        state=judged.state or LineState.OPEN,
        shares=[list(share) for share in judged.shares],
        person_id=person_id,
        recorded_at=now,
    )


def _order_and_transfer(session: Session, account_id: UUID, number: str) -> tuple[Order, BankTransfer]:
    found = session.execute(
        select(Order, BankTransfer)
        .join(BankTransfer, BankTransfer.order_id == Order.id)
        .where(Order.number == number, BankTransfer.account_id == account_id)
    ).one_or_none()
    if found is None:
        raise NotThisAccount
    order, transfer = found
    return order, transfer


def _locked_line(session: Session, line_id: UUID, state: LineState) -> BankLine:
    account_id = session.get_one(BankLine, line_id).account_id
    lock_account(session, account_id)
    row = session.execute(
        select(BankLine)
        .where(BankLine.id == line_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if row.state != state:
        raise AlreadyDecided
    return row


def _decided(
    session: Session, row: BankLine, act: str, order_id: UUID | None, person_id: UUID | None, now: datetime
) -> None:
    record(
        session,
        Event.BANK_LINE_DECIDED,
        "bank_line",
        row.id,
        now,
        order_id=order_id,
        actor="provider",
        person_id=person_id,
        act=act,
        amount=str(row.amount),
    )
