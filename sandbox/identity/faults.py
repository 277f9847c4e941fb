"""Faults queued by /sandbox/faults for the next calls of an operation."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify
from joserfc import jws

from sandbox.identity.keys import SIGNATURES, sign
from sandbox.identity.provider import Provider

# What a fault does.
FAULTS = {
    "slow": "waits `seconds`, then acts and answers as always",
    "error_500": "answers 500 without having acted",
    "error_503": "answers 503 with Retry-After without having acted",
    "malformed": "acts, then answers with half of the body",
    "drop": "breaks the connection without having acted",
    "drop_after": "acts, then breaks the connection",
    "forge": "acts, then signs the ID token anew: with `claims` in place of its own, by `signature`",
}
_REFUSALS = {"error_500": 500, "error_503": 503}


@dataclass(frozen=True)
class Fault:
    """`details`: `claims` and `signature` of a forged ID token."""

    kind: str
    seconds: float
    details: dict[str, Any]


def take_fault(provider: Provider, operation: str) -> Fault | None:
    """The oldest fault queued for this operation or for any (*), no longer queued; None without one."""
    with provider.store.transaction() as db:
        row = db.execute(
            "SELECT * FROM fault WHERE operation IN (?, '*') ORDER BY id LIMIT 1", (operation,)
        ).fetchone()
        if row is None:
            return None
        db.execute("DELETE FROM fault WHERE id = ?", (row["id"],))
        return Fault(row["kind"], row["seconds"], json.loads(row["details"]))


def suffer(provider: Provider, realm: str, fault: Fault | None, act: Callable[[], Response]) -> Response:
    """Act as the fault lets us, and answer as it makes us."""
    if fault is None:
        return act()
    if fault.kind in _REFUSALS:
        refusal = jsonify(
            error="unknown_error", error_description="For more on this error consult the server log."
        )
        refusal.status_code = _REFUSALS[fault.kind]
        refusal.headers["Retry-After"] = "1"
        return refusal
    if fault.kind == "drop":
        return _broken()
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return act()
    response = act()
    if fault.kind == "drop_after":
        return _broken()
    whole = response.get_data()
    response.set_data(
        _forged(provider, realm, whole, fault) if fault.kind == "forge" else whole[: len(whole) // 2]
    )
    return response


def _forged(provider: Provider, realm: str, body: bytes, fault: Fault) -> bytes:
    answer = json.loads(body)
    if "id_token" in answer:
        genuine = json.loads(jws.extract_compact(answer["id_token"].encode()).payload)
        claims = {**genuine, **fault.details.get("claims", {})}
        answer["id_token"] = sign(provider.keys, realm, claims, fault.details.get("signature", SIGNATURES[0]))
    return json.dumps(answer).encode()


def _broken() -> Response:
    """An answer that promises more than it sends, so that the connection breaks."""

    def body() -> Iterator[bytes]:
        yield b"{"
        raise ConnectionAbortedError("broken off on purpose: a queued fault")

    return Response(body(), headers={"Content-Length": "100000"}, content_type="application/json")
