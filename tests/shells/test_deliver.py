"""A mail goes out once; a mail server that is away is tried again, one that refuses is believed."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.domain.mails.models import Mail, MailState
from app.domain.mails.queue_mail import queue_mail
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.mail.interface import Message
from app.shells.deliver import deliver
from tests.journey import Journey
from tests.town import plain_mail
from tests.traces import jobs, mails


@pytest.fixture
def mail_id(journey: Journey) -> UUID:
    with journey.sessions.begin() as session:
        queue_mail(session, "your_links", once="once", to="buyer@example.org", language="fr", now=journey.now)
        (mail,) = mails(session, "your_links")
        return mail.id


def fresh(journey: Journey, mail_id: UUID) -> Mail:
    with journey.sessions() as session:
        return session.get_one(Mail, mail_id)


def test_it_is_sent_once(journey: Journey, mail_id: UUID):
    for _ in range(2):
        deliver(journey.works, plain_mail, mail_id)
    (message,) = journey.mailer.sent
    assert (message.id, message.to, message.language) == (str(mail_id), "buyer@example.org", "fr")
    mail = fresh(journey, mail_id)
    assert (mail.state, mail.attempts, mail.problem) == (MailState.SENT, 1, None)
    assert mail.sent_at is not None


@pytest.mark.parametrize("error", [TryAgain("away", "421"), OutcomeUnknown("timeout", "421")], ids=str)
def test_a_server_that_is_away_is_counted_and_tried_again(journey: Journey, mail_id: UUID, error):
    for attempts in (1, 2):
        journey.mailer.fail_next(error)
        with pytest.raises(type(error)):
            deliver(journey.works, plain_mail, mail_id)
        mail = fresh(journey, mail_id)
        assert (mail.state, mail.attempts, mail.problem) == (MailState.QUEUED, attempts, str(error))
    deliver(journey.works, plain_mail, mail_id)
    mail = fresh(journey, mail_id)
    assert (mail.state, mail.attempts, mail.problem) == (MailState.SENT, 3, None)
    assert len(journey.mailer.sent) == 1


def test_a_refusal_is_final_and_seen(journey: Journey, mail_id: UUID):
    journey.mailer.fail_next(Refused("mailbox_unknown", "550"))
    for _ in range(2):
        deliver(journey.works, plain_mail, mail_id)
    mail = fresh(journey, mail_id)
    assert (mail.state, mail.attempts, mail.problem) == (MailState.FAILED, 1, "mailbox_unknown: 550")
    assert (journey.mailer.sent, mail.sent_at) == ([], None)


def test_a_mail_that_cannot_be_written_yet_stays_queued(journey: Journey, mail_id: UUID):
    def write(_: Session, __: Mail) -> Message:
        raise LookupError("no certificate yet")

    with pytest.raises(LookupError):
        deliver(journey.works, write, mail_id)
    assert fresh(journey, mail_id).state == MailState.QUEUED
    assert journey.mailer.sent == []


def test_the_same_mail_is_owed_once(journey: Journey, mail_id: UUID):
    with journey.sessions.begin() as session:
        queue_mail(session, "your_links", once="once", to="else@example.org", language="en", now=journey.now)
        assert [mail.id for mail in mails(session, "your_links")] == [mail_id]
        assert jobs(session, "send_mail") == [{"mail_id": str(mail_id)}]
