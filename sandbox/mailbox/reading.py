"""A kept mail, taken apart for people and programs."""

import base64
import json
import sqlite3
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass(frozen=True)
class Attachment:
    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    id: int
    received: str
    to: list[str]
    sender: str
    subject: str
    headers: dict[str, str]
    text: str
    html: str
    attachments: list[Attachment]
    raw: bytes

    def as_json(self) -> dict[str, Any]:
        """The mail as /messages.json gives it; attachments in base64."""
        return {
            "id": self.id,
            "received": self.received,
            "to": self.to,
            "from": self.sender,
            "subject": self.subject,
            "headers": self.headers,
            "text": self.text,
            "html": self.html,
            "attachments": [
                {
                    "filename": part.filename,
                    "media_type": part.media_type,
                    "size": len(part.content),
                    "content_base64": base64.b64encode(part.content).decode(),
                    "url": f"/messages/{self.id}/attachments/{number}",
                }
                for number, part in enumerate(self.attachments)
            ],
        }


def read_mail(row: sqlite3.Row) -> Mail:
    """Take a row of the store apart."""
    message = message_from_bytes(row["raw"], policy=policy.default)
    return Mail(
        id=row["id"],
        received=row["received"],
        to=json.loads(row["envelope_to"]),
        sender=row["envelope_from"],
        subject=str(message.get("Subject", "")),
        headers={name: str(value) for name, value in message.items()},
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=[_attachment(part) for part in message.iter_attachments()],
        raw=row["raw"],
    )


def _body(message: EmailMessage, kind: str) -> str:
    """Text with plain line ends: on the way every line ends in CR LF, whatever it was."""
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    return Attachment(
        filename=part.get_filename() or "unnamed",
        media_type=part.get_content_type(),
        content=content if isinstance(content, bytes) else part.as_bytes(),  # a mail within the mail
    )
