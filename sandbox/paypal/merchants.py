"""The sellers' accounts: each with its own REST application (client id and secret)."""

import json
import secrets
import sqlite3
from pathlib import Path

from sandbox.paypal.events import ALL_EVENTS
from sandbox.paypal.store import Json


def load_merchants(db: sqlite3.Connection, file: Path, platform_webhook: str | None) -> None:
    """Register the PayPal payee accounts of a seed file; known ones are left as they are.

    They can be named as payees by e-mail, too: paypal@<slug>.example.

    `platform_webhook`, an address with {account} in it, is subscribed for each account whose own `id` at the
    platform the file gives, under the file's `webhook_id`. The others the platform subscribes by the API.
    """
    for provider in json.loads(file.read_text("utf-8")).get("providers", []):
        for account in provider.get("payee_accounts", []):
            if account.get("gateway") != "paypal":
                continue
            name = provider.get("legal_name") or provider.get("name") or provider.get("slug") or ""
            add_merchant(db, account | {"name": name})
            db.execute(
                "INSERT OR IGNORE INTO profile (merchant_id, email) VALUES (?, ?)",
                (account["external_id"], f"paypal@{provider['slug']}.example"),
            )
            if platform_webhook and account.get("webhook_id") and account.get("id"):
                url = platform_webhook.replace("{account}", account["id"])
                db.execute(
                    "INSERT OR IGNORE INTO webhook (id, merchant_id, url, event_types) VALUES (?, ?, ?, ?)",
                    (account["webhook_id"], account["external_id"], url, json.dumps(ALL_EVENTS)),
                )


def add_merchant(db: sqlite3.Connection, account: Json) -> None:
    """One seller: external_id (merchant id), client_id, client_secret, name, currencies (empty: all).

    Without client_id and client_secret it has no application of its own.
    """
    none = f"no application of {account['external_id']}"
    db.execute(
        "INSERT INTO merchant (id, client_id, client_secret, name, currencies) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, "
        "client_secret = excluded.client_secret, name = excluded.name, currencies = excluded.currencies",
        (
            account["external_id"],
            account.get("client_id") or none,
            account.get("client_secret") or secrets.token_hex(16),
            account.get("name") or account["external_id"],
            json.dumps(list(account.get("currencies") or [])),
        ),
    )
