"""What every API call goes through: queued faults, the call log, whose key it is, idempotency, one transaction."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, jsonify, request

from sandbox.stripe.faults import suffer, take_fault
from sandbox.stripe.forms import read_form
from sandbox.stripe.gateway import Gateway, gateway
from sandbox.stripe.problems import Problem, answer
from sandbox.stripe.store import Json, now

# Operations that a fault can be queued for (besides * for any of them), and what a restricted key must be let do.
OPERATIONS = {
    "create_session": "checkout_sessions",
    "get_session": "checkout_sessions",
    "expire_session": "checkout_sessions",
    "get_intent": "payment_intents",
    "capture": "payment_intents",
    "cancel": "payment_intents",
    "charges": "charges",
    "refund": "refunds",
    "get_refunds": "refunds",
    "disputes": "disputes",
    "webhooks": "webhooks",
    "account": "account",
    "onboarding": "connect",
}
PERMISSIONS = sorted(set(OPERATIONS.values()))
# How long an answer is kept under its idempotency key.
KEEP_SECONDS = 24 * 3600
_SECRET_HEADERS = ("authorization", "cookie")


@dataclass(frozen=True)
class Call:
    """An API call for an account, inside its transaction. `asked` is the decoded form or query."""

    db: sqlite3.Connection
    gateway: Gateway
    account: sqlite3.Row
    asked: Json

    @property
    def livemode(self) -> bool:
        return bool(self.account["livemode"])


def operation(name: str) -> Callable[[Callable[..., Json]], Callable[..., Response]]:
    """Make `act(call, **path)`, which returns an object or raises Problem, a view."""

    def decorate(act: Callable[..., Json]) -> Callable[..., Response]:
        @wraps(act)
        def view(**path: Any) -> Response:
            here = gateway()

            def in_transaction() -> Response:
                try:
                    with here.store.transaction() as db:
                        caller = _caller(db, OPERATIONS[name])
                        return _reply(act(Call(db, here, caller, _asked()), **path))
                except Problem as problem:
                    response = answer(problem)
                    response.headers["X-Kept"] = "yes" if problem.kept else "no"
                    return response

            fault = take_fault(here.store, name)
            response = suffer(
                here,
                fault,
                lambda: _replay(here, name) or in_transaction(),
                lambda made: _keep(here, name, made),
            )
            response.headers.pop("X-Kept", None)
            _log_call(here, name, response.status_code, fault)
            here.bell.set()
            return response

        return view

    return decorate


def _asked() -> Json:
    if request.method == "GET":
        return read_form(request.query_string.decode())
    text = request.get_data(as_text=True)
    if request.path.startswith("/v2/"):
        decoded: Json = json.loads(text or "{}")
        return decoded
    return read_form(text)


def _reply(body: Json) -> Response:
    response = jsonify(body)
    response.headers["Request-Id"] = f"req_{secrets.token_hex(7)}"
    return response


def _caller(db: sqlite3.Connection, permission: str) -> sqlite3.Row:
    """The account that the call is for: the key's own, or the one that a platform names. Raises Problem."""
    key = _bearer()
    own = db.execute(
        "SELECT account.*, permissions FROM api_key JOIN account ON account.id = account_id WHERE secret = ?",
        (key,),
    ).fetchone()
    if own is None:
        raise Problem(401, None, f"Invalid API Key provided: {key[:8]}****")
    allowed = json.loads(own["permissions"])
    if allowed and permission not in allowed:
        raise Problem(
            403,
            None,
            f"The provided key '{key[:8]}****' does not have the required permissions for this endpoint: {permission}",
            kind="invalid_request_error",
        )
    named = request.headers.get("Stripe-Account")
    if named in (None, own["id"]):
        found: sqlite3.Row = own
        return found
    other = db.execute(
        "SELECT * FROM account WHERE id = ? AND connected AND ? = 'platform'", (named, _kind(own))
    ).fetchone()
    if other is None:
        raise Problem(
            403,
            "account_invalid",
            f"The provided key '{key[:8]}****' does not have access to account '{named}' (or that account does not "
            "exist). Application access may have been revoked.",
        )
    given: sqlite3.Row = other
    return given


def _kind(account: sqlite3.Row) -> str:
    return str(json.loads(account["body"]).get("kind", "seller"))


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _scope(db: sqlite3.Connection) -> str:
    """Whose idempotency keys these are: the account that the call is for."""
    row = db.execute("SELECT account_id FROM api_key WHERE secret = ?", (_bearer(),)).fetchone()
    own = row["account_id"] if row else ""
    return request.headers.get("Stripe-Account") or own


def _fingerprint(name: str) -> str:
    parts = (name, request.path, request.get_data(as_text=True))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _replay(here: Gateway, name: str) -> Response | None:
    """The answer that was kept under this idempotency key, or the complaint that it was another call's."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or not key:
        return None
    with here.store.transaction() as db:
        row = db.execute(
            "SELECT * FROM seen_request WHERE account_id = ? AND key = ? AND at > ?",
            (_scope(db), key, now(db) - KEEP_SECONDS),
        ).fetchone()
    if row is None:
        return None
    if row["asked"] != _fingerprint(name):
        return answer(
            Problem(
                400,
                None,
                f"Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        )
    response = Response(row["body"], status=row["status"], mimetype="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _keep(here: Gateway, name: str, response: Response) -> Response:
    """Keep an answer under its idempotency key, unless nothing had begun."""
    key = request.headers.get("Idempotency-Key")
    begun = (
        response.status_code < 400 or response.status_code == 500 or response.headers.get("X-Kept") == "yes"
    )
    if request.method == "POST" and key and begun and "Idempotent-Replayed" not in response.headers:
        with here.store.transaction() as db:
            db.execute("DELETE FROM seen_request WHERE at <= ?", (now(db) - KEEP_SECONDS,))
            db.execute(
                "INSERT OR IGNORE INTO seen_request (account_id, key, asked, status, body, at) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    _scope(db),
                    key,
                    _fingerprint(name),
                    response.status_code,
                    response.get_data(as_text=True),
                    now(db),
                ),
            )
    return response


def _log_call(here: Gateway, name: str, status: int, fault: sqlite3.Row | None) -> None:
    headers = {k: v for k, v in request.headers.items() if k.lower() not in _SECRET_HEADERS}
    with here.store.transaction() as db:
        db.execute(
            "INSERT INTO call (at, operation, method, path, account_id, headers, body, status, fault) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                now(db),
                name,
                request.method,
                request.full_path.rstrip("?"),
                _scope(db) or None,
                json.dumps(headers),
                request.get_data(as_text=True),
                status,
                fault["kind"] if fault else None,
            ),
        )
