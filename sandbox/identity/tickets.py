"""Short-lived secrets: "the password was right, the second factor is still to come", and links sent by mail."""

import secrets
import sqlite3
from dataclasses import dataclass

from sandbox.identity.people import Person, find_person
from sandbox.identity.sessions import digest
from sandbox.identity.store import now

SECOND_FACTOR, VERIFY, RESET = "second factor", "verify e-mail", "reset password"
_SECONDS = {SECOND_FACTOR: 300, VERIFY: 12 * 3600, RESET: 300}


@dataclass(frozen=True)
class Ticket:
    """`query`: of the authorization request that goes on with it."""

    purpose: str
    person: Person
    query: str


def new_ticket(db: sqlite3.Connection, purpose: str, person: Person, query: str) -> str:
    """Its value, which only the holder knows."""
    value = secrets.token_urlsafe(24)
    db.execute(
        "INSERT INTO ticket (hash, purpose, realm, person_id, query, expires) VALUES (?, ?, ?, ?, ?, ?)",
        (digest(value), purpose, person.realm, person.id, query, now(db) + _SECONDS[purpose]),
    )
    return value


def read_ticket(db: sqlite3.Connection, realm: str, value: str) -> Ticket | None:
    """What the ticket is good for; None when it is unknown, used or too old."""
    row = db.execute(
        "SELECT * FROM ticket WHERE hash = ? AND realm = ? AND expires > ?", (digest(value), realm, now(db))
    ).fetchone()
    person = find_person(db, realm, row["person_id"]) if row else None
    return Ticket(row["purpose"], person, row["query"]) if person else None


def drop_ticket(db: sqlite3.Connection, value: str) -> None:
    """It has done its work."""
    db.execute("DELETE FROM ticket WHERE hash = ?", (digest(value),))
