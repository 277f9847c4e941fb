"""Read a long statement while somebody watches: counted line by line, nothing is booked."""

from uuid import UUID

from app.domain.payments.bank.models import BankStatement, StatementStage
from app.domain.payments.statements.desk import desk_for
from app.domain.payments.statements.keep import statement_of
from app.domain.payments.statements.lines import StatementRefused, fingerprints
from app.domain.payments.statements.long_statement import (
    await_columns,
    finish_reading,
    note_progress,
    refuse_statement,
)
from app.domain.payments.statements.match import judge_each
from app.domain.payments.statements.read import ColumnsUnknown
from app.shells.works import Works

_TELL_EVERY = 500  # lines


def read_long_statement(works: Works, statement_id: UUID) -> None:
    """Once; run again after a crash it begins anew."""
    with works.sessions() as session:
        statement = session.get_one(BankStatement, statement_id)
        if statement.stage != StatementStage.READING:
            return
        try:
            read = statement_of(session, statement)
        except StatementRefused as refused:
            refuse_statement(session, statement_id, refused)
            session.commit()
            return
        except ColumnsUnknown:
            await_columns(session, statement_id)
            session.commit()
            return
        note_progress(session, statement_id, 0, len(read.lines))
        session.commit()
        prints = fingerprints(read.lines)
        desk = desk_for(session, statement.account_id, read.kind, read.lines, prints)
    judged = []
    for each in judge_each(read.lines, desk, prints):
        judged.append(each)
        if len(judged) % _TELL_EVERY == 0:
            with works.sessions.begin() as session:
                note_progress(session, statement_id, len(judged))
    with works.sessions.begin() as session:
        finish_reading(session, statement_id, read.kind, judged)
