"""POST /v1/oauth2/token: client credentials by basic authentication."""

import hmac
import secrets
import sqlite3

from flask import Blueprint, Response, jsonify, request

from sandbox.paypal.acting import TOKEN_SECONDS
from sandbox.paypal.gateway import gateway
from sandbox.paypal.operation import run
from sandbox.paypal.store import now

views = Blueprint("paypal_oauth", __name__)


@views.post("/v1/oauth2/token")
def token() -> Response:
    return run("token", _token)


def _token() -> Response:
    with gateway().store.transaction() as db:
        merchant = _client(db)
        if merchant is None:
            return _refuse(401, "invalid_client", "Client Authentication failed")
        if request.form.get("grant_type") != "client_credentials":
            return _refuse(400, "unsupported_grant_type", "Grant Type is NULL or not supported")
        access_token = f"A21AA{secrets.token_urlsafe(48)}"
        db.execute(
            "INSERT INTO token (token, merchant_id, expires) VALUES (?, ?, ?)",
            (access_token, merchant["id"], now(db) + TOKEN_SECONDS),
        )
    return jsonify(
        scope="https://uri.paypal.com/services/payments/payment/authcapture",
        access_token=access_token,
        token_type="Bearer",  # noqa: S106  # a kind of token, not one
        app_id="APP-80W284485P519543T",
        expires_in=TOKEN_SECONDS,
        nonce=secrets.token_urlsafe(16),
    )


def _client(db: sqlite3.Connection) -> sqlite3.Row | None:
    given = request.authorization
    if given is None or given.type != "basic":
        return None
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM merchant WHERE client_id = ?", (given.username,)
    ).fetchone()
    if row is None or not hmac.compare_digest(row["client_secret"].encode(), (given.password or "").encode()):
        return None
    return row


def _refuse(status: int, error: str, description: str) -> Response:
    response = jsonify(error=error, error_description=description)
    response.status_code = status
    return response
