"""What keeps the secrets of payee accounts; `app.sealing` has the keys."""

from typing import Protocol
from uuid import UUID


class Seals(Protocol):
    """Seals secrets for keeping and opens them, with a key for each account."""

    def of(self, subject: UUID) -> "Seals":
        """With the key of one account."""
        ...

    def seal(self, text: str) -> bytes:
        """Encrypt a secret for keeping."""
        ...

    def open(self, sealed: bytes) -> str:
        """The secret again."""
        ...
