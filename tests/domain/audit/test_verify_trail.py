"""Whoever takes a row of the trail away, changes, moves or adds one by hand is found out."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.audit.keep_verdict import keep_verdict
from app.domain.audit.models import AuditCheck, AuditEvent, AuditSeal
from app.domain.audit.payloads import WrongPayload
from app.domain.audit.record import Event, record
from app.domain.audit.verify_trail import SHOWN, Broken, Problem, Verdict, verify_trail
from tests.factories import NOW


def seal_at_once(session: Session) -> None:
    """These tests never commit: test_sealing.py is about when a row is sealed."""
    session.execute(text("SET CONSTRAINTS seal IMMEDIATE"))


@pytest.fixture
def trail(session: Session) -> list[int]:
    """The ids of five rows."""
    seal_at_once(session)
    for number in range(5):
        record(session, Event.ORGANISATION_CREATED, "organisation", f"{number}", NOW)
        session.flush()
    return list(session.scalars(select(AuditEvent.id).order_by(AuditEvent.id)))


@contextmanager
def by_hand(session: Session, *statements: str, **values: object) -> Iterator[Verdict]:
    """As somebody who rules the database: its triggers keep still. Undone afterwards."""
    with session.begin_nested() as before:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            assert session.execute(text(statement), values).rowcount, statement  # type: ignore[attr-defined]
        session.expire_all()
        yield verify_trail(session)
        before.rollback()


def test_a_trail_that_nobody_touched_is_whole(session, trail):
    verdict = verify_trail(session)
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).one()
    assert (verdict.whole, verdict.rows, verdict.head, verdict.hash) == (True, 5, 5, last.hash)
    assert last.event_id == trail[-1]


def test_an_empty_trail_is_whole(session):
    assert verify_trail(session) == Verdict(0, 0, b"", (), 0)


def test_each_link_is_the_hash_of_the_one_before_and_of_the_row(session, trail):
    seals = session.scalars(select(AuditSeal).order_by(AuditSeal.number)).all()
    says = session.scalars(
        text("SELECT audit_event_bytes(e) FROM audit_event e WHERE id = :id"), {"id": trail[1]}
    )
    assert seals[1].hash == hashlib.sha256(seals[0].hash + says.one()).digest()


def test_every_row_that_is_taken_away_is_missed(session, trail):
    for number, row in enumerate(trail, start=1):
        with by_hand(session, "DELETE FROM audit_event WHERE id = :row", row=row) as verdict:
            assert verdict.problems == (Problem(Broken.ROW_GONE, number, row),)


def test_a_row_that_is_taken_away_with_its_seal_is_missed(session, trail):
    keep_verdict(session, verify_trail(session), NOW)
    session.flush()
    for number, row in enumerate(trail, start=1):
        without = ("DELETE FROM audit_event WHERE id = :row", "DELETE FROM audit_seal WHERE event_id = :row")
        with by_hand(session, *without, row=row) as verdict:
            assert Problem(Broken.SEALS_GONE, number) in verdict.problems
        closed = "UPDATE audit_seal SET number = number - 1 WHERE number > :number"
        with by_hand(session, *without, closed, row=row, number=number) as verdict:
            assert not verdict.whole


@pytest.mark.parametrize(
    "change",
    [
        'payload = \'{"reason": "another"}\'',
        "at = at + interval '1 microsecond'",
        "actor = 'administrator'",
        "entity_id = 'another'",
        "event = 'organisation.changed'",
    ],
)
def test_a_row_that_is_changed_is_seen(session, trail, change):
    with by_hand(session, f"UPDATE audit_event SET {change} WHERE id = :row", row=trail[2]) as verdict:
        assert verdict.problems == (Problem(Broken.LINK_BROKEN, 3, trail[2]),)


def test_rows_that_change_places_are_seen(session, trail):
    swapped = (
        "UPDATE audit_seal SET event_id = -1 WHERE number = 2",
        "UPDATE audit_seal SET event_id = :second WHERE number = 3",
        "UPDATE audit_seal SET event_id = :third WHERE number = 2",
    )
    with by_hand(session, *swapped, second=trail[1], third=trail[2]) as verdict:
        assert [(each.what, each.number) for each in verdict.problems] == [
            (Broken.LINK_BROKEN, 2),
            (Broken.LINK_BROKEN, 3),
        ]


_ADD = """
    INSERT INTO audit_event (at, event, actor, entity, entity_id, payload)
    SELECT at, event, actor, entity, 'slipped in', payload FROM audit_event WHERE id = :row
"""


def test_a_row_that_is_slipped_in_is_seen(session, trail):
    with by_hand(session, _ADD, row=trail[0]) as verdict:
        [problem] = verdict.problems
        assert problem.what == Broken.NOT_SEALED
        assert problem.event_id not in trail
    sealed = (
        "UPDATE audit_seal SET number = -number WHERE number > 2",
        "UPDATE audit_seal SET number = 1 - number WHERE number < 0",
        _ADD,
        "INSERT INTO audit_seal SELECT 3, max(id), sha256('x') FROM audit_event",
    )
    with by_hand(session, *sealed, row=trail[0]) as verdict:
        assert [(each.what, each.number) for each in verdict.problems] == [
            (Broken.LINK_BROKEN, 3),
            (Broken.LINK_BROKEN, 4),
        ]


def test_a_row_whose_seal_is_gone_is_seen(session, trail):
    with by_hand(session, "DELETE FROM audit_seal WHERE number = 2") as verdict:
        assert verdict.problems == (
            Problem(Broken.SEALS_GONE, 2),
            Problem(Broken.NOT_SEALED, event_id=trail[1]),
        )


def test_the_end_that_is_cut_off_is_missed_by_the_next_check(session, trail):
    kept = keep_verdict(session, verify_trail(session), NOW)
    session.flush()
    assert (kept.whole, kept.head, kept.rows) == (True, 5, 5)
    cut = ("DELETE FROM audit_event WHERE id >= :row", "DELETE FROM audit_seal WHERE event_id >= :row")
    with by_hand(session, *cut, row=trail[4]) as verdict:
        assert verdict.problems == (Problem(Broken.END_CUT, 5),)
    # Nor does it help to write other rows in their place: through the trigger, as the platform does.
    with by_hand(session, *cut, "SET LOCAL session_replication_role = origin", row=trail[3]):
        for name in ("a", "b", "c"):
            record(session, Event.ORGANISATION_CREATED, "organisation", name, NOW)
        session.flush()
        assert verify_trail(session).problems == (Problem(Broken.END_CUT, 5),)


def test_what_a_check_found_is_kept_and_stands_in_the_trail(session, trail):
    with by_hand(session, "UPDATE audit_event SET actor = 'x' WHERE id = :row", row=trail[1]) as verdict:
        check = keep_verdict(session, verdict, NOW)
        session.expire_all()
        check = session.get_one(AuditCheck, check.id)
        assert (check.whole, check.found) == (False, 1)
        assert check.problems == [{"what": "link_broken", "number": 2, "event_id": trail[1]}]
        said = session.scalars(select(AuditEvent).where(AuditEvent.event == "audit_event.verified")).one()
        assert said.payload == {
            "whole": False,
            "rows": 5,
            "head": 5,
            "hash": verdict.hash.hex(),
            "problems": 1,
        }


def test_only_the_first_problems_are_named(session, trail):
    many = "INSERT INTO audit_seal SELECT n, -n, 'x' FROM generate_series(6, 5 + :many) n"
    with by_hand(session, many, many=SHOWN + 3) as verdict:
        assert (len(verdict.problems), verdict.found) == (SHOWN, SHOWN + 3)


def test_the_database_refuses_to_forget_a_check(session, trail):
    keep_verdict(session, verify_trail(session), NOW)
    with pytest.raises(Exception, match="append-only"):
        session.execute(text("DELETE FROM audit_check"))


@pytest.mark.parametrize(
    "payload", [{}, {"queued": True, "token": "x"}, {"queue": True}], ids=["missing", "strange", "misspelt"]
)
def test_an_event_says_what_its_line_has(session, payload):
    with pytest.raises(WrongPayload, match=r"links\.sent"):
        record(session, Event.LINKS_SENT, "address", "x", NOW, **payload)
    assert not session.new
