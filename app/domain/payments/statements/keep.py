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
from app.domain.payments.bank.models import BankAccount, BankStatement, StatementStage
from app.domain.payments.statements.csv_file import ColumnMap
from app.domain.payments.statements.desk import desk_for
from app.domain.payments.statements.lines import Statement, fingerprints
from app.domain.payments.statements.long_statement import begin_reading, is_long
from app.domain.payments.statements.match import Judgement, judge
from app.domain.payments.statements.read import ColumnsUnknown, check_size, read_statement


@dataclass(frozen=True)
class Preview:
    """What committing the statement would do, line by line."""

    statement: BankStatement
    judged: Sequence[Judgement]


def keep_statement(
    session: Session,
    account_id: UUID,
    content: bytes,
    person_id: UUID | None,
    now: datetime,
) -> BankStatement:
    """Keep a file to be looked at. The same file again is the same statement, committed or not.

    A long one is read by a job (`long_statement`). A CSV whose columns nobody has explained yet is kept without
    lines. StatementRefused. The caller commits.
    """
    check_size(content)
    digest = sha256(content).hexdigest()
    bank = session.get_one(BankAccount, account_id)
    known = session.execute(
        select(BankStatement).where(BankStatement.account_id == account_id, BankStatement.sha256 == digest)
    ).scalar_one_or_none()
    if known is not None:
        if known.stage == StatementStage.REFUSED or known.summary is not None:
            known.content = content
            begin_reading(session, known)  # once more, as everything stands now
        return known
    columns = ColumnMap.from_json(bank.csv_columns) if bank.csv_columns is not None else None
    kind, lines = "", 0
    if not is_long(content):
        try:
            read = read_statement(content, _currency(bank), columns)
            kind, lines = read.kind, len(read.lines)
        except ColumnsUnknown:
            kind, lines = "csv", 0
    statement = BankStatement(
        id=uuid4(),
        account_id=account_id,
        person_id=person_id,
        kind=kind,
        sha256=digest,
        content=content,
        columns=bank.csv_columns if kind in {"csv", ""} else None,
        lines=lines,
        uploaded_at=now,
    )
    session.add(statement)
    session.flush()
    if is_long(content):
        begin_reading(session, statement)
    return statement


def explain_columns(session: Session, statement: BankStatement, columns: ColumnMap) -> None:
    """The provider says which column is what: kept for this statement and for the account's next ones.

    StatementRefused when the file cannot be read that way. The caller commits.
    """
    if statement.content is None or statement.kind != "csv":
        return
    bank = session.get_one(BankAccount, statement.account_id)
    statement.lines = len(read_statement(statement.content, _currency(bank), columns).lines)
    statement.columns = bank.csv_columns = columns.as_json()
    if is_long(statement.content):
        begin_reading(session, statement)


def preview_statement(session: Session, statement: BankStatement) -> Preview:
    """What committing it would do now; nothing is written. Of a committed one, nothing is left to do.

    ColumnsUnknown: see `explain_columns`.
    """
    read = statement_of(session, statement)
    prints = fingerprints(read.lines)
    desk = desk_for(session, statement.account_id, read.kind, read.lines, prints)
    return Preview(statement, judge(read.lines, desk, prints))


def finish_statement(
    session: Session, statement: BankStatement, person_id: UUID | None, now: datetime, counts: dict[str, int]
) -> None:
    """Every line has been dealt with: the file is forgotten."""
    if statement.committed_at is not None:
        return
    statement.content, statement.summary, statement.committed_at = None, None, now
    statement.stage = StatementStage.READY
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


def statement_of(session: Session, statement: BankStatement) -> Statement:
    """The file, read; of a committed one nothing is left. StatementRefused, ColumnsUnknown."""
    if statement.content is None:
        return Statement(statement.kind, [])
    bank = session.get_one(BankAccount, statement.account_id)
    columns = ColumnMap.from_json(statement.columns) if statement.columns is not None else None
    return read_statement(statement.content, _currency(bank), columns)


def _currency(bank: BankAccount) -> str:
    return BankDetails.from_json(bank.details).currency
