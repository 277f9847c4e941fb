"""Sellers: each an organisation with one profile and one access token of its own."""

import json
import sqlite3
from pathlib import Path

from sandbox.stripe.store import Json


def load_organisations(db: sqlite3.Connection, file: Path) -> None:
    """Register the Mollie accounts of a seed file; a changed file changes them."""
    for provider in json.loads(file.read_text(encoding="utf-8"))["providers"]:
        for account in provider.get("payee_accounts", []):
            if account["gateway"] == "mollie":
                add_organisation(db, {"name": provider["legal_name"], **account})


def add_organisation(db: sqlite3.Connection, account: Json) -> None:
    """One seller: external_id (org_…), client_id (its profile), client_secret (its token), name, cards.

    `cards`: whether they are "activated" in its profile; known organisations are changed.
    """
    db.execute(
        "INSERT OR REPLACE INTO organisation (id, profile_id, token, name, cards) VALUES (?, ?, ?, ?, ?)",
        (
            account["external_id"],
            account["client_id"],
            account["client_secret"],
            account.get("name") or "",
            account.get("cards", "activated"),
        ),
    )


def find_organisation(db: sqlite3.Connection, organisation_id: str) -> sqlite3.Row:
    """The row of a seller that is known to be there."""
    row: sqlite3.Row = db.execute("SELECT * FROM organisation WHERE id = ?", (organisation_id,)).fetchone()
    return row
