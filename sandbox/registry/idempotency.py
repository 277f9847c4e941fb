"""The contract's Idempotency-Key: act once, keep the answer in the same transaction, replay it for ever."""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import g, json, request

from sandbox.registry.problems import Problem
from sandbox.registry.store import Store, now
from sandbox.registry.tokens import Caller

Answer = tuple[dict[str, Any], int]


class InProgress:
    """The keys whose first request is running. In memory: no request survives its process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[tuple[str, str]] = set()

    @contextmanager
    def hold(self, caller: Caller, key: str) -> Iterator[None]:
        """Raises Problem `idempotency_in_progress` while another request holds this key."""
        entry = (_owner(caller), key)
        with self._lock:
            if entry in self._running:
                raise Problem("idempotency_in_progress", "The first request with this key is still running.")
            self._running.add(entry)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(entry)


def act_once(
    store: Store, caller: Caller, key: str, body: dict[str, Any], act: Callable[[sqlite3.Connection], Answer]
) -> Answer:
    """What `act` answers, or what it answered the first time under this key.

    A refusal about the books is kept as well; after one of the others (invalid, busy) the key is still unused.
    Raises Problem `idempotency_mismatch` when the key was used with another body or path.
    """
    fingerprint = hashlib.sha256(
        json.dumps([request.method, request.path, body], sort_keys=True).encode()
    ).hexdigest()
    with store.write() as db:
        known = db.execute(
            "SELECT * FROM answer WHERE caller = ? AND key = ?", (_owner(caller), key)
        ).fetchone()
        if known and known["fingerprint"] != fingerprint:
            raise Problem("idempotency_mismatch", "This key was used with another body.")
        if known:
            return json.loads(known["body"]), known["status"]
        db.execute("SAVEPOINT act")
        try:
            if g.fault and g.fault.kind == "refuse":
                raise g.fault.refusal()
            answer = act(db)
        except Problem as problem:
            if not problem.final:
                raise
            db.execute("ROLLBACK TO act")
            answer = problem.body, problem.status
        db.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?)",
            (_owner(caller), key, fingerprint, answer[1], json.dumps(answer[0]), now()),
        )
    return answer


def _owner(caller: Caller) -> str:
    return f"{caller.client} {caller.subject}"
