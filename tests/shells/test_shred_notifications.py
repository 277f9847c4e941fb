"""The night's job commits what it has shredded."""

from datetime import timedelta

from sqlalchemy import select

from app.domain.payments.keep_notification import keep_registry_event
from app.domain.payments.models import Notification
from app.domain.payments.shred_notifications import KEEP_RAW
from app.shells.shred_notifications import shred_old_notifications
from tests.journey import Journey


def test_what_is_older_than_thirteen_months_is_emptied(journey: Journey):
    with journey.sessions.begin() as session:
        for number, age in enumerate((KEEP_RAW + timedelta(days=1), KEEP_RAW - timedelta(days=1))):
            keep_registry_event(session, str(number), "mandate.changed", "MND-1", b"{}", journey.now - age)
    shred_old_notifications(journey.works)
    with journey.sessions() as session:
        rows = session.scalars(select(Notification).order_by(Notification.received_at))
        assert [row.raw for row in rows] == [b"", b"{}"]
