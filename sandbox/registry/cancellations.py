"""The act itself: units of a mandate are taken, and cancelled at once or later."""

import sqlite3
from typing import Any

from flask import json

from sandbox.registry import events, mandates, serials, shapes
from sandbox.registry.problems import Problem
from sandbox.registry.store import next_change, next_number, now


def request_cancellation(
    db: sqlite3.Connection, wanted: dict[str, Any], later: bool = False, due_at: str | None = None
) -> str:
    """Cancel as the checked request `wanted` says; the new cancellation's id.

    With `later` the units are only reserved: it stays accepted until `due_at`, or until it is told to complete.
    Problems: duplicate_client_reference, not_found, account_suspended, mandate_revoked, block_not_available,
    purpose_not_authorized, insufficient_units.
    """
    _check_reference(db, wanted["client_reference"])
    mandate = mandates.find(db, wanted["mandate_id"])
    _check_mandate(mandate)
    number = next_number(db, "cancellation")
    change, at = next_change(db)
    cancellation_id = f"VC-{at[:4]}-{number:08d}"
    if mandate["remaining"] < wanted["quantity"]:
        raise Problem("insufficient_units", f"The mandate has {mandate['remaining']} units left.")
    db.execute(
        "INSERT INTO cancellation (cancellation_id, client_reference, mandate_id, quantity, purpose, beneficiary,"
        " reason, status, due_at, change, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'accepted', ?, ?, ?)",
        (
            cancellation_id,
            wanted["client_reference"],
            wanted["mandate_id"],
            wanted["quantity"],
            wanted["purpose"],
            json.dumps(wanted["beneficiary"]),
            wanted.get("reason"),
            due_at,
            change,
            at,
        ),
    )
    serials.reserve(db, wanted["mandate_id"], cancellation_id, wanted["quantity"])
    if later:
        mandates.touch(db, wanted["mandate_id"])
    else:
        complete(db, cancellation_id)
    return cancellation_id


def complete(db: sqlite3.Connection, cancellation_id: str) -> None:
    """The reserved units are cancelled, the attestation is issued."""
    row = find(db, cancellation_id)
    if row["status"] != "accepted":
        return
    serials.destroy(db, cancellation_id)
    change, at = next_change(db)
    attestation = f"ATT-{cancellation_id.removeprefix('VC-')}"
    db.execute(
        "UPDATE cancellation SET status = 'completed', completed_at = ?, attestation = ?, change = ?, updated_at = ?"
        " WHERE cancellation_id = ?",
        (at, attestation, change, at, cancellation_id),
    )
    events.tell(db, "cancellation.completed", cancellation_id, at)
    _first_transfer(db, row["mandate_id"], at)


def reject(db: sqlite3.Connection, cancellation_id: str, code: str, detail: str) -> None:
    """An accepted cancellation is refused after all: its units return."""
    row = find(db, cancellation_id)
    if row["status"] != "accepted":
        return
    mandate = mandates.find(db, row["mandate_id"])
    serials.give_back(db, cancellation_id, mandate_lives=mandate["state"] == "active")
    change, at = next_change(db)
    db.execute(
        "UPDATE cancellation SET status = 'rejected', rejection_code = ?, rejection_detail = ?, change = ?,"
        " updated_at = ? WHERE cancellation_id = ?",
        (code, detail, change, at, cancellation_id),
    )
    events.tell(db, "cancellation.rejected", cancellation_id, at)
    mandates.touch_block(db, mandate["block_id"])


def complete_due(db: sqlite3.Connection) -> None:
    """Complete the accepted cancellations whose time has come."""
    for row in db.execute(
        "SELECT cancellation_id FROM cancellation WHERE status = 'accepted' AND due_at <= ?", (now(),)
    ).fetchall():
        complete(db, row["cancellation_id"])


def find(db: sqlite3.Connection, cancellation_id: str) -> sqlite3.Row:
    """A row of shapes.CANCELLATIONS. Problem not_found."""
    row: sqlite3.Row | None = db.execute(
        f"{shapes.CANCELLATIONS} WHERE c.cancellation_id = ?", (cancellation_id,)
    ).fetchone()
    if row is None:
        raise Problem("not_found", "There is no such cancellation.")
    return row


def _check_reference(db: sqlite3.Connection, client_reference: str) -> None:
    used = db.execute(
        "SELECT cancellation_id FROM cancellation WHERE client_reference = ?", (client_reference,)
    ).fetchone()
    if used:
        raise Problem(
            "duplicate_client_reference",
            "This client reference belongs to an earlier cancellation.",
            cancellation_id=used["cancellation_id"],
        )


def _check_mandate(mandate: sqlite3.Row) -> None:
    if mandate["account_status"] != "open":
        raise Problem("account_suspended", f"The account is {mandate['account_status']}.")
    status = shapes.mandate_status(mandate)
    if status in ("revoked", "expired", "suspended"):
        raise Problem("mandate_revoked", f"The mandate is {status}.")
    if mandate["block_status"] != "active":
        raise Problem("block_not_available", f"The block is {mandate['block_status']}.")
    authorization = json.loads(mandate["authorization"])
    voluntary = authorization["status"] == "authorized" and "OP" in authorization["uses"]
    if mandate["unit_class"] == "AER" and not voluntary:
        raise Problem("purpose_not_authorized", "These units are not authorized for voluntary cancellation.")


def _first_transfer(db: sqlite3.Connection, mandate_id: str, at: str) -> None:
    mandate = mandates.find(db, mandate_id)
    authorization = json.loads(mandate["authorization"])
    if (
        authorization.get("first_transfer") == "use_or_cancellation"
        and mandate["first_transferred_at"] is None
    ):
        db.execute("UPDATE block SET first_transferred_at = ? WHERE block_id = ?", (at, mandate["block_id"]))
        mandates.touch_block(db, mandate["block_id"])
    else:
        mandates.touch(db, mandate_id)
