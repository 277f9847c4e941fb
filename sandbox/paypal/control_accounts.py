"""What only a sandbox has, second part: sellers who agree and take it back, and payers who dispute a payment."""

import json

from flask import Blueprint

from sandbox.paypal import disputes, partners
from sandbox.paypal.control import Ask, control
from sandbox.paypal.problems import Problem
from sandbox.paypal.store import Json, load

views = Blueprint("paypal_sandbox_accounts", __name__, url_prefix="/sandbox")


@views.post("/platforms")
@control
def register_platform(ask: Ask) -> Json:
    """{"external_id", "client_id", "client_secret", "attribution_id", "name"}: an approved partner of PayPal's."""
    for name in ("external_id", "client_id", "client_secret", "attribution_id"):
        if not isinstance(ask.body.get(name), str) or not ask.body[name]:
            raise Problem(400, "MISSING_REQUIRED_PARAMETER", f"/{name}")
    partners.add_platform(ask.db, ask.body)
    return {"external_id": ask.body["external_id"]}


@views.post("/merchants/<merchant_id>/profile")
@control
def change_profile(ask: Ask, merchant_id: str) -> Json:
    """{"email", "lets_others", "receivable", "email_confirmed", "empty"}: those that are given."""
    partners.set_profile(ask.db, merchant_id, ask.body)
    return partners.profile(ask.db, merchant_id)


@views.get("/referrals")
@control
def referrals(ask: Ask) -> list[Json]:
    rows = ask.db.execute("SELECT * FROM referral ORDER BY rowid").fetchall()
    return [dict(row) | {"features": json.loads(row["features"])} for row in rows]


@views.post("/referrals/<tracking_id>/agree")
@control
def agree(ask: Ask, tracking_id: str) -> Json:
    """As the seller does on the page: the newest referral with that tracking id, by the seller that is named."""
    row = ask.db.execute(
        "SELECT id FROM referral WHERE tracking_id = ? ORDER BY rowid DESC", (tracking_id,)
    ).fetchone()
    if row is None:
        raise Problem(404, "INVALID_RESOURCE_ID")
    return {"merchant_id": partners.agree(ask.db, ask.gateway, row["id"], ask.body)}


@views.post("/merchants/<merchant_id>/revoke")
@control
def revoke(ask: Ask, merchant_id: str) -> Json:
    """As the seller does on PayPal's own site: nobody acts for them any more."""
    return {"revoked": partners.revoke(ask.db, ask.gateway, merchant_id)}


@views.post("/captures/<capture_id>/dispute")
@control
def dispute(ask: Ask, capture_id: str) -> Json:
    """{"stage"}: INQUIRY, which moves no money, or CHARGEBACK (default)."""
    return disputes.open_dispute(ask.db, ask.gateway, capture_id, ask.body.get("stage", "CHARGEBACK"))


@views.post("/disputes/<dispute_id>/escalate")
@control
def escalate(ask: Ask, dispute_id: str) -> Json:
    return disputes.escalate(ask.db, ask.gateway, dispute_id)


@views.post("/disputes/<dispute_id>/resolve")
@control
def resolve(ask: Ask, dispute_id: str) -> Json:
    """{"outcome"}: won or lost, as the seller sees it, or given_up by the payer."""
    return disputes.resolve(ask.db, ask.gateway, dispute_id, ask.body.get("outcome", ""))


@views.get("/disputes")
@control
def all_disputes(ask: Ask) -> list[Json]:
    return [load(row) for row in ask.db.execute("SELECT body FROM dispute ORDER BY rowid")]
