"""Faults queued by /sandbox/faults for the next calls of an operation."""

import sqlite3
import time
from collections.abc import Callable, Iterator

from flask import Response

from sandbox.stripe.gateway import Gateway
from sandbox.stripe.problems import Problem, answer
from sandbox.stripe.store import Store

# What a fault does; the kinds that wait do so for the fault's `seconds`.
FAULTS = {
    "slow": "waits, then acts and answers as always",
    "timeout_before": "waits, then breaks the connection without having acted",
    "timeout_after": "acts, waits, then breaks the connection",
    "error_500": "answers 500 without having acted; the same idempotency key is answered so for a day",
    "error_500_after": "acts, then answers 500; the same idempotency key is answered so for a day",
    "error_503": "answers 503 with Retry-After without having acted",
    "rate_limited": "answers 429 with Retry-After without having acted",
    "key_in_use": "answers 409 idempotency_key_in_use without having acted",
    "malformed": "acts, then answers with half of the JSON",
}
BROKEN = Problem(500, None, "Something went wrong on the gateway's side.", kept=True)
_REFUSALS = {
    "error_503": Problem(503, None, "The service is not available."),
    "rate_limited": Problem(429, "rate_limit", "Too many requests hit the API too quickly."),
    "key_in_use": Problem(
        409,
        "idempotency_key_in_use",
        "There is currently another in-progress request using this Idempotent Key.",
        kind="idempotency_error",
    ),
}


def take_fault(store: Store, operation: str) -> sqlite3.Row | None:
    """The oldest fault queued for this operation or for any (*), no longer queued; None without one."""
    with store.transaction() as db:
        row: sqlite3.Row | None = db.execute(
            "SELECT * FROM fault WHERE operation IN (?, '*') ORDER BY id LIMIT 1", (operation,)
        ).fetchone()
        if row:
            db.execute("DELETE FROM fault WHERE id = ?", (row["id"],))
        return row


def suffer(
    gateway: Gateway,
    fault: sqlite3.Row | None,
    act: Callable[[], Response],
    keep: Callable[[Response], Response],
) -> Response:
    """Act as the fault lets us, and answer as it makes us. `keep` keeps an answer under its idempotency key."""
    if fault is None:
        return keep(act())
    kind = fault["kind"]
    if kind in _REFUSALS:
        return answer(_REFUSALS[kind])
    if kind == "error_500":
        return keep(answer(BROKEN))
    if kind in ("slow", "timeout_before"):
        time.sleep(fault["seconds"])
        return keep(act()) if kind == "slow" else broken(b"")
    response = act()
    gateway.bell.set()  # what was done is told, however long its own answer takes
    if kind == "error_500_after":
        return keep(answer(BROKEN))
    keep(response)
    if kind == "timeout_after":
        time.sleep(fault["seconds"])
        return broken(response.get_data()[:1])
    whole = response.get_data()
    response.set_data(whole[: len(whole) // 2])
    return response


def broken(start: bytes) -> Response:
    """An answer that promises more than it sends, so that the connection breaks."""

    def body() -> Iterator[bytes]:
        yield start
        raise ConnectionAbortedError("broken off on purpose: a queued fault")

    return Response(body(), headers={"Content-Length": "100000"}, content_type="application/json")
