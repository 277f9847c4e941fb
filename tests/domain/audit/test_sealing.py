"""The chain is written when a transaction ends: in one line whatever runs at once, and never for what is undone."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from app.domain.audit.models import AuditEvent, AuditSeal
from app.domain.audit.record import Event, record
from app.domain.audit.verify_trail import verify_trail
from tests.factories import NOW

_HOLDS_THE_CHAIN = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 6401 AND pid = pg_backend_pid()"
)
_TAKE_THE_CHAIN = text("SELECT pg_advisory_xact_lock(6401)")


def write(session: Session, name: str) -> None:
    record(session, Event.ORGANISATION_CREATED, "organisation", name, NOW)
    session.flush()


def test_transactions_that_end_at_once_make_one_chain(sessions: sessionmaker[Session]):
    def many(worker: int) -> None:
        for turn in range(8):
            with sessions() as session:
                write(session, f"{worker}-{turn}")
                with session.begin_nested() as savepoint:
                    write(session, f"undone {worker}-{turn}")
                    savepoint.rollback()
                with session.begin_nested():
                    write(session, f"nested {worker}-{turn}")
                if turn % 4 == 3:
                    session.rollback()
                else:
                    session.commit()

    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(many, worker) for worker in range(5)]:
            done.result()
    with sessions() as session:
        verdict = verify_trail(session)
        assert (verdict.problems, verdict.rows, verdict.head) == ((), 60, 60)
        assert session.scalar(select(func.count()).where(AuditEvent.entity_id.like("undone%"))) == 0


def test_what_is_rolled_back_leaves_neither_row_nor_seal(sessions: sessionmaker[Session]):
    with sessions() as session:
        write(session, "kept")
        session.commit()
        write(session, "undone")
        session.rollback()
        write(session, "kept, too")
        session.commit()
        assert session.scalars(select(AuditSeal.number).order_by(AuditSeal.number)).all() == [1, 2]
        assert verify_trail(session).whole


def test_the_chain_is_held_only_while_a_transaction_ends(sessions: sessionmaker[Session]):
    """An order that is long under way keeps nobody else from ending theirs."""
    with sessions() as slow, sessions() as quick:
        write(slow, "slow")
        assert slow.scalar(_HOLDS_THE_CHAIN) == 0
        assert slow.scalar(select(func.count(AuditSeal.number))) == 0, "not sealed yet"
        quick.execute(text("SET LOCAL lock_timeout = '5s'"))
        write(quick, "quick")
        quick.commit()
        slow.commit()
        order = select(AuditEvent.entity_id).join(AuditSeal, AuditSeal.event_id == AuditEvent.id)
        assert slow.scalars(order.order_by(AuditSeal.number)).all() == ["quick", "slow"]


def test_whoever_ends_waits_for_whoever_is_ending(sessions: sessionmaker[Session]):
    with sessions() as ending, sessions() as waiting:
        ending.execute(_TAKE_THE_CHAIN)
        waiting.execute(text("SET LOCAL lock_timeout = '50ms'"))
        write(waiting, "waits")
        with pytest.raises(OperationalError, match="lock timeout"):
            waiting.commit()
        waiting.rollback()
        ending.rollback()
        assert waiting.scalar(select(func.count(AuditEvent.id))) == 0, (
            "a row that could not be sealed is not there"
        )
