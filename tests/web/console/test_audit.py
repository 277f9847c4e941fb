"""The audit trail as administrators search, export and verify it."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.domain.audit.models import AuditEvent
from app.domain.audit.record import Event, record
from app.domain.people.models import Person
from app.shells.check_trail import check_trail
from tests.factories import NOW, make_offer, make_order
from tests.web.pages import Page, words

AUDIT = "/en/console/admin/audit"


@pytest.fixture
def who(session, administrator) -> Person:
    """The administrator, who has done something, as somebody else has."""
    me = session.scalars(select(Person)).one()
    order = make_order(session, make_offer(session))
    by = {"actor": "administrator", "person_id": me.id}
    record(session, Event.PERSON_ENABLED, "person", "p-1", NOW, reason="Cleared up 100%.", **by)
    said = {"step": "clear", "before": "needs_attention", "after": "paid", "note": "=The bank says so."}
    record(
        session, Event.ORDER_STEP, "order", order.id, NOW + timedelta(days=3), order_id=order.id, **said, **by
    )
    session.commit()
    return me


def events(page: Page) -> list[str]:
    return [words(row.select("td")[1]) for row in page.all("main tbody tr")]


def looked_for(administrator, **query: str) -> list[str]:
    return events(administrator.get(AUDIT, query_string=query))


def test_the_trail_is_searched_by_all_that_one_may_know(session, administrator, who):
    order = session.scalars(text('SELECT number FROM "order"')).one()
    mine = ["order.step", "person.enabled"]
    assert looked_for(administrator, actor="administrator") == mine
    assert looked_for(administrator, person=who.email.upper(), actor="administrator") == mine
    assert looked_for(administrator, person=str(who.id), event="person.enabled") == ["person.enabled"]
    assert looked_for(administrator, person="nobody@example.org") == []
    assert looked_for(administrator, order=order.lower()) == ["order.step", "order.step"]
    assert looked_for(administrator, reason="bank SAYS") == ["order.step"]
    assert looked_for(administrator, reason="0%") == ["person.enabled"]
    assert looked_for(administrator, reason="r%p") == []
    day = f"{NOW:%Y-%m-%d}"
    assert "person.enabled" in looked_for(administrator, since=day, until=day)
    assert looked_for(administrator, until=day, actor="administrator") == ["person.enabled"]
    page = administrator.get(AUDIT, query_string={"since": "tomorrow"})
    assert page.error("since") == "Enter a day, such as 2026-11-30."
    assert page.one("#since")["value"] == "tomorrow"


def test_reasons_have_a_column_of_their_own(administrator, who):
    page = administrator.get(AUDIT, query_string={"actor": "administrator"})
    shown = [words(each) for each in page.all("td[data-label=Reason]")]
    assert shown == ["=The bank says so.", "Cleared up 100%."]
    assert "bank" not in words(page.all("td.payload")[0])


def test_what_is_looked_for_is_exported_and_the_trail_says_so(session, administrator, who):
    page = administrator.get(AUDIT, query_string={"actor": "administrator", "reason": "bank"})
    file = page.form(f"{AUDIT}/export").submit().response
    assert file.mimetype == "text/csv"
    assert "attachment" in file.headers["Content-Disposition"]
    [row] = csv.DictReader(io.StringIO(file.get_data(as_text=True).removeprefix("\ufeff")))
    order = session.execute(text('SELECT id::text, number FROM "order"')).one()
    assert (row["event"], row["entity_id"], row["order"]) == ("order.step", order.id, order.number)
    assert row["reason"] == "'=The bank says so.", "no formula for a spreadsheet"
    assert (row["person"], row["person_id"]) == (who.name, str(who.id))
    said = session.scalars(select(AuditEvent).where(AuditEvent.event == "audit_event.exported")).one()
    assert said.payload == {"filters": {"actor": "administrator", "reason": "bank"}}
    assert (said.actor, said.actor_person_id) == ("administrator", who.id)


def test_the_trail_is_verified_now(app, session, administrator, who):
    works = app.extensions["vcp_works"]
    page = administrator.get(AUDIT)
    assert "has not been verified yet" in page.text
    page = page.form(f"{AUDIT}/check").submit()
    assert page.one("#check")["hx-trigger"] == "every 2s"
    assert not page.forms(f"{AUDIT}/check"), "once is enough"
    session.execute(text("DELETE FROM procrastinate_jobs"))
    check_trail(works, who.id)
    session.commit()
    part = administrator.get(AUDIT, headers={"HX-Request": "true"})
    assert "The trail is whole" in part.text
    said = session.scalars(select(AuditEvent).where(AuditEvent.event == "audit_event.verified")).one()
    assert said.actor_person_id == who.id
    assert said.payload["hash"] in part.text
    gone = session.scalars(select(AuditEvent.id).where(AuditEvent.event == "person.enabled")).one()
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("DELETE FROM audit_event WHERE id = :id"), {"id": gone})
    session.commit()
    check_trail(works)
    page = administrator.get(AUDIT)
    assert "The trail is broken in one place" in page.text
    assert f"Row {gone} is missing." in page.text
