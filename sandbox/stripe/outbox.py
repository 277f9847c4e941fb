"""Sends queued events and does what was scheduled, in a thread that the requests ring awake."""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress

import httpx

from sandbox.stripe import intents, refunds, sessions
from sandbox.stripe.gateway import Gateway
from sandbox.stripe.problems import Problem
from sandbox.stripe.signing import signature_header
from sandbox.stripe.store import now

log = logging.getLogger(__name__)

_ATTEMPTS = 25
_LONGEST_WAIT = 60.0
_ACTIONS: dict[str, Callable[[sqlite3.Connection, Gateway, str], object]] = {
    "expire": sessions.expire,
    "lapse": intents.lapse,
    "succeed": intents.succeed,
    "fail": intents.fail,
    "dispute": refunds.open_dispute,
    "refund_succeeds": lambda db, gateway, subject: refunds.settle_refund(db, gateway, subject, "succeeded"),
    "refund_fails": lambda db, gateway, subject: refunds.settle_refund(db, gateway, subject, "failed"),
}


def start_outbox(gateway: Gateway) -> None:
    """Run the outbox until the process ends."""
    threading.Thread(target=_run, args=(gateway,), name="stripe-outbox", daemon=True).start()


def _run(gateway: Gateway) -> None:
    client = httpx.Client(timeout=10, trust_env=False)
    while True:
        gateway.bell.clear()
        try:
            while _one_step(gateway, client):
                pass
            wait = _seconds_to_next(gateway)
        except Exception:  # the thread must outlive whatever one message does to it
            log.exception("the outbox stumbled")
            wait = 1.0
        gateway.bell.wait(wait)


def _one_step(gateway: Gateway, client: httpx.Client) -> bool:
    """Do one due thing; False when nothing is due."""
    with gateway.store.transaction() as db:
        at = now(db)
        task = db.execute("SELECT * FROM task WHERE due <= ? ORDER BY due, id LIMIT 1", (at,)).fetchone()
        if task:
            db.execute("DELETE FROM task WHERE id = ?", (task["id"],))
            with suppress(Problem):  # its subject may be gone or over by now
                _ACTIONS[task["action"]](db, gateway, task["subject"])
            return True
        delivery = db.execute(
            "SELECT delivery.*, url, secret, connect, event.body, event.account_id FROM delivery "
            "JOIN endpoint ON endpoint.id = endpoint_id JOIN event ON event.id = event_id "
            "WHERE state = 'waiting' AND due <= ? ORDER BY due, delivery.id LIMIT 1",
            (at,),
        ).fetchone()
    if delivery is None:
        return False
    status = _send(client, delivery, int(at))
    with gateway.store.transaction() as db:
        attempts = delivery["attempts"] + 1
        sent = status.startswith("2")
        # A forged message is not Stripe's, so nobody sends it again.
        state = "sent" if sent else "given_up" if attempts >= _ATTEMPTS or delivery["forged"] else "waiting"
        due = now(db) + min(_LONGEST_WAIT, 2.0 ** (attempts - 1))
        db.execute(
            "UPDATE delivery SET state = ?, attempts = ?, status = ?, due = ? WHERE id = ?",
            (state, attempts, status, due, delivery["id"]),
        )
    return True


def event_bytes(delivery: sqlite3.Row) -> bytes:
    """What goes over the wire: a platform is told which connected account the event is of."""
    event = json.loads(delivery["body"])
    if delivery["connect"]:
        event["account"] = delivery["account_id"]
    return json.dumps(event, indent=2).encode()


def _send(client: httpx.Client, delivery: sqlite3.Row, at: int) -> str:
    """The status of the answer, or the name of what went wrong."""
    body = event_bytes(delivery)
    secret = "whsec_of_somebody_else" if delivery["forged"] else delivery["secret"]
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature_header(secret, body, at)}
    try:
        return str(client.post(delivery["url"], content=body, headers=headers).status_code)
    except httpx.HTTPError as error:
        return type(error).__name__


def _seconds_to_next(gateway: Gateway) -> float:
    with gateway.store.transaction() as db:
        row = db.execute(
            "SELECT min(due) FROM (SELECT due FROM task UNION ALL "
            "SELECT due FROM delivery JOIN endpoint ON endpoint.id = endpoint_id WHERE state = 'waiting')"
        ).fetchone()
        return 3600.0 if row[0] is None else max(0.0, float(row[0]) - now(db))


def flush(db: sqlite3.Connection) -> int:
    """Make every waiting message due at once; how many."""
    return db.execute("UPDATE delivery SET due = ? WHERE state = 'waiting'", (now(db),)).rowcount
