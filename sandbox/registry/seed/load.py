"""Put the seed into an empty registry."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.registry import serials
from sandbox.registry.store import Store, stamp

FILES = Path(__file__).parent
# A fixed moment, so that two new registries are equal to the letter; every change is a second later.
START = datetime(2026, 11, 1, tzinfo=UTC)


def load_seed(store: Store) -> None:
    """Load the JSON files beside this one, unless the registry holds activities already."""
    with store.write() as db:
        if db.execute("SELECT 1 FROM activity").fetchone():
            return
        for activity in _read("activities.json"):
            db.execute(
                "INSERT INTO activity VALUES (?, ?, ?, ?)",
                (activity["activity_ref"], json.dumps(activity, ensure_ascii=False), *_change(db)),
            )
        for account in _read("accounts.json"):
            db.execute(
                "INSERT INTO account VALUES (:account_id, :holder_name, :holder_country, :status)", account
            )
        for block in _read("blocks.json"):
            _add_block(db, block)
            for mandate in block["mandates"]:
                _add_mandate(db, block, mandate)


def _read(name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads((FILES / name).read_text(encoding="utf-8"))
    return items


def _change(db: sqlite3.Connection) -> tuple[int, str]:
    number = db.execute(
        "UPDATE counter SET value = value + 1 WHERE name = 'change' RETURNING value"
    ).fetchone()[0]
    at = stamp(START + timedelta(seconds=number))
    db.execute("UPDATE counter SET at = ? WHERE name = 'change'", (at,))
    return number, at


def _add_block(db: sqlite3.Connection, block: dict[str, Any]) -> None:
    change, _ = _change(db)
    db.execute(
        "INSERT INTO block VALUES (:block_id, :account_id, :activity_ref, :issuance_ref, :monitoring_start,"
        " :monitoring_end, :vintage, :unit_class, :authorization, :first_transferred_at, :prefix, :first, :last,"
        " :status, :change)",
        {
            **{name: value for name, value in block.items() if not isinstance(value, dict | list)},
            "monitoring_start": block["monitoring_period"]["start"],
            "monitoring_end": block["monitoring_period"]["end"],
            "authorization": json.dumps(block["authorization"]),
            "change": change,
        },
    )
    # `gone`: what earlier cancellations and transfers took, so that what remains lies in several ranges.
    position = block["first"]
    for gone in block["gone"]:
        _add_segment(db, block, position, gone["first"] - 1, "free")
        _add_segment(db, block, gone["first"], gone["last"], gone["state"])
        position = gone["last"] + 1
    _add_segment(db, block, position, block["last"], "free")


def _add_segment(db: sqlite3.Connection, block: dict[str, Any], first: int, last: int, state: str) -> None:
    if first <= last:
        values = (block["block_id"], first, last, state)
        db.execute("INSERT INTO segment (block_id, first, last, state) VALUES (?, ?, ?, ?)", values)


def _add_mandate(db: sqlite3.Connection, block: dict[str, Any], mandate: dict[str, Any]) -> None:
    status, mandate_id = mandate["status"], mandate["mandate_id"]
    ended = status in {"revoked", "expired"}
    db.execute(
        "INSERT INTO mandate VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            mandate_id,
            block["account_id"],
            block["block_id"],
            mandate["quantity"],
            status if ended else "active",
            status == "suspended",
            mandate["expires_at"],
            mandate["granted_by"],
            *_change(db),
        ),
    )
    if not ended and not serials.earmark(db, block["block_id"], mandate_id, mandate["quantity"]):
        raise ValueError(f"{mandate_id} asks for more than its block has")
    db.execute("UPDATE counter SET value = value + 1 WHERE name = 'mandate'")
