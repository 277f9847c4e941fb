"""What the platform asks of a mail server."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Attachment:
    filename: str
    media_type: str  # application/pdf
    content: bytes


@dataclass(frozen=True)
class Message:
    """One mail. `id` becomes its Message-ID, the same on every retry, so that a repeat can be seen."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    language: str
    attachments: tuple[Attachment, ...] = ()
    # An address that ends such mails by a POST alone (RFC 8058); None for mails that nobody can end.
    unsubscribe: str | None = None


class Mailer(Protocol):
    def send(self, message: Message) -> None:
        """Hand the mail over. TryAgain when the server is away, Refused when it says no for good."""
        ...
