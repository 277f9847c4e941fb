"""What every call of the API has in common: who calls, which fault is due, what is written into the log."""

import functools
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Response, current_app, g, json, jsonify, request

from sandbox.registry import cancellations, mandates
from sandbox.registry.events import Sender
from sandbox.registry.faults import Fault, Faults
from sandbox.registry.idempotency import Answer, InProgress
from sandbox.registry.problems import Problem, problem_response
from sandbox.registry.store import Store, now
from sandbox.registry.tokens import Caller, TokenCheck


@dataclass
class Registry:
    """The parts of the running registry. In memory besides the store: faults, running keys, the log of calls."""

    store: Store
    tokens: TokenCheck
    sender: Sender | None = None
    faults: Faults = field(default_factory=Faults)
    in_progress: InProgress = field(default_factory=InProgress)
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=10_000))
    calls_lock: threading.Lock = field(default_factory=threading.Lock)


def registry() -> Registry:
    """The registry of the running application."""
    return cast(Registry, current_app.extensions["registry"])


def caller() -> Caller:
    """Who made this call; only in operations that ask for a token."""
    return cast(Caller, g.caller)


def operation(
    name: str, service: str | None = None, delegated: str | None = None
) -> Callable[[Callable[..., Answer]], Callable[..., Response]]:
    """Make a function returning (JSON, status) the contract's operation `name`.

    `service` and `delegated` are the scopes that the two kinds of token need; a kind without one is refused; with
    neither, no token is asked for.
    """

    def decorate(act: Callable[..., Answer]) -> Callable[..., Response]:
        @functools.wraps(act)
        def view(**path: str) -> Response:
            g.caller, g.fault = None, None
            try:
                if service or delegated:
                    g.caller = registry().tokens.caller(request.headers.get("Authorization"))
                    _check_scope(g.caller, {"service": service, "delegated": delegated})
                with _hold_key():
                    g.fault = registry().faults.take(name)
                    response = _fail_before(g.fault) or _act(act, path, g.fault)
            except Problem as problem:
                response = problem.response()
            _log(name, response)
            return _fail_after(g.fault, response)

        return view

    return decorate


def settle_due(store: Store) -> None:
    """Let time pass: mandates expire, accepted cancellations complete. Writes only when something is due."""
    with store.read() as db:
        due = db.execute(
            "SELECT EXISTS (SELECT 1 FROM mandate WHERE state = 'active' AND expires_at <= ?)"
            " OR EXISTS (SELECT 1 FROM cancellation WHERE status = 'accepted' AND due_at <= ?)",
            (now(), now()),
        ).fetchone()[0]
    if due:
        with store.write() as db:
            mandates.expire_due(db)
            cancellations.complete_due(db)


def _check_scope(who: Caller, needed: dict[str, str | None]) -> None:
    scope = needed[who.kind]
    if scope is None:
        raise Problem("forbidden", f"A {who.kind} token may not do this.")
    if scope not in who.scopes:
        raise Problem("forbidden", f"The token lacks the scope {scope}.")


def _hold_key() -> AbstractContextManager[None]:
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    return registry().in_progress.hold(caller(), key) if key and g.caller else nullcontext()


def _act(act: Callable[..., Answer], path: dict[str, str], fault: Fault | None) -> Response:
    if fault and fault.kind == "slow":
        fault.wait()
    settle_due(registry().store)
    body, status = act(**path)
    if status >= 400:
        return problem_response(body, status)
    answer = jsonify(body)
    answer.status_code = status
    return answer


def _fail_before(fault: Fault | None) -> Response | None:
    """What is answered without acting; None = act."""
    if fault is None:
        return None
    if fault.kind == "rate_limited":
        raise Problem("rate_limited", "Too many calls, on purpose.", fault.retry_after)
    if fault.kind == "unavailable":
        raise Problem("registry_unavailable", "Down, on purpose.", fault.retry_after)
    if fault.kind == "refuse" and request.method != "POST":
        raise fault.refusal()
    if fault.kind == "timeout_before" or (fault.kind == "malformed" and not fault.acted):
        return Response(status=201 if request.method == "POST" else 200)
    return None


def _fail_after(fault: Fault | None, response: Response) -> Response:
    """What becomes of the answer. The call is in the log by now: silence may last longer than the test."""
    if fault and fault.kind in ("timeout_before", "timeout_after"):
        return _silence(fault)
    if fault and fault.kind == "malformed":
        return Response('{"cancellation_id": "VC-', response.status_code, mimetype="application/json")
    return response


def _silence(fault: Fault) -> Response:
    """Answer nothing: hang, or with `drop` break the connection at once."""
    if not fault.drop:
        fault.wait()
    # Fewer bytes than announced: the server can only break the connection.
    return Response(iter((b" ",)), headers={"Content-Length": "2"}, mimetype="application/json")


def _log(name: str, response: Response) -> None:
    fault: Fault | None = g.fault
    sent = request.get_json(silent=True) if request.is_json else None
    call = {
        "at": now(),
        "operation": name,
        "path": request.full_path.rstrip("?"),
        "caller": g.caller.kind if g.caller else None,
        "idempotency_key": request.headers.get("Idempotency-Key"),
        "client_reference": sent.get("client_reference") if isinstance(sent, dict) else None,
        "status": None if fault and fault.kind.startswith("timeout") else response.status_code,
        "code": json.loads(response.get_data())["code"]
        if response.mimetype == "application/problem+json"
        else None,
        "fault": fault.kind if fault else None,
    }
    with registry().calls_lock:
        registry().calls.append(call)
