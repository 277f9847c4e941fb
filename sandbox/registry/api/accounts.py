"""Accounts and holdings, for the persons who represent them."""

import sqlite3

from flask import Blueprint

from sandbox.registry import checks, mandates, shapes
from sandbox.registry.idempotency import Answer, act_once
from sandbox.registry.operations import caller, operation, registry
from sandbox.registry.paging import page
from sandbox.registry.problems import Problem, invalid
from sandbox.registry.store import now

pages = Blueprint("accounts", __name__)


def check_represented(account_id: str) -> None:
    """Problem `forbidden` unless the caller's token names this account."""
    if account_id not in (caller().accounts or ()):
        raise Problem("forbidden", "The token does not name this account.")


@pages.get("/v1/accounts")
@operation("listAccounts", delegated="holdings:read")
def list_accounts() -> Answer:
    with registry().store.read() as db:
        rows = db.execute("SELECT * FROM account ORDER BY account_id").fetchall()
    represented = caller().accounts or ()
    return {"items": [shapes.account(row) for row in rows if row["account_id"] in represented]}, 200


@pages.get("/v1/accounts/<account_id>/holdings")
@operation("listHoldings", delegated="holdings:read")
def list_holdings(account_id: str) -> Answer:
    check_represented(account_id)
    with registry().store.read() as db:
        return page(db, shapes.BLOCKS, "change", shapes.block, account_id=account_id), 200


@pages.post("/v1/accounts/<account_id>/mandates")
@operation("grantMandate", delegated="mandates:write")
def grant_mandate(account_id: str) -> Answer:
    check_represented(account_id)
    key = checks.idempotency_key()
    body = checks.json_body()

    def grant(db: sqlite3.Connection) -> Answer:
        checks.fields("", body, {"block_id", "quantity"}, {"expires_at"})
        block_id = checks.text("block_id", body["block_id"])
        quantity = checks.quantity("quantity", body["quantity"])
        expires_at = (
            None if body.get("expires_at") is None else checks.moment("expires_at", body["expires_at"])
        )
        if expires_at is not None and expires_at <= now():
            raise invalid("expires_at", "must be in the future")
        mandate_id = mandates.grant(db, account_id, block_id, quantity, expires_at, caller().subject)
        return shapes.mandate(mandates.find(db, mandate_id)), 201

    return act_once(registry().store, caller(), key, body, grant)
