"""Go along the chain over the trail, link by link, and say whether it is whole (docs/audit.md says what that proves)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, unique

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditCheck, AuditEvent, AuditSeal

SHOWN = 50  # problems that are named; one hand that rewrites everything would fill the memory otherwise
_BATCH = 2000  # rows fetched at once


@unique
class Broken(StrEnum):
    """What can be wrong with the trail."""

    ROW_GONE = "row_gone"  # there is a seal, and not the row that it seals
    LINK_BROKEN = "link_broken"  # the seal does not follow from the one before and its row
    SEALS_GONE = "seals_gone"  # numbers are missing
    NOT_SEALED = (
        "not_sealed"  # a row that came in another way than through the trigger, or whose seal is gone
    )
    END_CUT = "end_cut"  # a head that an earlier check has seen is not there any more


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `number`: the seal's; `event_id`: the row's. What is not known is None."""

    what: Broken
    number: int | None = None
    event_id: int | None = None


@dataclass(frozen=True)
class Verdict:
    """How the trail was found. `head`: the last seal's number, 0 of an empty trail; `hash`: that seal's."""

    rows: int  # seals that there are
    head: int
    hash: bytes
    problems: tuple[Problem, ...]  # the first SHOWN of them
    found: int  # how many there are

    @property
    def whole(self) -> bool:
        """Nothing is wrong."""
        return not self.found


def verify_trail(session: Session) -> Verdict:
    """Read the whole trail, in batches, and check it. Only reads; rows that are committed meanwhile are left out.

    The work grows with the trail: some seconds for a million rows. After a break the chain is followed from where it
    goes on, so each wrong place is named once.
    """
    rows, head, link, broken = 0, 0, b"", _Found()
    for number, event_id, sealed, there, content in _links(session):
        if number != head + 1:
            broken.add(Problem(Broken.SEALS_GONE, head + 1))
        if there is None:
            broken.add(Problem(Broken.ROW_GONE, number, event_id))
        elif number == head + 1 and hashlib.sha256(link + content).digest() != sealed:
            broken.add(Problem(Broken.LINK_BROKEN, number, event_id))
        rows, head, link = rows + 1, number, sealed
    for event_id in _not_sealed(session):
        broken.add(Problem(Broken.NOT_SEALED, event_id=event_id))
    for number in _heads_gone(session):
        broken.add(Problem(Broken.END_CUT, number))
    return Verdict(rows, head, link, tuple(broken.named), broken.count)


class _Found:
    """Problems: all are counted, the first are kept."""

    def __init__(self) -> None:
        self.named: list[Problem] = []
        self.count = 0

    def add(self, problem: Problem) -> None:
        self.count += 1
        if len(self.named) < SHOWN:
            self.named.append(problem)


def _links(session: Session) -> Iterator[tuple[int, int, bytes, int | None, bytes]]:
    """Number, the row's id, hash; the row's id if it is there, and its bytes as the trigger had them."""
    content = func.audit_event_bytes(literal_column("audit_event"))
    wanted = (
        select(AuditSeal.number, AuditSeal.event_id, AuditSeal.hash, AuditEvent.id, content)
        .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)
        .order_by(AuditSeal.number)
        .execution_options(yield_per=_BATCH)
    )
    for number, event_id, sealed, there, said in session.execute(wanted):
        yield number, event_id, bytes(sealed), there, bytes(said)


def _not_sealed(session: Session) -> Iterator[int]:
    sealed = select(AuditSeal.event_id).where(AuditSeal.event_id == AuditEvent.id).exists()
    yield from session.scalars(
        select(AuditEvent.id).where(~sealed).order_by(AuditEvent.id).execution_options(yield_per=_BATCH)
    )


def _heads_gone(session: Session) -> Iterator[int]:
    """The heads of checks that found the trail whole, where the seal of that number is gone or another one."""
    yield from session.scalars(
        select(AuditCheck.head)
        .outerjoin(AuditSeal, AuditSeal.number == AuditCheck.head)
        .where(AuditCheck.whole, AuditCheck.head > 0, AuditSeal.hash.is_distinct_from(AuditCheck.hash))
        .order_by(AuditCheck.id)
    )
