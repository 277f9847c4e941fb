"""Two acts: a statement is kept to be looked at, and committed by a second one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankAccount, BankStatement
from app.domain.payments.statements.csv_file import ColumnMap
from app.domain.payments.statements.desk import desk_for
from app.domain.payments.statements.lines import Statement, fingerprints
from app.domain.payments.statements.match import Judgement, judge
from app.domain.payments.statements.read import read_statement


@dataclass(frozen=True)
class Preview:
    """What committing the statement would do, line by line."""

    statement: BankStatement
    judged: Sequence[Judgement]


def keep_statement(
    session: Session,
    account_id: UUID,
    content: bytes,
    columns: ColumnMap | None,
    person_id: UUID | None,
    now: datetime,
) -> BankStatement:
    """Keep a file to be looked at. The same file again is the same statement, committed or not.

    `columns`: as the provider has just said; else those of the account's last CSV. StatementRefused,
    ColumnsUnknown. The caller commits.
    """
    digest = sha256(content).hexdigest()
    bank = session.get_one(BankAccount, account_id)
    known = session.execute(
        select(BankStatement).where(BankStatement.account_id == account_id, BankStatement.sha256 == digest)
    ).scalar_one_or_none()
    if known is not None and columns is None:
        return known
    if columns is None and bank.csv_columns is not None:
        columns = ColumnMap.from_json(bank.csv_columns)
    read = read_statement(content, _currency(bank), columns)
    kept_columns = columns.as_json() if columns is not None and read.kind == "csv" else None
    if kept_columns is not None:
        bank.csv_columns = kept_columns
    if known is not None:
        if known.committed_at is None:
            known.columns, known.lines = kept_columns, len(read.lines)
        return known
    statement = BankStatement(
        id=uuid4(),
        account_id=account_id,
        person_id=person_id,
        kind=read.kind,
        sha256=digest,
        content=content,
        columns=kept_columns,
        lines=len(read.lines),
        uploaded_at=now,
    )
    session.add(statement)
    session.flush()
    return statement


def preview_statement(session: Session, statement: BankStatement) -> Preview:
    """What committing it would do now; nothing is written. Of a committed one, nothing is left to do."""
    read = _read(session, statement)
    prints = fingerprints(read.lines)
    desk = desk_for(session, statement.account_id, read.kind, read.lines, prints)
    return Preview(statement, judge(read.lines, desk, prints))


def finish_statement(
    session: Session, statement: BankStatement, person_id: UUID | None, now: datetime, counts: dict[str, int]
) -> None:
    """Every line has been dealt with: the file is forgotten."""
    if statement.committed_at is not None:
        return
    statement.content, statement.committed_at = None, now
    record(
        session,
        Event.BANK_STATEMENT_COMMITTED,
        "bank_statement",
        statement.id,
        now,
        actor="provider",
        person_id=person_id,
        kind=statement.kind,
        counts=counts,
    )


def _read(session: Session, statement: BankStatement) -> Statement:
    if statement.content is None:
        return Statement(statement.kind, [])
    bank = session.get_one(BankAccount, statement.account_id)
    columns = ColumnMap.from_json(statement.columns) if statement.columns is not None else None
    return read_statement(statement.content, _currency(bank), columns)


def _currency(bank: BankAccount) -> str:
    return BankDetails.from_json(bank.details).currency
