"""Who can sign in: the demonstration people of the seed file, and those who register."""

import json
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyotp
from werkzeug.security import generate_password_hash

from sandbox.identity.realms import ADMINISTRATOR, REALMS

_COLUMNS = (
    *("realm", "id", "email", "email_verified", "given_name", "family_name", "locale", "roles", "accounts"),
    *("totp_secret", "password_hash", "about", "seeded", "disabled"),
)
_LISTS = ("roles", "accounts")
_FLAGS = ("email_verified", "seeded", "disabled")


@dataclass(frozen=True)
class Person:
    """`totp_secret`: Base32, None without a second factor. `seeded`: the sign-in page offers them by name."""

    realm: str
    id: str
    email: str
    email_verified: bool
    given_name: str
    family_name: str
    locale: str | None
    roles: tuple[str, ...]
    accounts: tuple[str, ...]
    totp_secret: str | None
    password_hash: str
    about: str
    seeded: bool
    disabled: bool

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def must_use_second_factor(self) -> bool:
        return ADMINISTRATOR in self.roles


def load_people(db: sqlite3.Connection, file: Path) -> None:
    """Add the people of a seed file whom we do not know yet; what was changed since about the others stays."""
    seed = json.loads(file.read_text(encoding="utf-8"))
    password_hash = generate_password_hash(seed["password"])
    for entry in seed["people"]:
        if find_person(db, entry["realm"], entry["id"]) is None:
            save_person(db, _from(entry, {"password_hash": password_hash, "seeded": True, "disabled": False}))


def _from(entry: dict[str, Any], more: dict[str, Any]) -> Person:
    values = {**{name: entry[name] for name in _COLUMNS if name in entry}, **more}
    values.update({name: tuple(values[name]) for name in _LISTS})
    return with_second_factor(Person(**values))


def with_second_factor(person: Person) -> Person:
    """The same person; an administrator without a secret for one-time codes gets one."""
    if person.must_use_second_factor and not person.totp_secret:
        return replace(person, totp_secret=pyotp.random_base32())
    return person


def save_person(db: sqlite3.Connection, person: Person) -> None:
    """Add or change. sqlite3.IntegrityError when somebody else of the realm has the e-mail address."""
    values = {name: getattr(person, name) for name in _COLUMNS}
    values.update({name: json.dumps(values[name]) for name in _LISTS})
    values["email"] = person.email.lower()
    changes = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[2:])
    db.execute(
        f"INSERT INTO person ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)}) "  # noqa: S608
        f"ON CONFLICT (realm, id) DO UPDATE SET {changes}",
        values,
    )


def find_person(db: sqlite3.Connection, realm: str, person_id: str) -> Person | None:
    """The person with this subject."""
    return _person(
        db.execute("SELECT * FROM person WHERE realm = ? AND id = ?", (realm, person_id)).fetchone()
    )


def find_by_email(db: sqlite3.Connection, realm: str, email: str) -> Person | None:
    """The person with this address, in any case."""
    return _person(
        db.execute(
            "SELECT * FROM person WHERE realm = ? AND email = ?", (realm, email.strip().lower())
        ).fetchone()
    )


def list_people(db: sqlite3.Connection, realm: str | None = None) -> list[Person]:
    """All of them, or those of a realm; the demonstration people first, in the seed file's order."""
    rows = db.execute("SELECT * FROM person ORDER BY seeded DESC, rowid")
    people = [_person(row) for row in rows if realm in (None, row["realm"])]
    return [person for person in people if person and person.realm in REALMS]


def _person(row: sqlite3.Row | None) -> Person | None:
    if row is None:
        return None
    values = dict(row)
    values.update({name: tuple(json.loads(values[name])) for name in _LISTS})
    values.update({name: bool(values[name]) for name in _FLAGS})
    return Person(**values)
