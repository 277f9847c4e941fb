"""A mailer that only remembers, for tests of the rules and the pages."""

from app.integrations.errors import NeighbourError
from app.integrations.mail.interface import Message


class FakeMailer:
    """`sent` holds every mail that was taken, in order."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self._failures: list[NeighbourError] = []

    def send(self, message: Message) -> None:
        if self._failures:
            raise self._failures.pop(0)
        self.sent.append(message)

    def fail_next(self, error: NeighbourError) -> None:
        """The next mail is not taken: `error` is raised instead."""
        self._failures.append(error)
