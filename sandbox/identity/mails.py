"""Links sent by mail, by way of the sandbox's mailbox."""

import logging
import smtplib
import sqlite3
from email.message import EmailMessage

from flask import Response, after_this_request

from sandbox.identity.people import Person
from sandbox.identity.provider import provider
from sandbox.identity.tickets import VERIFY, new_ticket

log = logging.getLogger(__name__)

_SENDER = "Sandbox sign-in <sign-in@identity.example>"
_SECONDS_TO_SEND = 5


def mail_link(db: sqlite3.Connection, purpose: str, person: Person, query: str) -> None:
    """Send this person a link that goes on with the authorization request, once the transaction is done."""
    here = provider()
    key = new_ticket(db, purpose, person, query)
    link = f"{here.issuer(person.realm)}/login-actions/action-token?key={key}"
    message = EmailMessage()
    message["From"], message["To"] = _SENDER, person.email
    if purpose == VERIFY:
        message["Subject"] = "Verify your email address"
        text = "Somebody created an account with this address. If it was you, open this link:"
    else:
        message["Subject"] = "Reset your password"
        text = "Somebody asked for a new password. If it was you, open this link:"
    message.set_content(f"{text}\n\n{link}\n\nThis is a sandbox; nobody has a real account here.\n")
    smtp_port = here.smtp_port or 0

    @after_this_request
    def send(response: Response) -> Response:
        try:
            with smtplib.SMTP("127.0.0.1", smtp_port, timeout=_SECONDS_TO_SEND) as server:
                server.send_message(message)
        except OSError:
            log.exception("the mail with a link was not taken")
        return response
