"""Accounts of a platform's sellers, in both versions of Stripe's API, and the links that lead a seller in."""

import json
import secrets
import sqlite3
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint

from sandbox.stripe.accounts import add_account, find_account, new_account_id, show_account
from sandbox.stripe.forms import check_known
from sandbox.stripe.operation import Call, operation
from sandbox.stripe.problems import Problem, wrong
from sandbox.stripe.store import Json, load, now

# How long a link that leads a seller in can be used.
LINK_SECONDS = 300

views = Blueprint("stripe_connect", __name__)


@views.get("/v1/account")
@operation("account")
def own_account(call: Call) -> Json:
    """Whose key this is, or which connected account is acted for."""
    return show_account(call.account)


@views.post("/v1/accounts")
@operation("onboarding")
def create_account(call: Call) -> Json:
    check_known(call.asked, {"type", "country", "email", "metadata"})
    return show_account(_new_account(call, str(call.asked.get("country", "DE")), call.asked.get("email")))


@views.get("/v1/accounts/<account_id>")
@operation("account")
def get_account(call: Call, account_id: str) -> Json:
    return show_account(_own_or_connected(call, account_id))


@views.post("/v1/account_links")
@operation("onboarding")
def create_link(call: Call) -> Json:
    check_known(call.asked, {"account", "refresh_url", "return_url", "type"})
    if call.asked.get("type") not in ("account_onboarding", "account_update"):
        raise wrong("type", "Invalid type.")
    at = int(now(call.db))
    url = _link(call, str(call.asked.get("account")), call.asked.get("return_url"))
    return {"object": "account_link", "created": at, "expires_at": at + LINK_SECONDS, "url": url}


@views.post("/v2/core/accounts")
@operation("onboarding")
def create_core_account(call: Call) -> Json:
    country = ((call.asked.get("identity") or {}).get("country") or "de").upper()
    row = _new_account(call, country, call.asked.get("contact_email"))
    return _core_account(row, call.asked)


@views.get("/v2/core/accounts/<account_id>")
@operation("account")
def get_core_account(call: Call, account_id: str) -> Json:
    return _core_account(_own_or_connected(call, account_id), {})


@views.post("/v2/core/account_links")
@operation("onboarding")
def create_core_link(call: Call) -> Json:
    use = call.asked.get("use_case") or {}
    options = use.get("account_onboarding") or {}
    at = now(call.db)
    return {
        "object": "v2.core.account_link",
        "account": call.asked.get("account"),
        "created": _iso(at),
        "expires_at": _iso(at + LINK_SECONDS),
        "livemode": call.livemode,
        "url": _link(call, str(call.asked.get("account")), options.get("return_url")),
        "use_case": use,
    }


def _new_account(call: Call, country: str, email: Any) -> sqlite3.Row:
    if load(call.account)["kind"] != "platform":
        raise Problem(
            403, "platform_account_required", "Only Stripe Connect platforms can work with other accounts."
        )
    account_id = new_account_id()
    add_account(
        call.db,
        {
            "external_id": account_id,
            "mode": "connect",
            "country": country,
            "email": email,
            "livemode": call.livemode,
            "charges_enabled": False,
        },
    )
    return find_account(call.db, account_id)


def _own_or_connected(call: Call, account_id: str) -> sqlite3.Row:
    row = find_account(call.db, account_id)
    if row["id"] != call.account["id"] and not (
        row["connected"] and load(call.account)["kind"] == "platform"
    ):
        raise Problem(404, "resource_missing", f"No such account: '{account_id}'", param="account")
    return row


def _link(call: Call, account_id: str, return_url: object) -> str:
    row = _own_or_connected(call, account_id)
    if not isinstance(return_url, str) or not return_url.startswith(("http://", "https://")):
        raise wrong("return_url", "Not a valid URL", "url_invalid")
    token = secrets.token_urlsafe(12)
    body = load(row) | {"link": token, "return_url": return_url, "link_until": now(call.db) + LINK_SECONDS}
    call.db.execute("UPDATE account SET body = ? WHERE id = ?", (json.dumps(body), account_id))
    return f"{call.gateway.base_url}/setup/{account_id}/{token}"


def _core_account(row: sqlite3.Row, asked: Json) -> Json:
    body = load(row)
    ready = bool(body["charges_enabled"])
    return {
        "id": row["id"],
        "object": "v2.core.account",
        "applied_configurations": ["merchant"],
        "closed": False,
        "configuration": {
            "merchant": {
                "applied": True,
                "capabilities": {
                    "card_payments": {"status": "active" if ready else "restricted", "status_details": []}
                },
            }
        },
        "contact_email": body["email"],
        "created": _iso(0),
        "dashboard": asked.get("dashboard", "full"),
        "defaults": asked.get("defaults"),
        "identity": {"country": body["country"].lower()},
        "livemode": bool(row["livemode"]),
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
