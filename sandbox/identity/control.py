"""What only a sandbox has, under /sandbox/: look inside, and make things happen. JSON in, JSON out."""

import json
import sqlite3
import uuid
from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.security import generate_password_hash

from sandbox.identity.clients import Client, list_clients, save_client, sign_in_client
from sandbox.identity.faults import FAULTS
from sandbox.identity.keys import SIGNATURES
from sandbox.identity.operation import OPERATIONS
from sandbox.identity.people import (
    Person,
    find_by_email,
    find_person,
    list_people,
    save_person,
    with_second_factor,
)
from sandbox.identity.provider import provider, realm_or_404
from sandbox.identity.realms import REALMS
from sandbox.identity.sessions import SignedIn, end_session, list_sessions
from sandbox.identity.sign_in import current_code
from sandbox.identity.store import now

views = Blueprint("identity_sandbox", __name__, url_prefix="/sandbox")

_CHANGEABLE = (
    *("email", "email_verified", "given_name", "family_name", "locale", "roles", "accounts", "totp_secret"),
    *("about", "disabled"),
)
_SECONDS_TO_TIME_OUT = 15.0


@views.get("/faults")
def show_faults() -> ResponseReturnValue:
    with provider().store.transaction() as db:
        rows = db.execute("SELECT operation, kind, seconds, details FROM fault ORDER BY id").fetchall()
    queued = [{**dict(row), "details": json.loads(row["details"])} for row in rows]
    return jsonify(queued=queued, kinds=FAULTS, operations=OPERATIONS)


@views.post("/faults")
def queue_fault() -> ResponseReturnValue:
    """{"operation", "kind", "calls": 1, "seconds": 15, "claims", "signature"}: disturb the next calls."""
    asked: dict[str, Any] = request.get_json()
    kind, operation = asked.get("kind"), asked.get("operation", "*")
    signature = asked.get("signature", SIGNATURES[0])
    if kind not in FAULTS or operation not in (*OPERATIONS, "*") or signature not in SIGNATURES:
        return jsonify(error="unknown kind, operation or signature", kinds=FAULTS, operations=OPERATIONS), 400
    details = json.dumps({"claims": asked.get("claims", {}), "signature": signature})
    with provider().store.transaction() as db:
        for _ in range(int(asked.get("calls", 1))):
            db.execute(
                "INSERT INTO fault (operation, kind, seconds, details) VALUES (?, ?, ?, ?)",
                (operation, kind, float(asked.get("seconds", _SECONDS_TO_TIME_OUT)), details),
            )
    return show_faults()


@views.delete("/faults")
def clear_faults() -> ResponseReturnValue:
    with provider().store.transaction() as db:
        db.execute("DELETE FROM fault")
    return show_faults()


@views.get("/people")
def show_people() -> ResponseReturnValue:
    """All of them, or `?realm=`; without passwords, with the one-time code of this moment."""
    with provider().store.transaction() as db:
        return jsonify([_show_person(db, person) for person in list_people(db, request.args.get("realm"))])


@views.post("/people")
def add_person() -> ResponseReturnValue:
    """{"realm", "email", "given_name", "family_name", "password", …}: somebody new, offered by a button too."""
    asked: dict[str, Any] = request.get_json()
    realm = realm_or_404(asked.get("realm", "")).name
    person = Person(
        realm=realm,
        id=asked.get("id") or str(uuid.uuid4()),
        email=asked["email"],
        email_verified=asked.get("email_verified", True),
        given_name=asked.get("given_name", ""),
        family_name=asked.get("family_name", ""),
        locale=asked.get("locale"),
        roles=tuple(asked.get("roles", ())),
        accounts=tuple(asked.get("accounts", ())),
        totp_secret=asked.get("totp_secret"),
        password_hash=generate_password_hash(asked.get("password", "demonstration")),
        about=asked.get("about", "added by hand"),
        seeded=asked.get("seeded", True),
        disabled=False,
    )
    return _save(person)


@views.patch("/people/<realm>/<who>")
def change_person(realm: str, who: str) -> ResponseReturnValue:
    """{"roles", "accounts", "disabled", "email", …, "password"}: what is named is changed. `who`: id or e-mail."""
    asked: dict[str, Any] = request.get_json()
    with provider().store.transaction() as db:
        person = _person_or_404(db, realm, who)
        changes = {name: asked[name] for name in _CHANGEABLE if name in asked}
        changes |= {name: tuple(changes[name]) for name in ("roles", "accounts") if name in changes}
        if "password" in asked:
            changes["password_hash"] = generate_password_hash(asked["password"])
        return _save(replace(person, **changes))


@views.get("/sessions")
def show_sessions() -> ResponseReturnValue:
    """Those that have not ended: all, or `?realm=`, `?person=` (id or e-mail)."""
    with provider().store.transaction() as db:
        return jsonify([_show_session(db, found) for found in _chosen_sessions(db)])


@views.delete("/sessions")
def end_sessions() -> ResponseReturnValue:
    """End those that GET would list, or `?sid=`; their clients are told by back-channel logout."""
    with provider().store.transaction() as db:
        ended = [found.session.id for found in _chosen_sessions(db) if end_session(db, found.session.id)]
    provider().bell.set()
    return jsonify(ended=ended)


@views.get("/logouts")
def show_logouts() -> ResponseReturnValue:
    """The back-channel logout messages and how they went."""
    with provider().store.transaction() as db:
        names = "realm, client_id, url, subject, session_id AS sid, state, attempts, status"
        return jsonify([dict(row) for row in db.execute(f"SELECT {names} FROM logout_message ORDER BY id")])  # noqa: S608


@views.post("/clock")
def clock() -> ResponseReturnValue:
    """Put the provider's clock forward by {"forward_seconds": …}: sessions, codes and tokens grow old."""
    asked = request.get_json()
    with provider().store.transaction() as db:
        row = db.execute("SELECT value FROM setting WHERE name = 'clock'").fetchone()
        ahead = float(asked.get("forward_seconds", 0)) + (float(row["value"]) if row else 0.0)
        db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES ('clock', ?)", (str(ahead),))
    provider().bell.set()
    return jsonify(ahead_seconds=ahead)


@views.get("/clients")
def show_clients() -> ResponseReturnValue:
    with provider().store.transaction() as db:
        return jsonify([_show_client(client) for client in list_clients(db)])


@views.post("/clients")
def add_client() -> ResponseReturnValue:
    """{"client_id", "client_secret", "platform_url", "realm"}: in one realm or both; known ones are replaced.

    Instead of what `platform_url` implies: "redirect_uris", "post_logout_redirect_uris",
    "backchannel_logout_uri", "scopes".
    """
    asked: dict[str, Any] = request.get_json()
    realms = [realm_or_404(asked["realm"]).name] if "realm" in asked else list(REALMS)
    lists = ("redirect_uris", "post_logout_redirect_uris", "scopes")
    more: dict[str, Any] = {name: tuple(asked[name]) for name in lists if name in asked}
    if "backchannel_logout_uri" in asked:
        more["backchannel_logout_uri"] = asked["backchannel_logout_uri"]
    made = [
        replace(
            sign_in_client(realm, asked["client_id"], asked["client_secret"], asked.get("platform_url")),
            **more,
        )
        for realm in realms
    ]
    with provider().store.transaction() as db:
        for client in made:
            save_client(db, client)
    return jsonify([_show_client(client) for client in made])


@views.get("/calls")
def show_calls() -> ResponseReturnValue:
    """The calls of clients and browsers, oldest first; `?operation=`, `?realm=`."""
    wanted = {name: request.args[name] for name in ("operation", "realm") if name in request.args}
    with provider().store.transaction() as db:
        rows = [dict(row) for row in db.execute("SELECT * FROM call ORDER BY id")]
    chosen = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return jsonify([{**row, "asked": json.loads(row["asked"])} for row in chosen])


@views.delete("/calls")
def forget_calls() -> ResponseReturnValue:
    with provider().store.transaction() as db:
        db.execute("DELETE FROM call")
    return jsonify([])


def _save(person: Person) -> ResponseReturnValue:
    saved = with_second_factor(replace(person, email=person.email.lower()))
    with provider().store.transaction() as db:
        other = find_by_email(db, saved.realm, saved.email)
        if other and other.id != saved.id:
            return jsonify(error="somebody else of this realm has that e-mail address"), 409
        save_person(db, saved)
        return jsonify(_show_person(db, saved))


def _person_or_404(db: sqlite3.Connection, realm: str, who: str) -> Person:
    return find_person(db, realm, who) or find_by_email(db, realm, who) or abort(404)


def _show_person(db: sqlite3.Connection, person: Person) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(person).items() if name != "password_hash"}
    return {**shown, "one_time_code": current_code(db, person)}


def _chosen_sessions(db: sqlite3.Connection) -> list[SignedIn]:
    realm, who, sid = (request.args.get(name) for name in ("realm", "person", "sid"))
    return [
        found
        for found in list_sessions(db, realm)
        if who in (None, found.person.id, found.person.email) and sid in (None, found.session.id)
    ]


def _show_session(db: sqlite3.Connection, found: SignedIn) -> dict[str, Any]:
    clients = db.execute("SELECT client_id FROM client_session WHERE session_id = ?", (found.session.id,))
    return {
        "sid": found.session.id,
        "realm": found.session.realm,
        "person": found.person.id,
        "email": found.person.email,
        "auth_time": found.session.auth_time,
        "acr": found.session.acr,
        "idle_seconds": now(db) - found.session.last_used,
        "clients": [row["client_id"] for row in clients],
    }


def _show_client(client: Client) -> dict[str, Any]:
    return {name: value for name, value in asdict(client).items() if name != "secret"}
