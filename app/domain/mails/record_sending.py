"""What became of a mail."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.mails.models import FORGET, Mail, MailState


def begin_sending(session: Session, mail_id: UUID) -> Mail | None:
    """The mail to send, its attempt counted; None when it is not queued any more."""
    mail = session.execute(select(Mail).where(Mail.id == mail_id).with_for_update()).scalar_one()
    if mail.state != MailState.QUEUED:
        return None
    mail.attempts += 1
    return mail


def record_sent(session: Session, mail_id: UUID, now: datetime) -> None:
    """The mail server took it."""
    mail = session.get_one(Mail, mail_id, with_for_update=True)
    mail.state, mail.sent_at, mail.problem = MailState.SENT, now, None
    _forget(mail)


def record_problem(session: Session, mail_id: UUID, problem: str, *, final: bool) -> None:
    """The mail server did not take it, now or for good."""
    mail = session.get_one(Mail, mail_id, with_for_update=True)
    mail.problem = problem
    if final:
        mail.state = MailState.FAILED
        _forget(mail)


def _forget(mail: Mail) -> None:
    if mail.context.get(FORGET):
        mail.to = ""
