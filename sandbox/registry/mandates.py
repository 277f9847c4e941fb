"""The life of a mandate: granted, revoked, expired; and what a change of its block or account does to it."""

import sqlite3

from sandbox.registry import events, serials, shapes
from sandbox.registry.problems import Problem
from sandbox.registry.store import next_change, next_number, now


def grant(
    db: sqlite3.Connection, account_id: str, block_id: str, quantity: int, expires_at: str | None, by: str
) -> str:
    """Earmark units of a block; the new mandate's id.

    Problems: account_suspended, not_found, block_not_available, insufficient_units.
    """
    account = db.execute("SELECT * FROM account WHERE account_id = ?", (account_id,)).fetchone()
    block = db.execute(
        "SELECT * FROM block WHERE block_id = ? AND account_id = ?", (block_id, account_id)
    ).fetchone()
    if account is None or block is None:
        raise Problem("not_found", "The account holds no such block.")
    if account["status"] != "open":
        raise Problem("account_suspended", f"The account is {account['status']}.")
    if block["status"] != "active":
        raise Problem("block_not_available", f"The block is {block['status']}.")
    mandate_id = f"MND-{next_number(db, 'mandate'):06d}"
    change, at = next_change(db)
    # A quantity beyond SQLite's integers cannot be available either.
    db.execute(
        "INSERT INTO mandate (mandate_id, account_id, block_id, quantity, state, expires_at, granted_by, change,"
        " updated_at) VALUES (?, ?, ?, ?, 'active', ?, ?, ?, ?)",
        (mandate_id, account_id, block_id, min(quantity, 2**62), expires_at, by, change, at),
    )
    if not serials.earmark(db, block_id, mandate_id, quantity):
        raise Problem("insufficient_units", "The block has fewer available units than that.")
    touch_block(db, block_id)
    return mandate_id


def end(db: sqlite3.Connection, mandate_id: str, state: str) -> None:
    """Revoke or expire: what remains goes back to the account, accepted cancellations still complete."""
    mandate = db.execute("SELECT * FROM mandate WHERE mandate_id = ?", (mandate_id,)).fetchone()
    if mandate["state"] != "active":
        return
    db.execute("UPDATE mandate SET state = ? WHERE mandate_id = ?", (state, mandate_id))
    serials.release(db, mandate_id)
    touch_block(db, mandate["block_id"])


def expire_due(db: sqlite3.Connection) -> None:
    """End the mandates whose time has come."""
    for row in db.execute(
        "SELECT mandate_id FROM mandate WHERE state = 'active' AND expires_at <= ?", (now(),)
    ).fetchall():
        end(db, row["mandate_id"], "expired")


def touch(db: sqlite3.Connection, mandate_id: str) -> None:
    """The mandate has changed: it moves to the end of the list, and the platform is told."""
    change, at = next_change(db)
    db.execute("UPDATE mandate SET change = ?, updated_at = ? WHERE mandate_id = ?", (change, at, mandate_id))
    events.tell(db, "mandate.changed", mandate_id, at)


def touch_block(db: sqlite3.Connection, block_id: str) -> None:
    """A block has changed, and with it every mandate that carries it."""
    change, _ = next_change(db)
    db.execute("UPDATE block SET change = ? WHERE block_id = ?", (change, block_id))
    _touch_all(db, "SELECT mandate_id FROM mandate WHERE block_id = ?", block_id)


def touch_account(db: sqlite3.Connection, account_id: str) -> None:
    """An account was suspended or opened again: its mandates read differently now."""
    _touch_all(db, "SELECT mandate_id FROM mandate WHERE account_id = ?", account_id)


def _touch_all(db: sqlite3.Connection, select: str, value: str) -> None:
    for row in db.execute(select, (value,)).fetchall():
        touch(db, row["mandate_id"])


def find(db: sqlite3.Connection, mandate_id: str) -> sqlite3.Row:
    """A row of shapes.MANDATES. Problem not_found."""
    row: sqlite3.Row | None = db.execute(
        f"{shapes.MANDATES} WHERE m.mandate_id = ?", (mandate_id,)
    ).fetchone()
    if row is None:
        raise Problem("not_found", "There is no such mandate.")
    return row
