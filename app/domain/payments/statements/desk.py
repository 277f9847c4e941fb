"""Read from the database what a statement is compared with."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankAccount, BankLine, BankTransfer, LineState
from app.domain.payments.bank.reference import find_numbers, find_references
from app.domain.payments.models import Payment, PaymentEntry
from app.domain.payments.refunds.queries import BY_WORD
from app.domain.payments.statements.lines import StatementLine, fingerprints
from app.domain.payments.statements.match import Desk, Payable, Verdict


def desk_for(
    session: Session,
    account_id: UUID,
    kind: str,
    lines: Sequence[StatementLine],
    prints: Sequence[str] | None = None,
) -> Desk:
    """Everything that the lines may be about: orders named in them, and those that wait for money."""
    bank = session.get_one(BankAccount, account_id)
    named = {found for line in lines for found in (*find_references(line.texts), *find_numbers(line.texts))}
    orders = _payables(session, account_id, named)
    numbers = [order.number for order in orders.values()]
    return Desk(
        details=BankDetails.from_json(bank.details),
        kind=kind,
        orders=orders,
        known=_known(session, account_id, prints or fingerprints(lines)),
        told=_told(session, account_id, lines, kind),
        by_hand=_by_hand(session, account_id, numbers),
        two_persons_from=bank.two_persons_from_minor,
        formerly=_formerly(session, bank, named),
    )


def _payables(session: Session, account_id: UUID, named: set[str]) -> dict[str, Payable]:
    net = (
        select(
            func.coalesce(
                func.sum(
                    case(
                        (PaymentEntry.kind == "receipt", PaymentEntry.amount_minor),
                        else_=-PaymentEntry.amount_minor,
                    )
                ),
                0,
            )
        )
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .where(Payment.order_id == Order.id, PaymentEntry.currency == Order.currency)
        .correlate(Order)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Order.number,
            BankTransfer.reference,
            Order.currency,
            Order.total_minor,
            net,
            BankTransfer.tolerance_minor,
            Order.state,
        )
        .join(Order, BankTransfer.order_id == Order.id)
        .where(
            BankTransfer.account_id == account_id,
            (Order.state == OrderState.AWAITING_PAYMENT) | BankTransfer.reference.in_(named),
        )
    )
    return {
        row.reference: Payable(row[0], row[1], row[2], int(row[3]), int(row[4]), int(row[5]), row[6])
        for row in rows
    }


def _formerly(session: Session, bank: BankAccount, named: set[str]) -> tuple[BankDetails, ...]:
    """Other details of the account that the buyers of these orders were given."""
    rows = session.scalars(
        select(BankTransfer.details)
        .join(Order, BankTransfer.order_id == Order.id)
        .where(
            BankTransfer.account_id == bank.account_id,
            BankTransfer.details != bank.details,
            (Order.state == OrderState.AWAITING_PAYMENT) | BankTransfer.reference.in_(named),
        )
        .distinct()
    )
    return tuple(BankDetails.from_json(each) for each in rows)


def _known(session: Session, account_id: UUID, wanted: Sequence[str]) -> frozenset[str]:
    return frozenset(
        session.scalars(
            select(BankLine.fingerprint).where(
                BankLine.account_id == account_id, BankLine.fingerprint.in_(wanted)
            )
        )
    )


def _told(session: Session, account_id: UUID, lines: Sequence[StatementLine], kind: str) -> dict:  # type: ignore[type-arg]
    """Day, amount and order of what other kinds of statements have told."""
    if not lines:
        return {}
    days = [line.booked_on for line in lines]
    rows = session.scalars(
        select(BankLine).where(
            BankLine.account_id == account_id,
            BankLine.kind.not_in([kind, "hand"]),
            BankLine.booked_on.between(min(days), max(days)),
        )
    )
    return {(row.booked_on, amount, number): row.kind for row in rows for number, amount in row.shares}


def _by_hand(session: Session, account_id: UUID, numbers: Sequence[str]) -> dict[tuple[str, int], int]:
    """How often each order and amount was confirmed by hand without a statement having shown it since."""
    rows = session.scalars(
        select(BankLine).where(
            BankLine.account_id == account_id,
            (BankLine.kind == "hand") | (BankLine.verdict == Verdict.PROOF.value),
            BankLine.state.in_([LineState.BOOKED, LineState.WAITING]),
        )
    )
    count: Counter[tuple[str, int]] = Counter()
    for row in rows:
        for number, amount in row.shares:
            if number in numbers:
                count[number, amount] += 1 if row.kind == "hand" else -1
    sent_back = session.execute(
        select(Order.number, PaymentEntry.amount_minor)
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .join(Order, Payment.order_id == Order.id)
        .where(
            Order.number.in_(numbers),
            PaymentEntry.kind == "refund",
            PaymentEntry.external_id.startswith(BY_WORD),
        )
    )
    for number, amount in sent_back:
        count[number, -amount] += 1
    return dict(count)
