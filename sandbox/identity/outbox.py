"""Tells clients that a session has ended (OpenID back-channel logout), in a thread that the requests ring awake."""

import logging
import sqlite3
import threading

import httpx

from sandbox.identity.claims import logout_claims
from sandbox.identity.keys import sign
from sandbox.identity.provider import Provider
from sandbox.identity.store import now

log = logging.getLogger(__name__)

ATTEMPTS = 4


def start_outbox(provider: Provider) -> None:
    """Run the outbox until the process ends."""
    threading.Thread(target=_run, args=(provider,), name="identity-outbox", daemon=True).start()


def _run(provider: Provider) -> None:
    client = httpx.Client(timeout=5, trust_env=False)
    while True:
        provider.bell.clear()
        try:
            while _one_step(provider, client):
                pass
            wait = _seconds_to_next(provider)
        except Exception:  # the thread must outlive whatever one message does to it
            log.exception("the outbox stumbled")
            wait = 1.0
        provider.bell.wait(wait)


def _one_step(provider: Provider, client: httpx.Client) -> bool:
    """Send one message that is due; False when none is."""
    with provider.store.transaction() as db:
        message = db.execute(
            "SELECT * FROM logout_message WHERE state = 'waiting' AND due <= ? ORDER BY due, id LIMIT 1",
            (now(db),),
        ).fetchone()
        if message is None:
            return False
        token = _logout_token(provider, db, message)
    status = _send(client, message["url"], token)
    attempts = message["attempts"] + 1
    state = "sent" if status.startswith("2") else "given_up" if attempts >= ATTEMPTS else "waiting"
    if state != "sent":
        log.error("back-channel logout at %s, attempt %d: %s", message["url"], attempts, status)
    with provider.store.transaction() as db:
        db.execute(
            "UPDATE logout_message SET attempts = ?, status = ?, state = ?, due = ? WHERE id = ?",
            (attempts, status, state, now(db) + 2.0 ** (attempts - 1), message["id"]),
        )
    return True


def _logout_token(provider: Provider, db: sqlite3.Connection, message: sqlite3.Row) -> str:
    realm = message["realm"]
    claims = logout_claims(
        db, provider.issuer(realm), message["client_id"], message["subject"], message["session_id"]
    )
    return sign(provider.keys, realm, claims, typ="logout+jwt")


def _send(client: httpx.Client, url: str, token: str) -> str:
    """The status of the answer, or the name of what went wrong."""
    try:
        return str(client.post(url, data={"logout_token": token}).status_code)
    except httpx.HTTPError as error:
        return type(error).__name__


def _seconds_to_next(provider: Provider) -> float:
    with provider.store.transaction() as db:
        row = db.execute("SELECT min(due) AS due FROM logout_message WHERE state = 'waiting'").fetchone()
        return 3600.0 if row["due"] is None else max(0.0, float(row["due"]) - now(db))
