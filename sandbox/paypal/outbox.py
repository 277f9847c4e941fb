"""Sends queued webhooks and does what was scheduled, in a thread that the requests ring awake."""

import json
import logging
import sqlite3
import threading
from contextlib import suppress
from datetime import UTC, datetime

import httpx

from sandbox.paypal import captures, orders
from sandbox.paypal.gateway import Gateway
from sandbox.paypal.problems import Problem
from sandbox.paypal.store import now

log = logging.getLogger(__name__)

_ATTEMPTS = 25
_LONGEST_WAIT = 60.0
_ACTIONS = {
    "complete": captures.complete,
    "deny": captures.deny,
    "reverse": orders.reverse_approval,
}


def start_outbox(gateway: Gateway) -> None:
    """Run the outbox until the process ends."""
    threading.Thread(target=_run, args=(gateway,), name="paypal-outbox", daemon=True).start()


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
        task = db.execute("SELECT * FROM task WHERE due <= ? ORDER BY due, id LIMIT 1", (now(db),)).fetchone()
        if task:
            db.execute("DELETE FROM task WHERE id = ?", (task["id"],))
            with suppress(Problem):  # its subject may be gone by now
                _ACTIONS[task["action"]](db, gateway, task["subject"])
            return True
        delivery = db.execute(
            "SELECT delivery.*, url, event.body FROM delivery JOIN webhook ON webhook.id = webhook_id "
            "JOIN event ON event.id = event_id WHERE state = 'waiting' AND due <= ? "
            "ORDER BY due, delivery.rowid LIMIT 1",
            (now(db),),
        ).fetchone()
    if delivery is None:
        return False
    status = _send(gateway, client, delivery)
    with gateway.store.transaction() as db:
        attempts = delivery["attempts"] + 1
        sent = status.startswith("2")
        # A forged message is not PayPal's, so nobody sends it again.
        state = "sent" if sent else "given_up" if attempts >= _ATTEMPTS or delivery["forged"] else "waiting"
        due = now(db) + min(_LONGEST_WAIT, 2.0 ** (attempts - 1))
        db.execute(
            "UPDATE delivery SET state = ?, attempts = ?, status = ?, due = ? WHERE id = ?",
            (state, attempts, status, due, delivery["id"]),
        )
    return True


def _send(gateway: Gateway, client: httpx.Client, delivery: sqlite3.Row) -> str:
    """The status of the answer, or the name of what went wrong."""
    event = json.loads(delivery["body"])
    body = delivery["body"].encode()
    # A message sent again keeps its id and time; a copy of it has others.
    sent_at = datetime.fromisoformat(event["create_time"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signed = body.replace(b'"event_version"', b'"event_Version"') if delivery["forged"] else body
    headers = {
        "Content-Type": "application/json",
        "PAYPAL-TRANSMISSION-ID": delivery["id"],
        "PAYPAL-TRANSMISSION-TIME": sent_at,
        "PAYPAL-TRANSMISSION-SIG": gateway.signer.sign(
            delivery["id"], sent_at, delivery["webhook_id"], signed
        ),
        "PAYPAL-CERT-URL": f"{gateway.base_url}/v1/notifications/certs/{gateway.signer.certificate_id}",
        "PAYPAL-AUTH-ALGO": "SHA256withRSA",
    }
    try:
        return str(client.post(delivery["url"], content=body, headers=headers).status_code)
    except httpx.HTTPError as error:
        return type(error).__name__


def _seconds_to_next(gateway: Gateway) -> float:
    with gateway.store.transaction() as db:
        row = db.execute(
            "SELECT min(due) FROM (SELECT due FROM task UNION ALL "
            "SELECT due FROM delivery JOIN webhook ON webhook.id = webhook_id WHERE state = 'waiting')"
        ).fetchone()
        return 3600.0 if row[0] is None else max(0.0, float(row[0]) - now(db))


def flush(db: sqlite3.Connection) -> int:
    """Make every waiting message due at once; how many."""
    return db.execute("UPDATE delivery SET due = ? WHERE state = 'waiting'", (now(db),)).rowcount
