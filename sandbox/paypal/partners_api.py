"""Partner Referrals v2 and Merchant Integrations v1: how a platform leads a seller in, and sees how far they are."""

import json
import sqlite3

from flask import Blueprint, Response, request, url_for

from sandbox.paypal.names import new_id
from sandbox.paypal.operation import Call, operation, read_json, reply
from sandbox.paypal.partners import consent_of, open_referral, profile
from sandbox.paypal.problems import Problem
from sandbox.paypal.store import Json

views = Blueprint("paypal_partners", __name__, url_prefix="/")


@views.post("/v2/customer/partner-referrals")
@operation("referrals")
def refer(call: Call) -> Response:
    _partner(call)
    referral_id = open_referral(call.db, call.merchant["id"], read_json())
    page = url_for("paypal_pages.agree_page", referralToken=referral_id)
    own = f"{call.gateway.base_url}/v2/customer/partner-referrals/{referral_id}"
    links = [
        {
            "href": own,
            "rel": "self",
            "method": "GET",
            "description": "Read Referral Data shared by the Caller.",
        },
        {"href": f"{call.gateway.base_url}{page}", "rel": "action_url", "method": "GET"},
    ]
    return reply({"links": links}, 201)


@views.get("/v1/customer/partners/<partner_id>/merchant-integrations")
@operation("integrations")
def find(call: Call, partner_id: str) -> Response:
    _partner(call, partner_id)
    row = call.db.execute(
        "SELECT merchant_id, tracking_id FROM consent WHERE platform_id = ? AND tracking_id = ? "
        "ORDER BY since DESC",
        (partner_id, request.args.get("tracking_id", "")),
    ).fetchone()
    if row is None:
        raise Problem(404, "INVALID_RESOURCE_ID")
    own = f"{call.gateway.base_url}/v1/customer/partners/{partner_id}/merchant-integrations/{row['merchant_id']}"
    return reply(dict(row) | {"links": [{"href": own, "rel": "self", "method": "GET"}]})


@views.get("/v1/customer/partners/<partner_id>/merchant-integrations/<merchant_id>")
@operation("integrations")
def show(call: Call, partner_id: str, merchant_id: str) -> Response:
    _partner(call, partner_id)
    row = call.db.execute(
        "SELECT consent.*, name FROM consent JOIN merchant ON merchant.id = consent.merchant_id "
        "WHERE platform_id = ? AND consent.merchant_id = ?",
        (partner_id, merchant_id),
    ).fetchone()
    if row is None:
        raise Problem(404, "INVALID_RESOURCE_ID")
    return reply(_integration(call, row))


def _integration(call: Call, row: sqlite3.Row) -> Json:
    known = profile(call.db, row["merchant_id"])
    consent = consent_of(call.db, row["platform_id"], row["merchant_id"])
    agreed = {
        "partner_client_id": call.merchant["client_id"],
        "merchant_client_id": f"merchant-{row['merchant_id']}",
        "scopes": [f"https://uri.paypal.com/services/{each.lower()}" for each in json.loads(row["features"])],
    }
    integration = {
        "integration_type": "OAUTH_THIRD_PARTY",
        "integration_method": "PAYPAL",
        "oauth_third_party": [agreed],
    }
    return {
        "merchant_id": row["merchant_id"],
        "tracking_id": row["tracking_id"],
        "legal_name": row["name"],
        "products": [{"name": "EXPRESS_CHECKOUT", "status": "ACTIVE"}],
        "payments_receivable": bool(known["receivable"]),
        "primary_email_confirmed": bool(known["email_confirmed"]),
        "primary_email": known["email"] or f"{new_id(8).lower()}@seller.example",
        "oauth_integrations": [integration] if consent else [],
    }


def _partner(call: Call, partner_id: str | None = None) -> None:
    """Only an approved platform may ask, about its own sellers."""
    known = call.db.execute("SELECT 1 FROM platform WHERE merchant_id = ?", (call.merchant["id"],)).fetchone()
    if not known or partner_id not in (None, call.merchant["id"]):
        raise Problem(403, "PERMISSION_DENIED")
