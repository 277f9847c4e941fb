"""Rows of the books as the contract's JSON."""

import sqlite3
from typing import Any

from flask import json

from sandbox.registry import serials

MANDATES = """
    SELECT m.*, b.activity_ref, b.issuance_ref, b.monitoring_start, b.monitoring_end, b.vintage, b.unit_class,
           b.authorization, b.first_transferred_at, b.prefix, b.first, b.last, b.status AS block_status,
           a.status AS account_status,
           (SELECT COALESCE(SUM(last - first + 1), 0) FROM segment
             WHERE mandate_id = m.mandate_id AND state = 'earmarked') AS remaining,
           (SELECT COALESCE(SUM(last - first + 1), 0) FROM segment
             WHERE block_id = m.block_id AND state = 'free') AS available
      FROM mandate m JOIN block b USING (block_id) JOIN account a ON a.account_id = m.account_id
"""
BLOCKS = """
    SELECT b.*, b.status AS block_status,
           (SELECT COALESCE(SUM(last - first + 1), 0) FROM segment
             WHERE block_id = b.block_id AND state = 'free') AS available
      FROM block b
"""
CANCELLATIONS = """
    SELECT c.*, b.prefix FROM cancellation c JOIN mandate USING (mandate_id) JOIN block b USING (block_id)
"""


def activity(row: sqlite3.Row) -> dict[str, Any]:
    return {**json.loads(row["body"]), "updated_at": row["updated_at"]}


def account(row: sqlite3.Row) -> dict[str, Any]:
    return {name: row[name] for name in ("account_id", "holder_name", "holder_country", "status")}


def block(row: sqlite3.Row) -> dict[str, Any]:
    """A row of BLOCKS or of MANDATES."""
    return {
        "block_id": row["block_id"],
        "activity_ref": row["activity_ref"],
        "issuance_ref": row["issuance_ref"],
        "monitoring_period": {"start": row["monitoring_start"], "end": row["monitoring_end"]},
        "vintage": row["vintage"],
        "unit_class": row["unit_class"],
        "authorization": json.loads(row["authorization"]),
        "first_transferred_at": row["first_transferred_at"],
        "serial": serials.serial_range(row["prefix"], row["first"], row["last"]),
        "quantity_available": row["available"],
        "status": row["block_status"],
    }


def mandate_status(row: sqlite3.Row) -> str:
    """The contract's one word for a row of MANDATES; what has ended stays ended, whatever else is true."""
    if row["state"] != "active":
        return str(row["state"])
    if row["remaining"] == 0:
        return "exhausted"
    return "suspended" if row["suspended"] or row["account_status"] != "open" else "active"


def mandate(row: sqlite3.Row) -> dict[str, Any]:
    """A row of MANDATES."""
    return {
        "mandate_id": row["mandate_id"],
        "account_id": row["account_id"],
        "block": block(row),
        "quantity": row["quantity"],
        "quantity_remaining": row["remaining"],
        "status": mandate_status(row),
        "expires_at": row["expires_at"],
        "granted_by": row["granted_by"],
        "updated_at": row["updated_at"],
    }


def cancellation(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    """A row of CANCELLATIONS."""
    ranges = serials.ranges_of(db, "cancellation_id", row["cancellation_id"], "cancelled")
    completed, rejected = row["status"] == "completed", row["status"] == "rejected"
    return {
        "cancellation_id": row["cancellation_id"],
        "client_reference": row["client_reference"],
        "mandate_id": row["mandate_id"],
        "quantity": row["quantity"],
        "status": row["status"],
        "serial_ranges": [serials.serial_range(row["prefix"], first, last) for first, last in ranges],
        "completed_at": row["completed_at"],
        "attestation": {
            "reference": row["attestation"],
            "issued_at": row["completed_at"],
            "url": f"https://documents.example/attestations/{row['attestation']}",
        }
        if completed
        else None,
        "rejection": {"code": row["rejection_code"], "detail": row["rejection_detail"]} if rejected else None,
        "updated_at": row["updated_at"],
    }
