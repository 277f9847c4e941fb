"""Mails through an SMTP server."""

import logging
import smtplib
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from app.integrations.errors import Refused, TryAgain
from app.integrations.mail.interface import Message

log = logging.getLogger(__name__)

_SECONDS = 10.0
_PORTS = {"smtp": 25, "smtps": 465}
# Every server understands 7bit lines; not every one takes 8bit.
_POLICY = policy.SMTP.clone(cte_type="7bit")


class SmtpMailer:
    """Hands mails to the server at smtp://[user:password@]host[:port] or smtps://….

    `sender` is the From of every mail, "Name <address>" or an address. Over smtp:// the connection is
    encrypted where the server offers it; a password is never sent unencrypted.
    """

    def __init__(
        self,
        url: str,
        sender: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeout: float = _SECONDS,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("the mail server is smtp://[user:password@]host[:port] or smtps://…")
        self._scheme, self._host = parts.scheme, parts.hostname
        self._port = parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        name, address = parseaddr(sender)
        self._sender = Address(name, addr_spec=address)
        self._now = now
        self._timeout = timeout
        # Once: reading the machine's certificate authorities takes longer than sending a mail.
        self._tls = ssl.create_default_context()

    def send(self, message: Message) -> None:
        """Hand the mail over. TryAgain when the server is away or asks to wait, Refused for a final no."""
        mail = self._compose(message)
        started = time.monotonic()
        outcome = "not sent"
        try:
            self._hand_over(mail)
            outcome = "sent"
        finally:
            # Neither the address nor the subject: no log may hold what a buyer typed.
            took = round((time.monotonic() - started) * 1000, 1)
            log.info("mail: %s in %d ms", outcome, took, extra={"neighbour": "mail", "ms": took})

    def _hand_over(self, mail: EmailMessage) -> None:
        server = self._connect()
        try:
            server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            (code, _text), *_ = error.recipients.values()
            raise _error(code) from error
        except smtplib.SMTPResponseException as error:
            raise _error(error.smtp_code) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused("mail_address_not_supported") from error
        except (smtplib.SMTPException, OSError) as error:
            raise TryAgain("mail_server_away", type(error).__name__) from error
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        """A connection ready for a mail. Any trouble here says nothing about the mail: TryAgain."""
        server: smtplib.SMTP | None = None
        try:
            if self._scheme == "smtps":
                server = smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=self._tls)
            else:
                server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=self._tls)
                elif self._user:
                    raise TryAgain("mail_login_needs_encryption", f"{self._host} offers no STARTTLS")
            if self._user:
                server.login(self._user, self._password)
            return server
        except (smtplib.SMTPException, OSError) as error:
            _close(server)
            raise TryAgain("mail_server_away", type(error).__name__) from error
        except TryAgain:
            _close(server)
            raise

    def _compose(self, message: Message) -> EmailMessage:
        """The mail as it goes out. Refused for an address or header that cannot be one."""
        mail = EmailMessage(policy=_POLICY)
        try:
            mail["From"] = self._sender
            mail["To"] = _recipient(message.to)
            # One line, whatever the text: a line break would begin a header of somebody's choice.
            mail["Subject"] = " ".join(message.subject.split())
            mail["Date"] = format_datetime(self._now())
            mail["Message-ID"] = f"<{message.id}@{self._sender.domain}>"
            mail["Auto-Submitted"] = "auto-generated"  # so that holiday notices do not answer
            if message.unsubscribe is not None:
                mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
                mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            mail.set_content(message.text)
            mail.add_alternative(message.html, subtype="html")
            for part in message.attachments:
                maintype, _, subtype = part.media_type.partition("/")
                filename = "".join(c for c in part.filename if c.isprintable() and c not in '/\\"')
                mail.add_attachment(part.content, maintype=maintype, subtype=subtype, filename=filename)
            # Last, because the library moves Content-… headers that are there into the first part.
            mail["Content-Language"] = message.language
        except (ValueError, LookupError, MessageError, UnicodeError) as error:
            raise Refused("bad_mail", type(error).__name__) from error
        return mail


def _recipient(address: str) -> Address:
    """One address and nothing else. A domain of other letters is written as the mail system knows it."""
    local, _, domain = address.rpartition("@")
    if not local or not domain or not address.isprintable() or any(c in address for c in " ,;<>"):
        raise ValueError("not one address")
    return Address(username=local, domain=domain.encode("idna").decode())


def _error(code: int) -> TryAgain | Refused:
    if code < 500:
        return TryAgain("mail_deferred", str(code))
    return Refused("mail_refused", str(code))


def _close(server: smtplib.SMTP | None) -> None:
    if server is not None:
        server.close()
