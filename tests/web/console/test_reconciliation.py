"""Comparing with the registry and looking after jobs, as an administrator sees it; and the number for everybody."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.jobs.note_run import note_begin, note_end
from app.domain.later import defer
from app.domain.reconciliation.models import ReconciliationRun
from app.settings import Settings
from app.shells.reconcile import reconcile
from tests.factories import NOW
from tests.journey import Journey
from tests.traces import jobs
from tests.web.conftest import Fakes
from tests.web.pages import Client, words

ADMIN = "/en/console/admin"


@pytest.fixture
def journey(settings: Settings, engine: Engine, fakes: Fakes) -> Journey:
    return Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)


def run_it(journey: Journey) -> None:
    """As the worker does with the run that waits."""
    with journey.sessions() as session:
        run = session.scalars(select(ReconciliationRun).where(ReconciliationRun.ended_at.is_(None))).one()
    reconcile(journey.works, run.id)


def test_a_difference_is_found_read_again_and_explained(
    journey: Journey, session: Session, administrator: Client, client: Client
):
    page = administrator.get(f"{ADMIN}/reconciliation")
    assert "Never compared." in page.text
    assert "Never compared." in client.get("/en/comparison").text
    journey.complete(journey.place(20))
    journey.passed += timedelta(hours=2)
    [known] = journey.registry._cancellations.values()
    journey.registry._keep(replace(known, cancellation_id="CAN-X", client_reference="somebody-elses"))
    page = page.form(f"{ADMIN}/reconciliation").submit()
    assert "A comparison is under way" in page.text
    run_it(journey)
    title = "The registry has a cancellation that is not known here"
    page = administrator.get(f"{ADMIN}/reconciliation")
    assert "1 open difference" in page.text.replace("open difference 1", "1 open difference")
    assert "difference 1" in client.get("/en/comparison").text
    page = page.follow(title)
    assert "somebody-elses" in page.text
    page.form(f"{page.url}/read-again").submit()
    run_it(journey)
    form = administrator.get(page.url).follow("Explain…").form()
    assert form.submit(status=422, reason="").error("reason").startswith("Write why.")
    assert "Explained" in form.submit(reason="A trial of the registry's.").text
    assert "One more difference has been explained" in client.get("/en/comparison").text
    row = session.scalars(select(AuditEvent).where(AuditEvent.event == "difference.step")).one()
    assert row.payload["reason"] == "A trial of the registry's."
    asked = select(AuditEvent.actor).where(AuditEvent.event == "reconciliation_run.asked")
    assert session.scalars(asked).all() == ["administrator", "administrator"]


def test_a_job_that_was_given_up_is_tried_again(session: Session, administrator: Client):
    assert "No job was given up" in administrator.get(f"{ADMIN}/jobs").text
    defer(session, "expire_order", order_id="11111111-1111-1111-1111-111111111111")
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
    note_begin(session, "sweep", NOW)
    note_end(session, "sweep", NOW, "ValueError: secret detail")
    session.commit()
    assert "1" in words(administrator.get(ADMIN).one(f'.figures a[href="{ADMIN}/jobs"]').parent.parent)
    page = administrator.get(f"{ADMIN}/jobs")
    assert "ValueError" in page.text
    assert "secret detail" not in page.text
    form = page.follow("Try again…").form()
    assert form.submit(status=422, reason=" ").error("reason").startswith("Write why.")
    assert "No job was given up" in form.submit(reason="The database was full.").text
    assert len(jobs(session, "expire_order")) == 1
    assert "not among the failed ones" in form.submit(reason="Again.").text
    row = session.scalars(select(AuditEvent).where(AuditEvent.event == "job.retried")).one()
    assert (row.actor, row.payload) == (
        "administrator",
        {"task": "expire_order", "reason": "The database was full."},
    )


def test_a_periodic_job_that_went_well_after_all_says_so(session: Session, administrator: Client):
    note_begin(session, "sweep", NOW)
    note_end(session, "sweep", NOW, "ValueError: x")
    note_begin(session, "sweep", NOW)
    session.commit()
    assert "Under way" in administrator.get(f"{ADMIN}/jobs").text
    note_end(session, "sweep", NOW)
    session.commit()
    page = administrator.get(f"{ADMIN}/jobs")
    assert "Done" in page.text
    assert "Failed" not in page.text
