"""What only a sandbox has, under /sandbox/: look inside, and make things happen. JSON in, JSON out."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.stripe import intents, refunds, sessions
from sandbox.stripe.accounts import add_account, change_account
from sandbox.stripe.events import post
from sandbox.stripe.faults import FAULTS
from sandbox.stripe.gateway import Gateway, gateway
from sandbox.stripe.objects import find, of_session
from sandbox.stripe.operation import OPERATIONS, PERMISSIONS
from sandbox.stripe.outbox import flush
from sandbox.stripe.problems import Problem, answer, wrong
from sandbox.stripe.scenarios import SCENARIOS
from sandbox.stripe.store import Json, load, now
from sandbox.workbench import add_workbench

views = Blueprint("stripe_sandbox", __name__, url_prefix="/sandbox")


@dataclass(frozen=True)
class Ask:
    """A control call inside its transaction; `body` is {} when nothing was sent."""

    db: sqlite3.Connection
    gateway: Gateway
    body: Json


def control(act: Callable[..., Any]) -> Callable[..., Response]:
    """Make `act(ask, **path)`, which returns plain data, a view in one transaction."""

    @wraps(act)
    def view(**path: Any) -> Response:
        here = gateway()
        asked = request.get_json(silent=True) or {}
        try:
            with here.store.transaction() as db:
                result = act(Ask(db, here, asked), **path)
        except Problem as problem:
            return answer(problem)
        here.bell.set()
        return jsonify(result)

    return view


def _session(ask: Ask, session_id: str) -> Json:
    row = find(ask.db, "checkout.session", session_id)
    return sessions.show_session(load(row)) | {"account": row["account_id"]}


@views.get("/sessions")
@control
def all_sessions(ask: Ask) -> list[Json]:
    rows = ask.db.execute(
        "SELECT * FROM object WHERE kind = 'checkout.session' AND NOT forgotten ORDER BY rowid"
    ).fetchall()
    return [
        sessions.show_session(load(row))
        | {"account": row["account_id"], "scenario": sessions.scenario_of(ask.db, row["id"]).code}
        for row in rows
    ]


@views.post("/sessions/<session_id>/pay")
@control
def pay(ask: Ask, session_id: str) -> Json:
    """As the payer does on the page, 3-D Secure included: {"scenario": …}, by default what the amount says."""
    if ask.body.get("scenario") not in {None, *SCENARIOS} - {"cancel"}:
        raise wrong("scenario", "Unknown scenario.")
    done = sessions.pay(ask.db, ask.gateway, session_id, ask.body.get("scenario"))
    if done == "authenticate":
        sessions.pay(ask.db, ask.gateway, session_id, None, authenticated=True)
    return _session(ask, session_id)


@views.post("/sessions/<session_id>/<any(expire, lapse, succeed, fail):what>")
@control
def move(ask: Ask, session_id: str, what: str) -> Json:
    """The session expires; the bank takes its approval back; a delayed payment comes, or does not."""
    moves = {
        "expire": sessions.expire,
        "lapse": intents.lapse,
        "succeed": intents.succeed,
        "fail": intents.fail,
    }
    moves[what](ask.db, ask.gateway, session_id)
    return _session(ask, session_id)


@views.post("/sessions/<session_id>/forget")
@control
def forget(ask: Ask, session_id: str) -> Json:
    """From now on it is answered with 404."""
    find(ask.db, "checkout.session", session_id)
    ask.db.execute("UPDATE object SET forgotten = 1 WHERE id = ?", (session_id,))
    return {"forgotten": session_id}


@views.post("/sessions/<session_id>/refund")
@control
def refund(ask: Ask, session_id: str) -> Json:
    """As the seller does on Stripe's own site: {"amount": 100}, by default all that is left."""
    row = find(ask.db, "checkout.session", session_id)
    (charge,) = of_session(ask.db, session_id, "charge")
    asked = {"charge": charge["id"]} | ({"amount": str(ask.body["amount"])} if "amount" in ask.body else {})
    scenario = sessions.scenario_of(ask.db, session_id)
    return refunds.create_refund(ask.db, ask.gateway, row["account_id"], asked, scenario)


@views.post("/sessions/<session_id>/dispute")
@control
def dispute(ask: Ask, session_id: str) -> Json:
    """The payer's bank takes the money back, or only asks: {"status": "warning_needs_response"}."""
    opened = refunds.open_dispute(ask.db, ask.gateway, session_id, ask.body.get("status", "needs_response"))
    if opened is None:
        raise wrong("session", "There is nothing to dispute.")
    return opened


@views.post("/disputes/<dispute_id>/close")
@control
def close_dispute(ask: Ask, dispute_id: str) -> Json:
    """{"status": "won"}, "lost" or "warning_closed"."""
    return refunds.close_dispute(ask.db, ask.gateway, dispute_id, ask.body.get("status", "lost"))


@views.post("/refunds/<refund_id>/<any(succeeded, failed):status>")
@control
def settle_refund(ask: Ask, refund_id: str, status: str) -> Json:
    return refunds.settle_refund(ask.db, ask.gateway, refund_id, status)


@views.get("/charges")
@control
def ledger(ask: Ask) -> list[Json]:
    """Every charge: who was paid, how much, for which payment, and what became of it."""
    rows = ask.db.execute("SELECT * FROM object WHERE kind = 'charge' ORDER BY rowid").fetchall()
    return [
        load(row)
        | {
            "account": row["account_id"],
            "session": row["session_id"],
            "refunds": of_session(ask.db, row["session_id"], "refund"),
            "disputes": of_session(ask.db, row["session_id"], "dispute"),
        }
        for row in rows
    ]


@views.get("/webhooks")
@control
def deliveries(ask: Ask) -> list[Json]:
    """Every message to an endpoint, oldest first, with what became of it."""
    rows = ask.db.execute(
        "SELECT delivery.*, url, event.body, event.session_id FROM delivery "
        "JOIN event ON event.id = event_id LEFT JOIN endpoint ON endpoint.id = endpoint_id ORDER BY delivery.id"
    ).fetchall()
    return [
        {
            "id": row["id"],
            "event_id": row["event_id"],
            "event_type": load(row)["type"],
            "session_id": row["session_id"],
            "endpoint_id": row["endpoint_id"],
            "url": row["url"],
            "state": row["state"],
            "attempts": row["attempts"],
            "status": row["status"],
            "forged": bool(row["forged"]),
        }
        for row in rows
    ]


@views.post("/webhooks/flush")
@control
def flush_webhooks(ask: Ask) -> Json:
    """Send now what waits for its time: late messages and retries."""
    return {"due": flush(ask.db)}


@views.post("/webhooks/resend")
@control
def resend(ask: Ask) -> Json:
    """Send all events again, or those of {"session_id": …}, even where the scenario sent none."""
    rows = ask.db.execute(
        "SELECT id FROM event WHERE ? IS NULL OR session_id = ? ORDER BY rowid",
        (ask.body.get("session_id"), ask.body.get("session_id")),
    ).fetchall()
    return {"sent": sum(post(ask.db, row["id"], due=now(ask.db)) for row in rows)}


@views.get("/accounts")
@control
def accounts(ask: Ask) -> list[Json]:
    rows = ask.db.execute("SELECT * FROM account ORDER BY rowid").fetchall()
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "livemode": bool(row["livemode"]),
            "connected": bool(row["connected"]),
        }
        | load(row)
        for row in rows
    ]


@views.post("/accounts")
@control
def register_account(ask: Ask) -> Json:
    """{"external_id", "client_secret", "name", "mode", "livemode", "permissions"}; known ones are changed."""
    if not isinstance(ask.body.get("external_id"), str):
        raise wrong("external_id", "Missing required param: external_id.", "parameter_missing")
    if set(ask.body.get("permissions") or []) - set(PERMISSIONS):
        raise wrong("permissions", f"Permissions are {', '.join(PERMISSIONS)}.")
    add_account(ask.db, ask.body)
    return {"external_id": ask.body["external_id"]}


@views.post("/accounts/<account_id>")
@control
def change(ask: Ask, account_id: str) -> Json:
    """{"charges_enabled": false}, say."""
    change_account(ask.db, account_id, **ask.body)
    return {"external_id": account_id}


add_workbench(views, control, OPERATIONS, FAULTS, wrong)
