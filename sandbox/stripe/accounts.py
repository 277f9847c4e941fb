"""Accounts: sellers with keys of their own, sellers connected to a platform, and the platform itself."""

import json
import secrets
import sqlite3
import string
from pathlib import Path

from sandbox.stripe.objects import find, new_id
from sandbox.stripe.problems import Problem, wrong
from sandbox.stripe.store import Json, load, now

PLATFORM = "acct_1Platform0000000"
ALL_EVENTS = ["*"]


def new_account_id() -> str:
    """acct_1 and fifteen letters and digits."""
    letters = string.ascii_letters + string.digits
    return f"acct_1{''.join(secrets.choice(letters) for _ in range(15))}"


def load_accounts(db: sqlite3.Connection, file: Path) -> None:
    """Register the Stripe accounts of a seed file; a changed file changes them."""
    for provider in json.loads(file.read_text(encoding="utf-8"))["providers"]:
        for account in provider.get("payee_accounts", []):
            if account["gateway"] == "stripe":
                name = provider.get("legal_name") or provider.get("slug") or ""
                add_account(db, {"country": provider.get("country", "DE"), "name": name, **account})


def add_account(db: sqlite3.Connection, account: Json) -> None:
    """One seller: external_id, client_secret (its key; none when connected), name, mode, livemode, permissions."""
    connected = account.get("mode") == "connect"
    body = {
        "kind": "seller",
        "country": account.get("country", "DE"),
        "currency": "eur",
        "email": account.get("email"),
        "charges_enabled": account.get("charges_enabled", True),
    }
    _write(
        db, account["external_id"], account.get("name") or "", bool(account.get("livemode")), connected, body
    )
    if not connected:
        add_key(db, account["client_secret"], account["external_id"], account.get("permissions") or [])


def add_platform(db: sqlite3.Connection, key: str, webhook: str | None, secret: str | None) -> None:
    """The platform whose key may act for connected accounts, and where it hears of them."""
    body = {"kind": "platform", "country": "DE", "currency": "eur", "email": None, "charges_enabled": False}
    _write(db, PLATFORM, "The platform", False, False, body)
    add_key(db, key, PLATFORM, [])
    if webhook and secret:
        db.execute("DELETE FROM endpoint WHERE account_id = ? AND url = ?", (PLATFORM, webhook))
        add_endpoint(
            db, PLATFORM, False, {"url": webhook, "enabled_events": ALL_EVENTS, "connect": True}, secret
        )


def add_key(db: sqlite3.Connection, key: str, account_id: str, permissions: list[str]) -> None:
    """A key of an account. Without permissions it may do everything; a changed key takes the old one's place."""
    db.execute("DELETE FROM api_key WHERE account_id = ?", (account_id,))
    db.execute(
        "INSERT INTO api_key (secret, account_id, permissions) VALUES (?, ?, ?)",
        (key, account_id, json.dumps(permissions)),
    )


def find_account(db: sqlite3.Connection, account_id: str) -> sqlite3.Row:
    """The row of an account. Raises Problem 404."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM account WHERE id = ?", (account_id,)).fetchone()
    if row is None:
        raise Problem(404, "resource_missing", f"No such account: '{account_id}'", param="account")
    return row


def change_account(db: sqlite3.Connection, account_id: str, **changes: object) -> None:
    """Change what an account is, `charges_enabled` for example."""
    body = load(find_account(db, account_id)) | changes
    db.execute("UPDATE account SET body = ? WHERE id = ?", (json.dumps(body), account_id))


def show_account(row: sqlite3.Row) -> Json:
    """An account as the first version of Stripe's API has it."""
    body = load(row)
    ready = bool(body["charges_enabled"])
    return {
        "id": row["id"],
        "object": "account",
        "capabilities": {"card_payments": "active" if ready else "inactive"},
        "charges_enabled": ready,
        "country": body["country"],
        "default_currency": body["currency"],
        "details_submitted": ready,
        "email": body["email"],
        "payouts_enabled": ready,
        "type": "standard",
    }


def add_endpoint(
    db: sqlite3.Connection, account_id: str, livemode: bool, asked: Json, secret: str | None = None
) -> Json:
    """Have events told to an address; the endpoint, its secret in it this once. Raises Problem."""
    url, wanted = asked.get("url"), asked.get("enabled_events")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise wrong("url", "Invalid URL: An explicit scheme (such as https) must be provided.", "url_invalid")
    if not isinstance(wanted, list) or not wanted:
        raise wrong("enabled_events", "Missing required param: enabled_events.", "parameter_missing")
    secret = secret or f"whsec_{secrets.token_hex(16)}"
    endpoint: Json = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": asked.get("api_version"),
        "application": None,
        "created": int(now(db)),
        "description": asked.get("description"),
        "enabled_events": wanted,
        "livemode": livemode,
        "metadata": asked.get("metadata") or {},
        "status": "enabled",
        "url": url,
    }
    db.execute(
        "INSERT INTO endpoint (id, account_id, url, secret, connect, body) VALUES (?, ?, ?, ?, ?, ?)",
        (
            endpoint["id"],
            account_id,
            url,
            secret,
            asked.get("connect") in (True, "true"),
            json.dumps(endpoint),
        ),
    )
    return endpoint | {"secret": secret}


def account_of_session(db: sqlite3.Connection, session_id: str) -> sqlite3.Row:
    """Whose a session is."""
    return find_account(db, find(db, "checkout.session", session_id)["account_id"])


def _write(
    db: sqlite3.Connection, account_id: str, name: str, livemode: bool, connected: bool, body: Json
) -> None:
    db.execute(
        "INSERT INTO account (id, name, livemode, connected, body) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, livemode = excluded.livemode, "
        "connected = excluded.connected, body = excluded.body",
        (account_id, name, livemode, connected, json.dumps(body)),
    )
