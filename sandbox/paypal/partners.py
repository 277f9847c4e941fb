"""Sellers as others meet them: known by e-mail, and letting a platform's application act for them. No HTTP here."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.paypal.events import tell_about_account
from sandbox.paypal.gateway import Gateway
from sandbox.paypal.merchants import add_merchant
from sandbox.paypal.names import new_account_id, new_id
from sandbox.paypal.problems import Problem
from sandbox.paypal.store import Json, now

FEATURES = ("PAYMENT", "REFUND", "ACCESS_MERCHANT_INFORMATION", "READ_SELLER_DISPUTE")


@dataclass(frozen=True)
class Consent:
    """A seller lets a platform do these things in their name."""

    tracking_id: str
    features: frozenset[str]
    since: float


def add_platform(db: sqlite3.Connection, platform: Json) -> None:
    """A platform that PayPal has approved as partner: as a seller, with its attribution_id (BN code)."""
    add_merchant(db, platform)
    db.execute(
        "INSERT OR REPLACE INTO platform (merchant_id, attribution_id) VALUES (?, ?)",
        (platform["external_id"], platform["attribution_id"]),
    )


def set_profile(db: sqlite3.Connection, merchant_id: str, wanted: Json) -> None:
    """Change what others meet of a seller; members as the columns of `profile`, those left out stay."""
    db.execute(
        "INSERT OR IGNORE INTO profile (merchant_id, email) VALUES (?, ?)",
        (merchant_id, f"{merchant_id.lower()}@seller.example"),
    )
    for name in ("lets_others", "receivable", "email_confirmed", "empty"):
        if name in wanted:
            db.execute(
                f"UPDATE profile SET {name} = ? WHERE merchant_id = ?",  # noqa: S608  # one of four names
                (bool(wanted[name]), merchant_id),
            )
    if wanted.get("email"):
        db.execute(
            "UPDATE profile SET email = ? WHERE merchant_id = ?", (wanted["email"].lower(), merchant_id)
        )


def profile(db: sqlite3.Connection, merchant_id: str) -> Json:
    """What others meet of a seller; one that nobody described receives money and says no e-mail address."""
    row = db.execute("SELECT * FROM profile WHERE merchant_id = ?", (merchant_id,)).fetchone()
    return (
        dict(row)
        if row
        else {"email": None, "lets_others": 1, "receivable": 1, "email_confirmed": 1, "empty": 0}
    )


def payee_shown(db: sqlite3.Connection, asked: Any) -> Json:
    """The payee of an order. An e-mail address that nobody has here is taken all the same. Raises Problem."""
    merchant_id, email = (asked.get("merchant_id"), asked.get("email_address")) if asked else (None, None)
    if merchant_id is None and isinstance(email, str) and "@" in email:
        row = db.execute("SELECT merchant_id FROM profile WHERE email = ?", (email.lower(),)).fetchone()
        return {"email_address": email} | ({"merchant_id": row["merchant_id"]} if row else {})
    seller = db.execute("SELECT id FROM merchant WHERE id = ?", (merchant_id,)).fetchone()
    if seller is None:
        raise Problem(422, "PAYEE_ACCOUNT_INVALID")
    merchant_id = str(seller["id"])
    known = profile(db, merchant_id)["email"]
    return ({"email_address": known} if known else {}) | {"merchant_id": merchant_id}


def consent_of(db: sqlite3.Connection, platform_id: str, merchant_id: str) -> Consent | None:
    """What a seller lets a platform do; None after a revocation, too."""
    row = db.execute(
        "SELECT * FROM consent WHERE platform_id = ? AND merchant_id = ?", (platform_id, merchant_id)
    ).fetchone()
    if row is None or row["features"] == "[]":
        return None
    return Consent(row["tracking_id"], frozenset(json.loads(row["features"])), row["since"])


def may_be_paid_through(db: sqlite3.Connection, caller_id: str, payee: Json) -> bool:
    """Has the payee of an order agreed that this caller takes money for them? Nobody can say no for no account."""
    merchant_id = payee.get("merchant_id")
    return (
        merchant_id in (None, caller_id)
        or consent_of(db, caller_id, merchant_id) is not None
        or bool(profile(db, merchant_id)["lets_others"])
    )


def open_referral(db: sqlite3.Connection, platform_id: str, asked: Json) -> str:
    """Keep what a platform asks a seller for; the referral's id. Raises Problem."""
    try:
        ((integration),) = [
            operation["api_integration_preference"]["rest_api_integration"]
            for operation in asked["operations"]
            if operation["operation"] == "API_INTEGRATION"
        ]
        features = integration["third_party_details"]["features"]
        if integration["integration_type"] != "THIRD_PARTY" or not asked["legal_consents"][0]["granted"]:
            raise Problem(400, "INVALID_PARAMETER_VALUE", "/operations")
    except (KeyError, TypeError, ValueError, IndexError):
        raise Problem(400, "MISSING_REQUIRED_PARAMETER", "/operations") from None
    referral_id = new_id(24)
    db.execute(
        "INSERT INTO referral (id, platform_id, tracking_id, email, return_url, features) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            referral_id,
            platform_id,
            str(asked.get("tracking_id", "")),
            str(asked.get("email", "")),
            str((asked.get("partner_config_override") or {}).get("return_url", "")),
            json.dumps(features),
        ),
    )
    return referral_id


def find_referral(db: sqlite3.Connection, referral_id: str) -> sqlite3.Row:
    """The row of a referral. Raises Problem 404."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM referral WHERE id = ?", (referral_id,)).fetchone()
    if row is None:
        raise Problem(404, "INVALID_RESOURCE_ID")
    return row


def agree(db: sqlite3.Connection, gateway: Gateway, referral_id: str, seller: Json) -> str:
    """A seller agrees: the one of `merchant_id` or `email`, or a new one. Their merchant id.

    Other members of `seller`: as in `set_profile`.
    """
    referral = find_referral(db, referral_id)
    email = str(seller.get("email") or referral["email"]).lower()
    row = db.execute("SELECT merchant_id FROM profile WHERE email = ?", (email,)).fetchone()
    merchant_id = str(seller.get("merchant_id") or (row["merchant_id"] if row else new_account_id()))
    if not db.execute("SELECT 1 FROM merchant WHERE id = ?", (merchant_id,)).fetchone():
        add_merchant(db, {"external_id": merchant_id, "name": email or merchant_id})
    changes = {name: value for name, value in seller.items() if name != "email"}
    set_profile(db, merchant_id, {"lets_others": True} | changes | ({} if row else {"email": email}))
    db.execute(
        "INSERT OR REPLACE INTO consent (platform_id, merchant_id, tracking_id, features, since) "
        "VALUES (?, ?, ?, ?, ?)",
        (referral["platform_id"], merchant_id, referral["tracking_id"], referral["features"], now(db)),
    )
    _tell(db, gateway, "MERCHANT.ONBOARDING.COMPLETED", referral["platform_id"], merchant_id)
    return merchant_id


def revoke(db: sqlite3.Connection, gateway: Gateway, merchant_id: str) -> int:
    """A seller lets nobody act for them any more, nor be named as payee. From how many platforms they took it."""
    rows = db.execute(
        "SELECT platform_id FROM consent WHERE merchant_id = ? AND features <> '[]'", (merchant_id,)
    ).fetchall()
    set_profile(db, merchant_id, {"lets_others": False})
    db.execute("UPDATE consent SET features = '[]' WHERE merchant_id = ?", (merchant_id,))
    for row in rows:
        _tell(db, gateway, "MERCHANT.PARTNER-CONSENT.REVOKED", row["platform_id"], merchant_id)
    return len(rows)


def _tell(
    db: sqlite3.Connection, gateway: Gateway, event_type: str, platform_id: str, merchant_id: str
) -> None:
    row = db.execute(
        "SELECT client_id, tracking_id FROM merchant JOIN consent ON platform_id = merchant.id "
        "WHERE platform_id = ? AND consent.merchant_id = ?",
        (platform_id, merchant_id),
    ).fetchone()
    resource = {
        "partner_client_id": row["client_id"],
        "merchant_id": merchant_id,
        "tracking_id": row["tracking_id"],
    }
    tell_about_account(db, gateway, event_type, platform_id, resource)
