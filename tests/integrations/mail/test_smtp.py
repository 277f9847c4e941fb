"""What is SMTP's alone: headers, addresses, encryption, servers in trouble."""

import logging
import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx
import pytest

from app.integrations.errors import Refused, TryAgain
from app.integrations.mail.interface import Attachment, Message
from app.integrations.mail.smtp import SmtpMailer
from tests.integrations.mail.test_contract import new_message
from tests.neighbours import Program, free_port

SENDER = "Sample Platform <certificates@platform.example>"
AT = datetime(2026, 11, 23, 14, 5, 9, tzinfo=UTC)


@pytest.fixture
def sent(mailbox: Program) -> Callable[[Message], EmailMessage]:
    """Send a mail, and give what arrived."""

    def send(message: Message) -> EmailMessage:
        SmtpMailer(mailbox.names["mail_url"], SENDER, now=lambda: AT).send(message)
        mails = httpx.get(f"{mailbox.url}/messages.json", params={"to": message.to}, trust_env=False).json()
        raw = httpx.get(f"{mailbox.url}/messages/{mails[-1]['id']}/raw", trust_env=False).content
        return message_from_bytes(raw, policy=policy.default)

    return send


def test_headers(sent: Callable[[Message], EmailMessage]):
    message = new_message()
    mail = sent(message)
    assert mail["From"] == SENDER
    assert mail["To"] == message.to
    assert mail["Message-ID"] == f"<{message.id}@platform.example>"
    assert mail["Content-Language"] == "fr"
    assert mail["Date"].datetime == AT
    assert mail["Auto-Submitted"] == "auto-generated"


def test_parts(sent: Callable[[Message], EmailMessage]):
    mail = sent(new_message())
    assert mail.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    (pdf,) = mail.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_disposition()) == ("VC-7K3M-29QD.pdf", "attachment")


def test_every_line_is_ascii(sent: Callable[[Message], EmailMessage]):
    mail = sent(new_message(text="é\n" * 3, html="<p>" + "ü" * 2000 + "</p>"))
    assert mail.as_bytes().isascii()


def test_subject_cannot_begin_a_header(sent: Callable[[Message], EmailMessage]):
    mail = sent(new_message(subject="Hello\r\nBcc: thief@example.org\r\n\r\nbody"))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hello Bcc: thief@example.org body"


@pytest.mark.parametrize(
    "address",
    [
        "buyer@example.org\r\nBcc: thief@example.org",
        "buyer@example.org, thief@example.org",
        "<buyer@example.org>",
        "buyer",
        "@example.org",
        "buyer@",
        "buyer @example.org",
        "buyer@" + "a" * 70 + ".example.org",
        "",
    ],
)
def test_what_is_not_one_address_is_refused(mailbox: Program, address: str):
    with pytest.raises(Refused, match="bad_mail"):
        SmtpMailer(mailbox.names["mail_url"], SENDER).send(new_message(to=address))


@pytest.mark.parametrize("field", ["id", "language"])
def test_other_fields_cannot_begin_a_header(mailbox: Program, field: str):
    with pytest.raises(Refused, match="bad_mail"):
        SmtpMailer(mailbox.names["mail_url"], SENDER).send(
            new_message(**{field: "x\r\nBcc: thief@example.org"})
        )


def test_filename_cannot_begin_a_header(sent: Callable[[Message], EmailMessage]):
    part = Attachment('a"\r\nX-Evil: 1/../é.pdf', "application/pdf", b"%PDF")
    mail = sent(new_message(attachments=(part,)))
    (pdf,) = mail.iter_attachments()
    assert pdf.get_filename() == "aX-Evil: 1..é.pdf"
    assert pdf["X-Evil"] is None


def test_domain_of_other_letters(sent: Callable[[Message], EmailMessage], mailbox: Program):
    message = new_message(to="käufer@bücher.example".replace("ä", "ae"))
    SmtpMailer(mailbox.names["mail_url"], SENDER).send(message)
    mails = httpx.get(
        f"{mailbox.url}/messages.json", params={"to": "kaeufer@xn--bcher-kva.example"}, trust_env=False
    ).json()
    assert mails[-1]["subject"] == message.subject


def test_same_message_again_has_the_same_id(sent: Callable[[Message], EmailMessage]):
    message = new_message()
    assert sent(message)["Message-ID"] == sent(message)["Message-ID"]


def test_server_is_away():
    with pytest.raises(TryAgain, match="mail_server_away"):
        SmtpMailer(f"smtp://127.0.0.1:{free_port()}", SENDER).send(new_message())


class Script(socketserver.StreamRequestHandler):
    """Speaks SMTP with the answers of the test, by command; None hangs up."""

    answers: dict[str, str | None]
    heard: list[str]

    def handle(self) -> None:
        if not self._say(self.answers.get("connect", "220 ready")):
            return
        while line := self.rfile.readline().decode().strip():
            self.heard.append(line)
            command = line.split()[0].upper().split(":")[0]
            defaults = {"EHLO": "250 ready", "DATA": "354 go on", "QUIT": "221 bye"}
            if not self._say(self.answers.get(command, defaults.get(command, "250 OK"))):
                return
            if command == "DATA":
                while self.rfile.readline().strip() not in (b".", b""):
                    pass
                if not self._say(self.answers.get("end", "250 OK")):
                    return

    def _say(self, answer: str | None) -> bool:
        if answer is None:
            return False
        self.wfile.write(answer.encode() + b"\r\n")
        return not answer.startswith("421")


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[str, list[str]]]]:
    """Start a scripted server: its host:port, and the list of what it hears."""
    servers = []

    def start(**answers: str | None) -> tuple[str, list[str]]:
        heard: list[str] = []
        handler = type("Scripted", (Script,), {"answers": answers, "heard": heard})
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        servers.append((server, thread))
        return f"127.0.0.1:{server.server_address[1]}", heard

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    "answers, kind, code",
    [
        ({"connect": "554 no service"}, TryAgain, "mail_server_away"),
        ({"connect": None}, TryAgain, "mail_server_away"),
        ({"MAIL": "452 full"}, TryAgain, "mail_deferred"),
        ({"MAIL": "553 not this sender"}, Refused, "mail_refused"),
        ({"RCPT": "450 greylisted"}, TryAgain, "mail_deferred"),
        ({"RCPT": "550 no such user"}, Refused, "mail_refused"),
        ({"DATA": "451 later"}, TryAgain, "mail_deferred"),
        ({"end": "452 full"}, TryAgain, "mail_deferred"),
        ({"end": "554 spam"}, Refused, "mail_refused"),
        ({"end": None}, TryAgain, "mail_server_away"),
    ],
    ids=str,
)
def test_server_in_trouble(
    serve: Callable[..., tuple[str, list[str]]],
    answers: dict[str, str | None],
    kind: type[Exception],
    code: str,
):
    host, _heard = serve(**answers)
    with pytest.raises(kind, match=code):
        SmtpMailer(f"smtp://{host}", SENDER).send(new_message())


def test_server_that_says_nothing(serve: Callable[..., tuple[str, list[str]]]):
    host, _heard = serve(connect="")  # a line, but no greeting
    with pytest.raises(TryAgain, match="mail_server_away"):
        SmtpMailer(f"smtp://{host}", SENDER, timeout=0.3).send(new_message())


def test_password_is_not_sent_unencrypted(serve: Callable[..., tuple[str, list[str]]]):
    host, heard = serve(EHLO="250-ready\r\n250 AUTH PLAIN LOGIN")
    with pytest.raises(TryAgain, match="mail_login_needs_encryption"):
        SmtpMailer(f"smtp://us%40er:secret@{host}", SENDER).send(new_message())
    assert not any(line.startswith("AUTH") for line in heard)


def test_no_password_in_repr():
    assert "secret" not in repr(SmtpMailer("smtps://user:secret@mail.example.org", SENDER))


@pytest.mark.parametrize("url", ["http://mail.example.org", "smtp://", "mail.example.org:25"])
def test_address_that_is_no_mail_server(url: str):
    with pytest.raises(ValueError, match="smtp://"):
        SmtpMailer(url, SENDER)


def test_one_line_per_mail_without_its_reader(mailbox: Program, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, logger="app.integrations.mail.smtp")
    message = new_message()
    SmtpMailer(mailbox.names["mail_url"], SENDER).send(message)
    nobody = SmtpMailer(f"smtp://127.0.0.1:{free_port()}", SENDER)
    with pytest.raises(TryAgain):
        nobody.send(message)
    lines = [record for record in caplog.records if record.name == "app.integrations.mail.smtp"]
    assert [line.getMessage().partition(" in ")[0] for line in lines] == ["mail: sent", "mail: not sent"]
    assert all(line.ms >= 0 and line.neighbour == "mail" for line in lines)
    assert message.to not in caplog.text
    assert message.subject not in caplog.text
