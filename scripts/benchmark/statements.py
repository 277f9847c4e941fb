"""A long bank statement, looked at: read from bytes and compared with a thousand orders in the database."""

import random
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.database import database_url, make_engine, make_sessions
from app.domain.orders.models import Order, OrderGroup, OrderState
from app.domain.orders.numbers import new_order_number, new_token
from app.domain.payments.bank.models import BankAccount, BankTransfer
from app.domain.payments.bank.reference import reference_of
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.statements.keep import keep_statement, preview_statement
from app.domain.people.models import Provider
from app.settings import Settings

LINES = 10_000
ORDERS = 1_000


@dataclass(frozen=True)
class StatementFigures:
    """Seconds to the preview of one statement, by kind."""

    camt: float
    mt940: float


def measure_statements(settings: Settings) -> StatementFigures:
    """One in ten lines names an order that waits; nothing is left in the database."""
    sessions = make_sessions(make_engine(database_url(settings)))
    with sessions() as session:
        try:
            account = _account(session)
            references = _orders(session, account)
            return StatementFigures(
                _seconds(session, account, _camt(references)), _seconds(session, account, _mt940(references))
            )
        finally:
            session.rollback()


def _seconds(session: Session, account: ProviderPayeeAccount, content: bytes) -> float:
    began = time.perf_counter()
    statement = keep_statement(session, account.id, content, None, datetime.now(UTC))
    preview = preview_statement(session, statement)
    seconds = time.perf_counter() - began
    found = sum(bool(each.shares) for each in preview.judged)
    if len(preview.judged) != LINES or found < ORDERS:
        raise RuntimeError(f"{found} of {len(preview.judged)} lines were matched")
    return seconds


def _account(session: Session) -> ProviderPayeeAccount:
    account = session.scalars(
        select(ProviderPayeeAccount)
        .where(ProviderPayeeAccount.gateway == "bank")
        .order_by(ProviderPayeeAccount.id)
    ).first()
    if account is None:
        raise RuntimeError("the demonstration has no bank account")
    return account


def _orders(session: Session, account: ProviderPayeeAccount) -> list[str]:
    """Orders without lines, as many as are asked for, each waiting for 25.00."""
    now, [currency] = datetime.now(UTC), account.currencies
    details = session.get_one(BankAccount, account.id).details
    provider_id = session.scalars(select(Provider.id).where(Provider.id == account.provider_id)).one()
    group = OrderGroup(id=uuid4(), token=new_token(), placed_at=now)
    session.add(group)
    session.flush()
    orders, transfers = [], []
    for _ in range(ORDERS):
        number = new_order_number()
        orders.append(
            {
                "id": uuid4(),
                "group_id": group.id,
                "provider_id": provider_id,
                "number": number,
                "token": new_token(),
                "state": OrderState.AWAITING_PAYMENT,
                "currency": currency,
                "total_minor": 2500,
                "method": "bank",
                "language": "en",
                "email": "bench@example.org",
                "beneficiary_type": "individual",
                "beneficiary_country": "DE",
                "disclosure": "anonymous",
                "purpose": "other",
                "certificate_language": "en",
                "placed_at": now,
                "hold_until": now + timedelta(days=10),
            }
        )
        transfers.append(
            {
                "order_id": orders[-1]["id"],
                "account_id": account.id,
                "reference": reference_of(number),
                "details": details,
                "tolerance_minor": 0,
                "due_on": now.date(),
                "release_at": now + timedelta(days=10),
            }
        )
    session.execute(insert(Order), orders)
    session.execute(insert(BankTransfer), transfers)
    return [str(each["reference"]) for each in transfers]


def _texts(references: list[str]) -> list[str]:
    texts = [f"for {each.lower()}, thank you" for each in references]
    texts += [f"invoice {number} of another customer" for number in range(LINES - len(references))]
    random.Random(64).shuffle(texts)  # noqa: S311 (the same statement every time)
    return texts


def _camt(references: list[str]) -> bytes:
    entries = "".join(
        f'<Ntry><Amt Ccy="USD">25.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{date.today()}</Dt>'  # noqa: DTZ011
        f"</BookgDt><AcctSvcrRef>B{number}</AcctSvcrRef><NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf>"
        "</TxDtls></NtryDtls></Ntry>"
        for number, text in enumerate(_texts(references))
    )
    return f"<Document><BkToCstmrStmt><Stmt>{entries}</Stmt></BkToCstmrStmt></Document>".encode()


def _mt940(references: list[str]) -> bytes:
    lines = [":20:BENCH", ":60F:C261120USD0,"]
    for number, text in enumerate(_texts(references)):
        lines += [f":61:2611231123C25,00NTRFNONREF//M{number}", f":86:166?20{text[:27]}?21{text[27:]}"]
    return "\n".join([*lines, ":62F:C261123USD0,", "-"]).encode()
