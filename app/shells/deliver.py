"""Write one mail in its reader's language and hand it to the mail server."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.mails.models import Mail
from app.domain.mails.record_sending import begin_sending, record_problem, record_sent
from app.domain.orders.models import Order
from app.integrations.errors import NeighbourError, Refused
from app.integrations.mail.interface import Message
from app.logs import about_order
from app.shells.works import Works

Write = Callable[[Session, Mail], Message]


def deliver(works: Works, write: Write, mail_id: UUID) -> None:
    """Send a queued mail. Raises TryAgain for another attempt; a refusal for good is recorded.

    A crash after the server took it sends it again with the same Message-ID.
    """
    with works.sessions.begin() as session:
        mail = begin_sending(session, mail_id)
        if mail is None:
            return
        if mail.order_id is not None:
            about_order(session.get_one(Order, mail.order_id).number)
        message = write(session, mail)
    try:
        works.neighbours.mailer.send(message)
    except NeighbourError as error:
        with works.sessions.begin() as session:
            record_problem(session, mail_id, str(error), final=isinstance(error, Refused))
        if isinstance(error, Refused):
            return
        raise
    with works.sessions.begin() as session:
        record_sent(session, mail_id, works.now())
