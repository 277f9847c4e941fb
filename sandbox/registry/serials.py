"""Who owns which serial number of a block: the only module that writes segments."""

import sqlite3
from typing import Any

Ranges = list[tuple[int, int]]


def count(ranges: Ranges) -> int:
    return sum(last - first + 1 for first, last in ranges)


def earmark(db: sqlite3.Connection, block_id: str, mandate_id: str, quantity: int) -> bool:
    """Set aside free units of the block for a mandate, lowest serials first. False = too few, nothing done."""
    return _take(db, "free", ("block_id", block_id), quantity, "earmarked", mandate_id, None)


def reserve(db: sqlite3.Connection, mandate_id: str, cancellation_id: str, quantity: int) -> bool:
    """Take units of the mandate for a cancellation, lowest serials first. False = too few, nothing done."""
    return _take(
        db, "earmarked", ("mandate_id", mandate_id), quantity, "reserved", mandate_id, cancellation_id
    )


def destroy(db: sqlite3.Connection, cancellation_id: str) -> None:
    """The cancellation's units are cancelled, for ever."""
    db.execute("UPDATE segment SET state = 'cancelled' WHERE cancellation_id = ?", (cancellation_id,))


def give_back(db: sqlite3.Connection, cancellation_id: str, mandate_lives: bool) -> None:
    """The cancellation was rejected: its units return to the mandate, or to the account when that has ended."""
    db.execute(
        "UPDATE segment SET state = ?, mandate_id = CASE WHEN ? THEN mandate_id END, cancellation_id = NULL"
        " WHERE cancellation_id = ?",
        ("earmarked" if mandate_lives else "free", mandate_lives, cancellation_id),
    )


def release(db: sqlite3.Connection, mandate_id: str) -> None:
    """What remains of the mandate goes back to its account."""
    db.execute(
        "UPDATE segment SET state = 'free', mandate_id = NULL WHERE mandate_id = ? AND state = 'earmarked'",
        (mandate_id,),
    )


def ranges_of(db: sqlite3.Connection, column: str, value: str, state: str) -> Ranges:
    """The serials in `state` whose segment's `column` is `value`, in order, neighbours joined."""
    joined: Ranges = []
    # `column` is one of our own column names, never a caller's text.
    for row in db.execute(
        f"SELECT first, last FROM segment WHERE {column} = ? AND state = ? ORDER BY first",  # noqa: S608
        (value, state),
    ):
        if joined and joined[-1][1] + 1 == row["first"]:
            joined[-1] = (joined[-1][0], row["last"])
        else:
            joined.append((row["first"], row["last"]))
    return joined


def serial_range(prefix: str, first: int, last: int) -> dict[str, Any]:
    """The contract's SerialRange, with the whole inclusive range in the registry's printed notation."""
    return {
        "prefix": prefix,
        "start": first,
        "end": last,
        "count": last - first + 1,
        "printed": f"{prefix}-{first:06d}-{last:06d}",
    }


def _take(
    db: sqlite3.Connection,
    from_state: str,
    where: tuple[str, str],
    quantity: int,
    to_state: str,
    mandate_id: str,
    cancellation_id: str | None,
) -> bool:
    column, value = where
    rows = db.execute(
        f"SELECT block_id, first, last FROM segment WHERE {column} = ? AND state = ? ORDER BY first",  # noqa: S608
        (value, from_state),
    ).fetchall()
    if count([(row["first"], row["last"]) for row in rows]) < quantity:
        return False
    for row in rows:
        if quantity == 0:
            break
        size = min(quantity, row["last"] - row["first"] + 1)
        quantity -= size
        cut = row["first"] + size - 1
        if cut < row["last"]:
            db.execute(
                "INSERT INTO segment SELECT block_id, ?, last, state, mandate_id, cancellation_id FROM segment"
                " WHERE block_id = ? AND first = ?",
                (cut + 1, row["block_id"], row["first"]),
            )
        db.execute(
            "UPDATE segment SET last = ?, state = ?, mandate_id = ?, cancellation_id = ?"
            " WHERE block_id = ? AND first = ?",
            (cut, to_state, mandate_id, cancellation_id, row["block_id"], row["first"]),
        )
    return True
