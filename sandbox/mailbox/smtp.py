"""The SMTP side: takes any mail from anybody, unless a fault is queued."""

import json
from datetime import UTC, datetime

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mailbox.store import Store

_LARGEST = 30_000_000


class Sink:
    """Keeps each mail before it says 250."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """aiosmtpd calls this by this name, once a mail has come in whole."""
        with self._store.transaction() as db:
            fault = db.execute("SELECT * FROM fault ORDER BY id LIMIT 1").fetchone()
            if fault:
                db.execute("DELETE FROM fault WHERE id = ?", (fault["id"],))
                return f"{fault['code']} {'try again later' if fault['code'] < 500 else 'not accepted'}, as was asked"
            db.execute(
                "INSERT INTO mail (received, envelope_from, envelope_to, raw) VALUES (?, ?, ?, ?)",
                (
                    datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    envelope.mail_from or "",
                    json.dumps(envelope.rcpt_tos),
                    envelope.original_content,
                ),
            )
        return "250 OK"


def start_smtp(store: Store, port: int) -> Controller:
    """Listen on 127.0.0.1:`port` in a thread until the process ends."""
    controller = Controller(
        Sink(store), hostname="127.0.0.1", port=port, data_size_limit=_LARGEST, enable_SMTPUTF8=True
    )
    controller.start()
    return controller
