"""Commit a statement that somebody has looked at: line by line, so that a crash in between costs nothing."""

from collections import Counter
from uuid import UUID

from app.domain.payments.bank.models import BankStatement, StatementStage
from app.domain.payments.statements.book import book_judged
from app.domain.payments.statements.keep import finish_statement, preview_statement
from app.domain.payments.statements.long_statement import note_progress
from app.domain.payments.statements.match import Verdict
from app.domain.payments.statements.tell_buyers import tell_of_parts
from app.shells.works import Works

_TELL_EVERY = 100  # lines


def commit_statement(works: Works, statement_id: UUID, person_id: UUID | None) -> Counter[str]:
    """How many lines got which verdict. Run again, after a crash or by a second click, it does what is left."""
    counts: Counter[str] = Counter()
    short: set[str] = set()
    with works.sessions() as session:
        statement = session.get_one(BankStatement, statement_id)
        account_id, preview = statement.account_id, preview_statement(session, statement)
        kind, watched = statement.kind, statement.stage == StatementStage.COMMITTING
    for number, judged in enumerate(preview.judged, 1):
        if judged.state is not None:
            with works.sessions.begin() as session:
                judged = book_judged(  # noqa: PLW2901 (as it stands now)
                    session, account_id, statement_id, kind, judged, person_id, works.now()
                )
        counts[judged.verdict.value] += 1
        if judged.verdict == Verdict.SHORT:
            short |= {order_number for order_number, _ in judged.shares}
        if watched and number % _TELL_EVERY == 0:
            with works.sessions.begin() as session:
                note_progress(session, statement_id, number)
    with works.sessions.begin() as session:
        tell_of_parts(session, short, statement_id, works.now())
        finish_statement(
            session, session.get_one(BankStatement, statement_id), person_id, works.now(), dict(counts)
        )
    return counts


def commit_long_statement(works: Works, statement_id: UUID, person_id: UUID) -> None:
    """The job that books a long statement; its counts stand in the audit trail."""
    commit_statement(works, statement_id, person_id)
