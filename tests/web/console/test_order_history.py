"""Everything about one order on one page, and a mail sent once more."""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.exchanges.keep_exchanges import keep_exchanges
from app.domain.mails.models import Mail
from app.integrations.exchanges import Exchanged
from app.settings import Settings
from tests.journey import Journey
from tests.traces import jobs
from tests.web.conftest import Fakes
from tests.web.pages import Client

ADMIN = "/en/console/admin"


@pytest.fixture
def journey(settings: Settings, engine: Engine, fakes: Fakes) -> Journey:
    return Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)


def test_one_page_has_the_whole_history_and_a_mail_is_sent_again(
    journey: Journey, session: Session, administrator: Client
):
    order = journey.place(20)
    certificate = journey.complete(order)
    heard = Exchanged(
        "registry",
        "POST /v1/cancellations",
        201,
        None,
        12,
        {"quantity": 20},
        {"status": "completed"},
    )
    with journey.sessions.begin() as other:
        keep_exchanges(other, order.number, [heard], journey.now)
    page = administrator.get(f"{ADMIN}/orders/{order.number}")
    for said in (
        certificate.number,
        "POST /v1/cancellations",
        "order_placed",
        "request_cancellation",
        "cancellation.step",
        "certificate.issued",
        "payment.step",
    ):
        assert said in page.text, said
    assert order.token not in page.response.text
    mail = session.scalars(select(Mail).where(Mail.order_id == order.id, Mail.kind == "certificate")).one()
    form = administrator.get(f"{ADMIN}/mails/{mail.id}/send-again").form()
    assert form.submit(status=422, reason="").error("reason").startswith("Write why.")
    before = len(jobs(session, "send_mail"))
    assert "Done." in form.submit(reason="The buyer lost it.").text
    assert len(jobs(session, "send_mail")) == before + 1
    row = session.scalars(select(AuditEvent).where(AuditEvent.event == "mail.sent_again")).one()
    assert (row.order_id, row.payload["kind"], row.payload["reason"]) == (
        order.id,
        "certificate",
        "The buyer lost it.",
    )
    mail.to = ""
    session.commit()
    assert "has been forgotten" in form.submit(reason="Again.").text
