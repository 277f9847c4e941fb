"""Reading and writing what Stripe calls objects: each a JSON body of one account."""

import json
import secrets
import sqlite3
import string

from sandbox.stripe.problems import Problem
from sandbox.stripe.store import Json, load

_LETTERS = string.ascii_letters + string.digits
_PREFIXES = {
    "checkout.session": "cs",
    "payment_intent": "pi",
    "charge": "ch",
    "refund": "re",
    "dispute": "dp",
}


def new_id(prefix: str, length: int = 24) -> str:
    """An id as Stripe makes them: ch_3MmlLrLkdIwHu7ix0snN0B15."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(length))}"


def new_object_id(kind: str, livemode: bool) -> str:
    """The id of a new object; a session's says whether it is live."""
    prefix = _PREFIXES[kind]
    return new_id(f"{prefix}_{'live' if livemode else 'test'}", 58) if prefix == "cs" else new_id(prefix)


def add(db: sqlite3.Connection, account_id: str, session_id: str | None, body: Json) -> Json:
    """Keep a new object. Everything about one payment has the same session."""
    db.execute(
        "INSERT INTO object (id, kind, account_id, session_id, body) VALUES (?, ?, ?, ?, ?)",
        (body["id"], body["object"], account_id, session_id, json.dumps(body)),
    )
    return body


def save(db: sqlite3.Connection, body: Json) -> Json:
    """Keep what has changed of an object."""
    db.execute("UPDATE object SET body = ? WHERE id = ?", (json.dumps(body), body["id"]))
    return body


def find(db: sqlite3.Connection, kind: str, object_id: str, account_id: str | None = None) -> sqlite3.Row:
    """The row of an object (of that account, if one is given). Raises Problem 404."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM object WHERE id = ? AND kind = ? AND NOT forgotten", (object_id, kind)
    ).fetchone()
    if row is None or account_id not in (None, row["account_id"]):
        word = {"checkout.session": "checkout session", "payment_intent": "payment_intent"}.get(kind, kind)
        raise Problem(404, "resource_missing", f"No such {word}: '{object_id}'", param="id")
    return row


def of_session(db: sqlite3.Connection, session_id: str | None, kind: str) -> list[Json]:
    """All objects of a kind that belong to one payment, oldest first."""
    rows = db.execute(
        "SELECT body FROM object WHERE session_id = ? AND kind = ? ORDER BY rowid", (session_id, kind)
    )
    return [load(row) for row in rows]


def listing(url: str, data: list[Json]) -> Json:
    """A list as Stripe answers it; this gateway has everything on one page."""
    return {"object": "list", "url": url, "has_more": False, "data": data}
