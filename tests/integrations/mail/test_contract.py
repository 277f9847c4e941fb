"""What every mailer must do, held to the fake and to the SMTP client with the sandbox mailbox."""

import itertools
import secrets
from collections.abc import Iterator
from typing import Protocol

import httpx
import pytest

from app.integrations.errors import Refused, TryAgain
from app.integrations.mail.fake import FakeMailer
from app.integrations.mail.interface import Attachment, Mailer, Message
from app.integrations.mail.smtp import SmtpMailer
from tests.neighbours import Program

_numbers = itertools.count(1)


def new_message(**changes: object) -> Message:
    number = f"{next(_numbers)}-{secrets.token_hex(4)}"
    fields: dict[str, object] = {
        "id": f"mail-{number}",
        "to": f"buyer-{number}@example.org",
        "subject": "Votre certificat – 25 t, Taíba",
        "text": "Bonjour,\n\nvoici votre certificat.\n",
        "html": "<!doctype html><html lang='fr'><body><p>Voici votre certificat – ici.</p></body></html>",
        "language": "fr",
        "attachments": (Attachment("VC-7K3M-29QD.pdf", "application/pdf", bytes(range(256)) * 20),),
    }
    return Message(**(fields | changes))  # type: ignore[arg-type]


class World(Protocol):
    mailer: Mailer

    def refuse_next(self, *, for_good: bool) -> None: ...
    def arrived(self, message: Message) -> list[tuple[str, str, str, str, list[bytes]]]:
        """Subject, text, HTML, language and attachments of what has come for this recipient."""
        ...


class FakeWorld:
    def __init__(self) -> None:
        self.mailer = self._fake = FakeMailer()

    def refuse_next(self, *, for_good: bool) -> None:
        self._fake.fail_next(Refused("mail_refused") if for_good else TryAgain("mail_deferred"))

    def arrived(self, message: Message) -> list[tuple[str, str, str, str, list[bytes]]]:
        return [
            (mail.subject, mail.text, mail.html, mail.language, [part.content for part in mail.attachments])
            for mail in self._fake.sent
            if mail.to == message.to
        ]


class SandboxWorld:
    def __init__(self, program: Program) -> None:
        self.mailer = SmtpMailer(program.names["mail_url"], "Sample Platform <certificates@platform.example>")
        self.http = httpx.Client(base_url=program.url, trust_env=False)

    def refuse_next(self, *, for_good: bool) -> None:
        self.http.post("/sandbox/faults", json={"code": 550 if for_good else 451}).raise_for_status()

    def arrived(self, message: Message) -> list[tuple[str, str, str, str, list[bytes]]]:
        mails = self.http.get("/messages.json", params={"to": message.to}).raise_for_status().json()
        return [
            (
                mail["subject"],
                mail["text"],
                mail["html"].strip(),
                mail["headers"]["Content-Language"],
                [self.http.get(part["url"]).content for part in mail["attachments"]],
            )
            for mail in mails
        ]


@pytest.fixture(params=["fake", "sandbox"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        yield FakeWorld()
    else:
        world = SandboxWorld(request.getfixturevalue("mailbox"))
        yield world
        world.http.delete("/sandbox/faults")
        world.http.close()


def test_mail_arrives_to_the_letter(world: World):
    message = new_message()
    world.mailer.send(message)
    assert world.arrived(message) == [
        (message.subject, message.text, message.html, "fr", [message.attachments[0].content])
    ]


def test_mail_without_attachments(world: World):
    message = new_message(attachments=())
    world.mailer.send(message)
    ((_subject, text, _html, _language, attachments),) = world.arrived(message)
    assert (text, attachments) == (message.text, [])


@pytest.mark.parametrize("for_good, kind", [(False, TryAgain), (True, Refused)])
def test_mail_that_is_not_taken(world: World, for_good: bool, kind: type[Exception]):
    message = new_message()
    world.refuse_next(for_good=for_good)
    with pytest.raises(kind):
        world.mailer.send(message)
    assert world.arrived(message) == []
    world.mailer.send(message)
    assert len(world.arrived(message)) == 1
