"""What only a sandbox has, under /sandbox/: look inside, and make things happen. JSON in, JSON out."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.mollie import parts, payments
from sandbox.mollie.events import post
from sandbox.mollie.gateway import Gateway, gateway
from sandbox.mollie.operation import FAULTS, OPERATIONS
from sandbox.mollie.organisations import add_organisation
from sandbox.mollie.problems import Problem, answer, wrong
from sandbox.mollie.scenarios import SCENARIOS
from sandbox.stripe.store import Json, load, now
from sandbox.workbench import add_workbench

views = Blueprint("mollie_sandbox", __name__, url_prefix="/sandbox")

_MOVES: dict[str, Callable[[sqlite3.Connection, Gateway, str], Json]] = {
    "authorize": payments.authorize,
    "chargeback": parts.charge_back,
    "expire": payments.expire,
    "fail": payments.fail,
    "lapse": payments.lapse,
    "reverse-chargeback": parts.reverse_chargeback,
}


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
        try:
            with here.store.transaction() as db:
                result = act(Ask(db, here, request.get_json(silent=True) or {}), **path)
        except Problem as problem:
            return answer(problem)
        here.bell.set()
        return jsonify(result)

    return view


@views.get("/payments")
@control
def all_payments(ask: Ask) -> list[Json]:
    """Every payment with its captures, refunds and chargebacks: the ledger."""
    rows = ask.db.execute("SELECT * FROM payment WHERE NOT forgotten ORDER BY rowid").fetchall()
    return [
        payments.show_payment(ask.db, row, "captures,refunds,chargebacks")
        | {"organisation": row["organisation_id"], "scenario": row["scenario"]}
        for row in rows
    ]


@views.post("/payments/<payment_id>/pay")
@control
def pay(ask: Ask, payment_id: str) -> Json:
    """As the payer does on the page: {"scenario": …}, by default what the amount says."""
    if ask.body.get("scenario") not in {None, *SCENARIOS}:
        raise wrong("scenario", "Unknown scenario.")
    return payments.pay(ask.db, ask.gateway, payment_id, ask.body.get("scenario"))


@views.post("/payments/<payment_id>/<what>")
@control
def move(ask: Ask, payment_id: str, what: str) -> Json:
    """The bank says yes or no; the page expires; the approval lapses; the money is taken back, or that is undone."""
    if what not in _MOVES:
        raise Problem(404, f"There are {', '.join(sorted(_MOVES))}.")
    return _MOVES[what](ask.db, ask.gateway, payment_id)


@views.post("/payments/<payment_id>/forget")
@control
def forget(ask: Ask, payment_id: str) -> Json:
    """From now on it is answered with 404."""
    payments.find_payment(ask.db, payment_id)
    ask.db.execute("UPDATE payment SET forgotten = 1 WHERE id = ?", (payment_id,))
    return {"forgotten": payment_id}


@views.post("/payments/<payment_id>/capture/<any(succeeded, failed):status>")
@control
def settle_capture(ask: Ask, payment_id: str, status: str) -> Json:
    return parts.settle_capture(ask.db, ask.gateway, payment_id, status)


@views.post("/payments/<payment_id>/refund")
@control
def refund(ask: Ask, payment_id: str) -> Json:
    """As the seller does on Mollie's own site: {"amount": {…}}, by default all of it."""
    payment = load(payments.find_payment(ask.db, payment_id))
    return parts.refund(
        ask.db, ask.gateway, payment_id, {"amount": ask.body.get("amount", payment["amount"])}
    )


@views.post("/refunds/<refund_id>/<any(refunded, failed, canceled):status>")
@control
def settle_refund(ask: Ask, refund_id: str, status: str) -> Json:
    return parts.settle_refund(ask.db, ask.gateway, refund_id, status)


@views.get("/webhooks")
@control
def deliveries(ask: Ask) -> list[Json]:
    """Every message to a webhook, oldest first, with what became of it."""
    rows = ask.db.execute(
        "SELECT delivery.*, event.body AS event, event.payment_id FROM delivery "
        "JOIN event ON event.id = event_id ORDER BY delivery.id"
    ).fetchall()
    return [
        {name: row[name] for name in row.keys() if name != "event"}  # noqa: SIM118 (a row has its values for an iterator)
        | {"event_type": json.loads(row["event"])["type"], "forged": bool(row["forged"])}
        for row in rows
    ]


@views.post("/webhooks/flush")
@control
def flush_webhooks(ask: Ask) -> Json:
    """Send now what waits for its time: late messages and retries."""
    done = ask.db.execute("UPDATE delivery SET due = ? WHERE state = 'waiting'", (now(ask.db),))
    return {"due": done.rowcount}


@views.post("/webhooks/resend")
@control
def resend(ask: Ask) -> Json:
    """Send all events again, or those of {"payment_id": …}, even where the scenario sent none."""
    named = ask.body.get("payment_id")
    rows = ask.db.execute(
        "SELECT id FROM event WHERE ? IS NULL OR payment_id = ? ORDER BY rowid", (named, named)
    ).fetchall()
    return {"sent": sum(post(ask.db, row["id"], due=now(ask.db)) for row in rows)}


@views.post("/organisations")
@control
def register(ask: Ask) -> Json:
    """{"external_id", "client_id", "client_secret", "name", "cards"}; known ones are changed."""
    for name in ("external_id", "client_id", "client_secret"):
        if not isinstance(ask.body.get(name), str):
            raise wrong(name, f"The {name} is required.")
    add_organisation(ask.db, ask.body)
    return {"external_id": ask.body["external_id"]}


add_workbench(views, control, OPERATIONS, FAULTS, wrong)
