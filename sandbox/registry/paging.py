"""Lists, oldest change first, page by page."""

import base64
import binascii
import sqlite3
from collections.abc import Callable
from typing import Any

from flask import request

from sandbox.registry import checks
from sandbox.registry.problems import invalid


def page(
    db: sqlite3.Connection,
    select: str,
    order: str,
    shape: Callable[[sqlite3.Row], dict[str, Any]],
    updated: str | None = None,
    **equal: str,
) -> dict[str, Any]:
    """One page of `select` by `cursor`, `limit` and, where the column `updated` is given, `updated_since`.

    `order` is a column of change numbers. What changes while somebody reads moves to the end, so it may be seen
    twice but is never missed. Rows are kept whose columns have the values `equal`.
    """
    limit = checks.query_limit()
    conditions, values = [f"{order} > ?"], [_position(request.args.get("cursor"))]
    for column, value in equal.items():
        conditions.append(f"{column} = ?")
        values.append(value)
    since = checks.query_moment("updated_since") if updated else None
    if since is not None:
        conditions.append(f"{updated} >= ?")
        values.append(since)
    where = " AND ".join(conditions)
    rows = db.execute(
        # Put together from our own words only; what the caller sent is bound as values.
        f"SELECT *, {order} AS position FROM ({select}) WHERE {where} ORDER BY {order} LIMIT ?",  # noqa: S608
        (*values, limit + 1),
    ).fetchall()
    more = len(rows) > limit
    rows = rows[:limit]
    return {
        "items": [shape(row) for row in rows],
        "next_cursor": _cursor(rows[-1]["position"]) if more else None,
    }


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"after:{position}".encode()).decode()


def _position(cursor: str | None) -> Any:
    if cursor is None:
        return 0
    try:
        word, _, number = (
            base64.b64decode(cursor, altchars=b"-_", validate=True).decode("ascii").partition(":")
        )
        if word == "after" and number.isdigit() and len(number) < 19:
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise invalid("cursor", "was not given by this registry")
