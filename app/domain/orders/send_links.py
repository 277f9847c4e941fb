"""Somebody asks for the links to their orders: they are mailed to the address, and nobody else learns anything."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.mails.queries import mails_since
from app.domain.mails.queue_mail import queue_mail
from app.domain.orders.queries import orders_of_address

LOOK_BACK = timedelta(days=730)  # orders this old are still listed
ONCE_IN = timedelta(hours=1)  # an address gets this mail


def send_links(session: Session, email: str, language: str, now: datetime) -> None:
    """Queue the mail `your_links` where there are orders of the address. The caller commits.

    Whether there are, and whether the mail went out within the last hour, shows in nothing but the mail:
    the trail gets a row in any case, so that the answer takes the same path to the disk.
    """
    digest = hashlib.sha256(email.lower().encode()).hexdigest()
    orders = orders_of_address(session, email, now - LOOK_BACK)
    wanted = bool(orders) and not mails_since(session, "your_links", email, now - ONCE_IN)
    if wanted:
        queue_mail(
            session,
            "your_links",
            # Two requests at the same moment both see no mail; the second is not queued.
            once=f"your_links:{digest}:{now:%Y-%m-%dT%H}",
            # As the buyer wrote it, never as somebody asked for it: lower case is no proof of sameness.
            to=orders[0].email,
            language=language,
            now=now,
        )
    record(session, Event.LINKS_SENT, "address", digest, now, actor="buyer", queued=wanted)
