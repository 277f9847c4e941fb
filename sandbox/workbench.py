"""What a pretend gateway lets anybody do under /sandbox/ whatever its family: disturb calls, read them, move the clock."""

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from flask import Blueprint, Response, request

_SECONDS_TO_TIME_OUT = 15.0


class Ask(Protocol):
    """A control call inside its transaction; `body` is {} when nothing was sent."""

    @property
    def db(self) -> sqlite3.Connection: ...

    @property
    def body(self) -> dict[str, Any]: ...


def add_workbench(
    views: Blueprint,
    control: Callable[[Callable[..., Any]], Callable[..., Response]],
    operations: Collection[str],
    kinds: Mapping[str, str],
    wrong: Callable[[str, str], Exception],
) -> None:
    """Give `views` its faults, calls and clock. `kinds`: what each fault does; `wrong(name, why)` refuses a value."""

    def faults(ask: Ask) -> dict[str, Any]:
        rows = ask.db.execute("SELECT operation, kind, seconds FROM fault ORDER BY id").fetchall()
        return {"kinds": kinds, "operations": sorted(operations), "queued": [dict(row) for row in rows]}

    def queue_fault(ask: Ask) -> dict[str, Any]:
        """{"operation": "…", "kind": "timeout_after", "calls": 1, "seconds": 15}"""
        name, kind = ask.body.get("operation"), ask.body.get("kind")
        if kind not in kinds:
            raise wrong("kind", "Unknown kind of fault.")
        if name not in (*operations, "*"):
            raise wrong("operation", "Unknown operation.")
        fault = (name, kind, float(ask.body.get("seconds", _SECONDS_TO_TIME_OUT)))
        queued = [fault] * int(ask.body.get("calls", 1))
        ask.db.executemany("INSERT INTO fault (operation, kind, seconds) VALUES (?, ?, ?)", queued)
        return {"queued": len(queued)}

    def clear_faults(ask: Ask) -> dict[str, Any]:
        return {"cleared": ask.db.execute("DELETE FROM fault").rowcount}

    def calls(ask: Ask) -> list[dict[str, Any]]:
        """The call log, oldest first, with whole request bodies; ?operation= narrows it."""
        name = request.args.get("operation")
        rows = ask.db.execute("SELECT * FROM call WHERE ? IS NULL OR operation = ? ORDER BY id", (name, name))
        return [dict(row) | {"headers": json.loads(row["headers"])} for row in rows]

    def clear_calls(ask: Ask) -> dict[str, Any]:
        return {"cleared": ask.db.execute("DELETE FROM call").rowcount}

    def clock(ask: Ask) -> dict[str, Any]:
        """Put the gateway's clock forward by {"forward_seconds": …}: what it keeps grows old."""
        row = ask.db.execute("SELECT value FROM setting WHERE name = 'clock'").fetchone()
        ahead = float(ask.body.get("forward_seconds", 0)) + (float(row["value"]) if row else 0.0)
        ask.db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES ('clock', ?)", (str(ahead),))
        return {"ahead_seconds": ahead}

    for path, method, act in (
        ("/faults", "GET", faults),
        ("/faults", "POST", queue_fault),
        ("/faults", "DELETE", clear_faults),
        ("/calls", "GET", calls),
        ("/calls", "DELETE", clear_calls),
        ("/clock", "POST", clock),
    ):
        views.add_url_rule(path, act.__name__, control(act), methods=[method])
