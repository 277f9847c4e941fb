"""What every API call goes through: queued faults, the call log, the seller's token, one transaction."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, jsonify, request

from sandbox.paypal.acting import HEADER, read_assertion
from sandbox.paypal.faults import suffer, take_fault
from sandbox.paypal.gateway import Gateway, gateway
from sandbox.paypal.partners import Consent
from sandbox.paypal.problems import Problem, answer
from sandbox.paypal.store import Json, now

# Operations that a fault can be queued for, besides * for any of them.
OPERATIONS = (
    "token",
    "create_order",
    "get_order",
    "capture_order",
    "get_capture",
    "refund_capture",
    "get_refund",
    "disputes",
    "referrals",
    "integrations",
    "webhooks",
    "certificate",
)
_SECRET_HEADERS = ("authorization", "cookie")


@dataclass(frozen=True)
class Call:
    """An API call of a seller or a platform, inside its transaction."""

    db: sqlite3.Connection
    gateway: Gateway
    merchant: sqlite3.Row  # who calls
    acting: tuple[str, Consent] | None = None  # for whom, and what they let the caller do

    def may(self, payee: Json, feature: str = "PAYMENT") -> bool:
        """Does the caller act for whoever is paid, and is it let do so? It may do all in its own name."""
        return payee.get("merchant_id") == (self.acting[0] if self.acting else self.merchant["id"]) and (
            self.acting is None or feature in self.acting[1].features
        )


def operation(name: str) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Make `act(call, **path)` a view. It returns a response or raises Problem."""

    def decorate(act: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(act)
        def view(**path: Any) -> Response:
            def in_transaction() -> Response:
                try:
                    with gateway().store.transaction() as db:
                        caller = _caller(db)
                        acting = read_assertion(db, caller, request.headers.get(HEADER, ""))
                        return act(Call(db, gateway(), caller, acting), **path)
                except Problem as problem:
                    return answer(problem)

            return run(name, in_transaction)

        return view

    return decorate


def run(name: str, act: Callable[[], Response]) -> Response:
    """Act under the next queued fault, and write it into the call log."""
    here = gateway()
    fault = take_fault(here, name)
    response = suffer(here, fault, act)
    _log_call(here, name, response.status_code, fault)
    here.bell.set()
    return response


def read_json(required: bool = True) -> Json:
    """The JSON object in the request's body. Raises Problem."""
    if not required and not request.get_data():
        return {}
    if not request.is_json:
        raise Problem(415)
    try:
        body = json.loads(request.get_data())
    except ValueError:
        raise Problem(400, "MALFORMED_REQUEST_JSON") from None
    if not isinstance(body, dict):
        raise Problem(400, "INVALID_PARAMETER_SYNTAX", "/")
    return body


def seen_before(call: Call, name: str, keep_seconds: float) -> str | None:
    """The resource that a call with the same PayPal-Request-Id made, for as long as PayPal remembers it."""
    row = call.db.execute(
        "SELECT resource_id FROM seen_request WHERE merchant_id = ? AND operation = ? AND request_id = ? AND at > ?",
        (
            call.merchant["id"],
            name,
            request.headers.get("PayPal-Request-Id", ""),
            now(call.db) - keep_seconds,
        ),
    ).fetchone()
    return row["resource_id"] if row else None


def remember(call: Call, name: str, resource_id: str) -> None:
    """Keep what this call made under its PayPal-Request-Id, if it has one."""
    request_id = request.headers.get("PayPal-Request-Id")
    if request_id:
        call.db.execute(
            "INSERT OR REPLACE INTO seen_request (merchant_id, operation, request_id, resource_id, at) "
            "VALUES (?, ?, ?, ?, ?)",
            (call.merchant["id"], name, request_id, resource_id, now(call.db)),
        )


def reply(body: Json, status: int = 200) -> Response:
    """A JSON answer."""
    response = jsonify(body)
    response.status_code = status
    return response


def brief(whole: Json, *more: str) -> Json:
    """What PayPal answers: id, status and links, unless the caller prefers the whole representation."""
    if request.headers.get("Prefer", "").replace(" ", "") == "return=representation":
        return whole
    return {name: whole[name] for name in ("id", "status", *more, "links") if name in whole}


def _caller(db: sqlite3.Connection) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(
        "SELECT merchant.*, expires FROM token JOIN merchant ON merchant.id = merchant_id WHERE token = ? AND expires > ?",
        (_bearer(), now(db)),
    ).fetchone()
    if row is None:
        raise Problem(401)
    return row


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _log_call(here: Gateway, name: str, status: int, fault: sqlite3.Row | None) -> None:
    headers = {k: v for k, v in request.headers.items() if k.lower() not in _SECRET_HEADERS}
    with here.store.transaction() as db:
        caller = db.execute("SELECT merchant_id FROM token WHERE token = ?", (_bearer(),)).fetchone()
        db.execute(
            "INSERT INTO call (at, operation, method, path, merchant_id, headers, body, status, fault) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                now(db),
                name,
                request.method,
                request.path,
                caller["merchant_id"] if caller else None,
                json.dumps(headers),
                request.get_data(as_text=True),
                status,
                fault["kind"] if fault else None,
            ),
        )
