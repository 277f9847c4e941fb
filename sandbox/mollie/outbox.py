"""Sends queued events and does what was scheduled, in a thread that the requests ring awake."""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress

import httpx

from sandbox.mollie import parts, payments
from sandbox.mollie.events import signature
from sandbox.mollie.gateway import Gateway
from sandbox.mollie.problems import Problem
from sandbox.stripe.store import now

log = logging.getLogger(__name__)

_ATTEMPTS = 10
_LONGEST_WAIT = 60.0
_ACTIONS: dict[str, Callable[[sqlite3.Connection, Gateway, str], object]] = {
    "authorize": payments.authorize,
    "capture_fails": lambda db, here, subject: parts.settle_capture(db, here, subject, "failed"),
    "capture_succeeds": lambda db, here, subject: parts.settle_capture(db, here, subject, "succeeded"),
    "charge_back": parts.charge_back,
    "expire": payments.expire,
    "fail": payments.fail,
    "lapse": payments.lapse,
    "refund_done": lambda db, here, subject: parts.settle_refund(db, here, subject, "refunded"),
    "refund_fails": lambda db, here, subject: parts.settle_refund(db, here, subject, "failed"),
}
_NEXT = """SELECT delivery.*, secret, webhook.body AS webhook, event.body AS event FROM delivery
    JOIN webhook ON webhook.id = webhook_id JOIN event ON event.id = event_id
    WHERE state = 'waiting' AND due <= ? ORDER BY due, delivery.id LIMIT 1"""
_WHEN = """SELECT min(due) FROM (SELECT due FROM task UNION ALL
    SELECT due FROM delivery JOIN webhook ON webhook.id = webhook_id WHERE state = 'waiting')"""


def start_outbox(gateway: Gateway) -> None:
    """Run the outbox until the process ends."""
    threading.Thread(target=_run, args=(gateway,), name="mollie-outbox", daemon=True).start()


def _run(gateway: Gateway) -> None:
    client = httpx.Client(timeout=15, trust_env=False)
    while True:
        gateway.bell.clear()
        try:
            while _do_a_task(gateway) or _send_one(gateway, client):
                pass
            with gateway.store.transaction() as db:
                due = db.execute(_WHEN).fetchone()[0]
                wait = 3600.0 if due is None else max(0.0, float(due) - now(db))
        except Exception:  # the thread must outlive whatever one message does to it
            log.exception("the outbox stumbled")
            wait = 1.0
        gateway.bell.wait(wait)


def _do_a_task(gateway: Gateway) -> bool:
    with gateway.store.transaction() as db:
        task = db.execute("SELECT * FROM task WHERE due <= ? ORDER BY due, id LIMIT 1", (now(db),)).fetchone()
        if task is None:
            return False
        db.execute("DELETE FROM task WHERE id = ?", (task["id"],))
        with suppress(Problem):  # its subject may be gone or over by now
            _ACTIONS[task["action"]](db, gateway, task["subject"])
    return True


def _send_one(gateway: Gateway, client: httpx.Client) -> bool:
    with gateway.store.transaction() as db:
        delivery = db.execute(_NEXT, (now(db),)).fetchone()
    if delivery is None:
        return False
    body = delivery["event"].encode()
    secret = "the secret of somebody else" if delivery["forged"] else delivery["secret"]
    headers = {"Content-Type": "application/json", "X-Mollie-Signature": signature(secret, body)}
    try:
        status = client.post(
            json.loads(delivery["webhook"])["url"], content=body, headers=headers
        ).status_code
        told = str(status)
    except httpx.HTTPError as error:
        told = type(error).__name__
    attempts = delivery["attempts"] + 1
    # A forged message is not Mollie's, so nobody sends it again.
    over = "given_up" if attempts >= _ATTEMPTS or delivery["forged"] else "waiting"
    with gateway.store.transaction() as db:
        due = now(db) + min(_LONGEST_WAIT, 2.0 ** (attempts - 1))
        db.execute(
            "UPDATE delivery SET state = ?, attempts = ?, status = ?, due = ? WHERE id = ?",
            ("sent" if told.startswith("2") else over, attempts, told, due, delivery["id"]),
        )
    return True
