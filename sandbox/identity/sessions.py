"""Single sign-on: who is signed in in which browser, and at which clients."""

import hashlib
import secrets
import sqlite3
import uuid
from dataclasses import dataclass

from sandbox.identity.clients import find_client
from sandbox.identity.people import Person, find_person
from sandbox.identity.realms import REALMS
from sandbox.identity.store import now


def digest(value: str) -> str:
    """How cookies, codes and tokens are kept: a stolen file signs nobody in."""
    return hashlib.sha256(value.encode()).hexdigest()


@dataclass(frozen=True)
class Session:
    """`acr`: "1" after a password, "2" after a second factor as well. Times: seconds since 1970."""

    id: str
    realm: str
    person_id: str
    auth_time: int
    acr: str
    began: float
    last_used: float


@dataclass(frozen=True)
class SignedIn:
    """What Authlib calls a user: a person, in a session."""

    person: Person
    session: Session


def begin_session(db: sqlite3.Connection, person: Person, acr: str) -> tuple[Session, str]:
    """A new session of this person, and the value of its cookie."""
    cookie, at = secrets.token_urlsafe(32), now(db)
    session = Session(str(uuid.uuid4()), person.realm, person.id, int(at), acr, at, at)
    db.execute(
        "INSERT INTO session (id, realm, person_id, cookie_hash, auth_time, acr, began, last_used) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (session.id, session.realm, session.person_id, digest(cookie), session.auth_time, acr, at, at),
    )
    return session, cookie


def sign_in_again(db: sqlite3.Connection, session: Session, acr: str) -> tuple[Session, str]:
    """The same session, signed in just now, with another cookie."""
    cookie, at = secrets.token_urlsafe(32), now(db)
    db.execute(
        "UPDATE session SET auth_time = ?, acr = ?, last_used = ?, cookie_hash = ? WHERE id = ?",
        (int(at), acr, at, digest(cookie), session.id),
    )
    return Session(session.id, session.realm, session.person_id, int(at), acr, session.began, at), cookie


def find_by_cookie(db: sqlite3.Connection, realm: str, cookie: str | None) -> SignedIn | None:
    """Who is signed in in the browser that sends this cookie."""
    row = db.execute(
        "SELECT * FROM session WHERE realm = ? AND cookie_hash = ?", (realm, digest(cookie or ""))
    ).fetchone()
    return _signed_in(db, row)


def find_session(db: sqlite3.Connection, session_id: str) -> SignedIn | None:
    """The session with this id, unless it has ended."""
    return _signed_in(db, db.execute("SELECT * FROM session WHERE id = ?", (session_id,)).fetchone())


def list_sessions(
    db: sqlite3.Connection, realm: str | None = None, person_id: str | None = None
) -> list[SignedIn]:
    """Those that have not ended, oldest first; of one realm, of one person."""
    rows = db.execute("SELECT * FROM session WHERE ended IS NULL ORDER BY began").fetchall()
    found = [_signed_in(db, row) for row in rows if realm in (None, row["realm"])]
    return [one for one in found if one and person_id in (None, one.person.id)]


def _signed_in(db: sqlite3.Connection, row: sqlite3.Row | None) -> SignedIn | None:
    if row is None or row["ended"] is not None:
        return None
    realm, at = REALMS[row["realm"]], now(db)
    if at > row["began"] + realm.longest or at > row["last_used"] + realm.idle:
        return None
    person = find_person(db, row["realm"], row["person_id"])
    names = ("id", "realm", "person_id", "auth_time", "acr", "began", "last_used")
    return SignedIn(person, Session(**{name: row[name] for name in names})) if person else None


def use_session(db: sqlite3.Connection, session: Session) -> None:
    """It is not idle."""
    db.execute("UPDATE session SET last_used = ? WHERE id = ?", (now(db), session.id))


def attach_client(db: sqlite3.Connection, session_id: str, client_id: str) -> None:
    """The session has signed in at this client."""
    db.execute("INSERT OR IGNORE INTO client_session VALUES (?, ?)", (session_id, client_id))


def detach_client(db: sqlite3.Connection, session_id: str, client_id: str) -> None:
    """What the client was given in this session is worth nothing from now on."""
    db.execute("DELETE FROM client_session WHERE session_id = ? AND client_id = ?", (session_id, client_id))


def is_attached(db: sqlite3.Connection, session_id: str, client_id: str) -> bool:
    """Whether it may still refresh."""
    row = db.execute(
        "SELECT 1 FROM client_session WHERE session_id = ? AND client_id = ?", (session_id, client_id)
    ).fetchone()
    return row is not None


def end_session(db: sqlite3.Connection, session_id: str) -> bool:
    """End it and owe every client of it a logout message; False when it had ended before."""
    session = db.execute("SELECT * FROM session WHERE id = ? AND ended IS NULL", (session_id,)).fetchone()
    if session is None:
        return False
    db.execute("UPDATE session SET ended = ? WHERE id = ?", (now(db), session_id))
    for row in db.execute(
        "SELECT client_id FROM client_session WHERE session_id = ?", (session_id,)
    ).fetchall():
        client = find_client(db, session["realm"], row["client_id"])
        if client and client.backchannel_logout_uri:
            db.execute(
                "INSERT INTO logout_message (realm, client_id, url, subject, session_id, due, state) "
                "VALUES (?, ?, ?, ?, ?, ?, 'waiting')",
                (
                    client.realm,
                    client.id,
                    client.backchannel_logout_uri,
                    session["person_id"],
                    session_id,
                    now(db),
                ),
            )
    db.execute("DELETE FROM client_session WHERE session_id = ?", (session_id,))
    return True
