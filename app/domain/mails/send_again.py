"""An administrator has a mail sent once more: it did not arrive, or went nowhere."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.later import defer
from app.domain.mails.models import Mail, MailState
from app.domain.people.reasons import given_reason


class NoAddress(Exception):
    """Whoever the mail went to has been forgotten."""


def send_again(session: Session, mail: Mail, reason: str, administrator_id: UUID, now: datetime) -> Mail:
    """Queue the same mail anew, to the same address; it is written from how things stand now. The caller commits.

    Raises ReasonMissing, NoAddress.
    """
    said = given_reason(reason)
    if not mail.to:
        raise NoAddress
    again = Mail(
        id=uuid4(),
        kind=mail.kind,
        once=f"again:{uuid4()}",
        to=mail.to,
        language=mail.language,
        order_id=mail.order_id,
        context=mail.context,
        state=MailState.QUEUED,
        attempts=0,
        created_at=now,
    )
    session.add(again)
    session.flush()
    record(
        session,
        Event.MAIL_SENT_AGAIN,
        "mail",
        again.id,
        now,
        order_id=mail.order_id,
        actor="administrator",
        person_id=administrator_id,
        kind=mail.kind,
        of=str(mail.id),
        reason=said,
    )
    defer(session, "send_mail", mail_id=again.id)
    return again
