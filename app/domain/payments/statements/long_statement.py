"""A long statement is read and booked by jobs, which count their lines while somebody watches."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.later import defer, waited_for
from app.domain.payments.bank.models import BankStatement, StatementStage
from app.domain.payments.statements.lines import StatementRefused
from app.domain.payments.statements.match import Judgement
from app.domain.payments.statements.summary import summary_of

# Bytes: some two hundred lines of camt, which are read and booked while the browser waits.
_LONG = 64 * 1024
_JOBS = {StatementStage.READING: "read_statement", StatementStage.COMMITTING: "commit_statement"}


def is_long(content: bytes) -> bool:
    """Is the file left to a job?"""
    return len(content) > _LONG


def begin_reading(session: Session, statement: BankStatement) -> None:
    """Have the file read. Nothing happens where a job is at it already. The caller commits."""
    if statement.stage in _JOBS:
        return
    statement.stage = StatementStage.READING
    statement.lines, statement.lines_done = 0, 0
    statement.summary = statement.problem = None
    defer(session, "read_statement", statement_id=statement.id)


def begin_committing(session: Session, statement_id: UUID, person_id: UUID) -> None:
    """Have what was read booked. Nothing happens where that is under way or done. The caller commits."""
    statement = _locked(session, statement_id)
    if statement.stage != StatementStage.READY or statement.committed_at is not None:
        return
    statement.stage, statement.lines_done = StatementStage.COMMITTING, 0
    defer(session, "commit_statement", statement_id=statement.id, person_id=person_id)


def note_progress(session: Session, statement_id: UUID, done: int, lines: int | None = None) -> None:
    """How many lines the job has dealt with; `lines`: how many there are. The caller commits."""
    statement = _locked(session, statement_id)
    statement.lines_done = done
    if lines is not None:
        statement.lines = lines


def finish_reading(session: Session, statement_id: UUID, kind: str, judged: Iterable[Judgement]) -> None:
    """The file has been read: this is what committing it would do. The caller commits."""
    statement = _locked(session, statement_id)
    if statement.stage == StatementStage.READING:
        statement.stage, statement.kind = StatementStage.READY, kind
        statement.summary = summary_of(judged).as_json()


def await_columns(session: Session, statement_id: UUID) -> None:
    """A CSV whose columns nobody has explained: the provider has to say. The caller commits."""
    statement = _locked(session, statement_id)
    statement.stage, statement.kind = StatementStage.READY, "csv"


def refuse_statement(session: Session, statement_id: UUID, refused: StatementRefused) -> None:
    """The file cannot be read: why is kept, the file is not. The caller commits."""
    statement = _locked(session, statement_id)
    statement.stage, statement.problem = StatementStage.REFUSED, refused.as_json()
    statement.content = b""


def is_under_way(session: Session, statement_id: UUID) -> bool:
    """Is a job at the statement, or waits for its turn? One that was lost is asked for again, or given up."""
    stage = session.get_one(BankStatement, statement_id).stage
    if stage not in _JOBS:
        return False
    waiting = str(statement_id) in waited_for(session, _JOBS[stage])
    # Read after the queue: a job ends with what it has written here, and only then leaves the queue.
    statement = _locked(session, statement_id)
    if waiting or statement.stage not in _JOBS:
        return statement.stage in _JOBS
    if statement.stage == StatementStage.READING:
        refuse_statement(session, statement_id, StatementRefused("not_read"))
    else:
        statement.stage = StatementStage.READY  # what is left can be committed by another click
    return False


def _locked(session: Session, statement_id: UUID) -> BankStatement:
    return session.execute(
        select(BankStatement)
        .where(BankStatement.id == statement_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
