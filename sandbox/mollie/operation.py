"""What every API call goes through: queued faults, the call log, whose token it is, idempotency, one transaction."""

import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, jsonify, request

from sandbox.mollie.gateway import Gateway, gateway
from sandbox.mollie.problems import Problem, answer
from sandbox.stripe.faults import broken, take_fault
from sandbox.stripe.store import Json, now

# Operations that a fault can be queued for, besides * for any of them.
OPERATIONS = (
    *("create_payment", "get_payment", "cancel_payment", "create_capture", "release_authorization"),
    *("create_refund", "get_organization", "get_method", "webhooks"),
)
# What a fault does; the kinds that wait do so for the fault's `seconds`.
FAULTS = {
    "slow": "waits, then acts and answers as always",
    "timeout_before": "waits, then breaks the connection without having acted",
    "timeout_after": "acts, waits, then breaks the connection",
    "error_500": "answers 500 without having acted",
    "error_500_after": "acts, then answers 500",
    "error_503": "answers 503 with Retry-After without having acted",
    "rate_limited": "answers 429 with Retry-After without having acted",
    "conflict": "answers 409 without having acted",
    "malformed": "acts, then answers with half of the JSON",
}
_REFUSALS = {
    "error_500": Problem(500, "Something went wrong on the gateway's side."),
    "error_503": Problem(503, "The service is not available."),
    "rate_limited": Problem(429, "Too many requests."),
    "conflict": Problem(409, "The same call is under way already."),
}
# How long an answer is kept under its idempotency key.
KEEP_SECONDS = 3600
_SECRET_HEADERS = ("authorization", "cookie")


@dataclass(frozen=True)
class Call:
    """An API call of a seller, inside its transaction. `asked` is the decoded body, {} where there is none."""

    db: sqlite3.Connection
    gateway: Gateway
    seller: sqlite3.Row
    asked: Json

    @property
    def mode(self) -> str:
        return "test" if self.asked.get("testmode") else "live"


def operation(name: str, status: int = 200) -> Callable[[Callable[..., Json]], Callable[..., Response]]:
    """Make `act(call, **path)`, which returns an object or raises Problem, a view that answers `status`."""

    def decorate(act: Callable[..., Json]) -> Callable[..., Response]:
        @wraps(act)
        def view(**path: Any) -> Response:
            here = gateway()
            fault = take_fault(here.store, name)

            def attempt() -> Response:
                try:
                    with here.store.transaction() as db:
                        seller = _seller(db)
                        return _replay(db) or _keep(db, status, act(Call(db, here, seller, _asked()), **path))
                except Problem as problem:
                    return answer(problem)

            response = _suffer(here, fault, attempt)
            _log_call(here, name, response.status_code, fault)
            here.bell.set()
            return response

        return view

    return decorate


def _asked() -> Json:
    if request.method == "GET":
        return {**request.args, "testmode": request.args.get("testmode") == "true"}
    decoded = json.loads(request.get_data() or "{}")
    if not isinstance(decoded, dict):
        raise Problem(400, "The body is no JSON object.")
    return decoded


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _seller(db: sqlite3.Connection) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute("SELECT * FROM organisation WHERE token = ?", (_token(),)).fetchone()
    if row is None:
        raise Problem(401, "Missing authentication, or failed to authenticate.")
    return row


def _replay(db: sqlite3.Connection) -> Response | None:
    """The answer that was kept under this idempotency key."""
    row = db.execute(
        "SELECT * FROM seen_request WHERE token = ? AND key = ? AND at > ?",
        (_token(), request.headers.get("Idempotency-Key", ""), now(db) - KEEP_SECONDS),
    ).fetchone()
    if row is None:
        return None
    return Response(row["body"], status=row["status"], mimetype="application/hal+json")


def _keep(db: sqlite3.Connection, status: int, body: Json) -> Response:
    response = jsonify(body) if body else Response()
    response.status_code, response.mimetype = status, "application/hal+json"
    if key := request.headers.get("Idempotency-Key"):
        db.execute(
            "INSERT OR REPLACE INTO seen_request (token, key, status, body, at) VALUES (?, ?, ?, ?, ?)",
            (_token(), key, status, response.get_data(as_text=True), now(db)),
        )
    return response


def _suffer(here: Gateway, fault: sqlite3.Row | None, act: Callable[[], Response]) -> Response:
    """Act as the fault lets us, and answer as it makes us."""
    kind = fault["kind"] if fault else "none"
    if fault is None or kind in _REFUSALS:
        return answer(_REFUSALS[kind]) if fault else act()
    if kind in ("slow", "timeout_before"):
        time.sleep(fault["seconds"])
        return act() if kind == "slow" else broken(b"")
    response = act()
    here.bell.set()  # what was done is told, however long its own answer takes
    if kind == "error_500_after":
        return answer(_REFUSALS["error_500"])
    whole = response.get_data()
    if kind == "malformed":
        response.set_data(whole[: len(whole) // 2])
        return response
    time.sleep(fault["seconds"])
    return broken(whole[:1])


def _log_call(here: Gateway, name: str, status: int, fault: sqlite3.Row | None) -> None:
    headers = {k: v for k, v in request.headers.items() if k.lower() not in _SECRET_HEADERS}
    with here.store.transaction() as db:
        own = db.execute("SELECT id FROM organisation WHERE token = ?", (_token(),)).fetchone()
        db.execute(
            "INSERT INTO call (at, operation, method, path, organisation_id, headers, body, status, fault) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                now(db),
                name,
                request.method,
                request.full_path.rstrip("?"),
                own["id"] if own else None,
                json.dumps(headers),
                request.get_data(as_text=True),
                status,
                fault["kind"] if fault else None,
            ),
        )
