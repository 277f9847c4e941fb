"""Settings as administrators change them, and what everybody sees of it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import event, select

from app.domain.audit.models import AuditEvent
from app.domain.orders.models import Consent
from app.domain.settings.models import SettingVersion
from app.web.support import site_settings
from tests.factories import make_activity, make_offer, set_setting
from tests.web.pages import Page, words
from tests.web.public.steps import CONSENTS, fill_in, put

SETTINGS = "/en/console/admin/settings"


def said(session) -> AuditEvent:
    session.expire_all()
    return session.scalars(select(AuditEvent).where(AuditEvent.event == "setting.changed")).one()


def test_a_number_is_changed_with_a_reason_and_its_history_is_shown(session, administrator):
    page = administrator.get(SETTINGS)
    assert "60 minutes" in page.text
    assert page.text.count("never changed") == 9
    page = page.follow("Holding units for a payment")
    assert page.one("#value")["value"] == "60"
    page = page.form().submit(value="75", reason="Banks ask twice.")
    assert page.url == SETTINGS
    row = next(each for each in page.all("tbody tr") if "75 minutes" in words(each))
    assert "Vera Sample: Banks ask twice." in words(row)
    page = page.follow("Holding units for a payment")
    assert "75 minutes" in words(page.one("section[aria-labelledby=history]"))
    row = said(session)
    assert (row.actor, row.payload["before"], row.payload["after"]) == ("administrator", 60, 75)
    assert row.actor_person_id == session.scalars(select(SettingVersion.set_by)).one()


def test_what_cannot_be_is_told_and_kept(session, administrator):
    form = administrator.get(f"{SETTINGS}/hold_minutes").form()
    page = form.submit(value="5", reason="", status=422)
    assert page.error("reason").startswith("Write why.")
    page = form.submit(value="5", reason="Quick.", status=422)
    assert page.error("value") == "Enter a whole number, from 40 to 180 minutes."
    assert page.form().fields["value"] == ["5"]
    assert page.form().fields["reason"] == ["Quick."]
    form.submit(value="50", reason="First.")
    page = form.submit(value="55", reason="Second.", status=422)
    assert "Somebody else has changed this meanwhile" in page.text
    assert "First." in page.text, "the history says what and why"
    page = page.form().submit()
    assert "55 minutes" in page.text
    page = (
        administrator.get(f"{SETTINGS}/featured_activities")
        .form()
        .submit(value="A6.4-XX-000000", reason="x", status=422)
    )
    assert page.error("value") == "The registry has told us of no activity A6.4-XX-000000."
    form = administrator.get(f"{SETTINGS}/notice").form()
    page = form.submit(**{"text-en": "Only here", "since": "noon"}, reason="x", status=422)
    assert set(page.errors) == {"text-fr", "since"}


def cards(page: Page) -> list[str]:
    return [words(each) for each in page.all(".project h3")]


def test_featured_projects_come_first_and_are_marked(session, client, administrator):
    for number in range(4):
        make_offer(
            session, activity=make_activity(session, f"A6.4-MW-00000{number}", title=f"Sample {number}")
        )
    session.commit()
    last = cards(client.get("/en/projects"))[-1]
    number = last[-1]
    form = administrator.get(f"{SETTINGS}/featured_activities").form()
    form.submit(value=f" A6.4-MW-00000{number} \n\n", reason="On the front of the report.")
    page = client.get("/en/projects")
    assert cards(page)[0] == last
    marked = [each for each in page.all(".project") if "Featured" in words(each)]
    assert [words(each.h3) for each in marked] == [last]
    assert cards(client.get("/en/projects?sort=title")) == [f"Sample {each}" for each in range(4)]


def test_a_notice_stands_on_every_page_in_the_readers_language_for_its_time(session, client, administrator):
    form = administrator.get(f"{SETTINGS}/notice").form()
    soon = datetime.now(UTC) + timedelta(hours=1)
    typed = {
        "text-en": "Closed on Sunday.",
        "text-fr": "Fermé dimanche.",
        "text-es": "Cerrado el domingo.",
        "kind": "wait",
    }
    form.submit(**typed, until=f"{soon:%Y-%m-%dT%H:%M}", reason="Work on the registry.")
    assert words(client.get("/en/projects").one(".banner .notice.wait")) == "Closed on Sunday."
    assert words(client.get("/fr/find-order").one(".banner")) == "Fermé dimanche."
    page = administrator.get(f"{SETTINGS}/notice")
    assert page.one(".banner")
    assert page.form().fields["until"] == [f"{soon:%Y-%m-%dT%H:%M}"]
    page.form().submit(since=f"{soon - timedelta(minutes=30):%Y-%m-%dT%H:%M}", reason="Later.")
    assert not client.get("/en/projects").all(".banner")


def test_no_page_costs_a_query_for_the_settings_that_all_of_them_show(engine, client, session, monkeypatch):
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    clock = [100.0]
    monkeypatch.setattr(site_settings.time, "monotonic", lambda: clock[0])
    for _ in range(3):
        client.get("/en/projects")
    assert sum("setting_version" in each for each in asked) == 1
    set_setting(session, "notice", {"kind": "info", "texts": {"en": "New."}, "since": None, "until": None})
    session.commit()
    assert not client.get("/en/projects").all(".banner")
    clock[0] += 5.1
    assert client.get("/en/projects").one(".banner"), "other processes follow within seconds"


def test_pages_stand_without_the_database(alone):
    assert alone.test_client().get("/en/find-order").status_code == 200
    assert alone.test_client().get("/en/nowhere").status_code == 404


# Texts.


def test_terms_are_written_read_and_put_into_force(session, administrator, client):
    offer = make_offer(session)
    session.commit()
    put(client, offer)
    read = fill_in(client)
    page = administrator.get(SETTINGS).follow("Terms and boxes to tick")
    form = page.form()
    assert "I buy these units from {sellers}" in form.fields["en.terms"][0]
    assert "{sellers}" in form.fields["fr.terms"][0] != form.fields["en.terms"][0]
    page = form.submit(**{"en.terms": "Nobody is named.", "en.points": "First.\nSecond."}, status=422)
    assert "{sellers}" in page.error("en.terms")
    assert page.form().fields["en.points"] == ["First.\r\nSecond."] or page.form().fields["en.points"] == [
        "First.\nSecond."
    ]
    page = administrator.get(f"{SETTINGS}/texts/terms")
    assert "It is not in force." in page.text
    page = page.form().submit(**{"en.terms": "I buy from {sellers}."})
    assert page.url == f"{SETTINGS}/texts/terms/publish"
    assert "I buy from Sample Stoves Ltd." in page.text
    assert "I buy from" not in client.get("/en/checkout/confirm").text
    page = page.form().submit(reason="Confirmed by a lawyer.")
    assert page.url == SETTINGS
    assert "Changed words" in page.text
    assert set(said(session).payload["after"]) == {"en.terms", "en.points"}
    # Whoever had read the terms before reads them once more.
    again = read.form("/en/checkout/confirm").submit(**CONSENTS)
    assert "the terms have changed" in again.text
    assert [words(each) for each in again.all("section[aria-labelledby=terms-title] li")] == [
        "First.",
        "Second.",
    ]
    assert f"I buy from {offer.provider.legal_name}." in again.text
    again.form("/en/checkout/confirm").submit(follow=False, status=303, **CONSENTS)
    version = f"{datetime.now(UTC):%Y-%m-%d}.1"
    assert set(session.scalars(select(Consent.text_version))) == {version}
    assert version in administrator.get(f"{SETTINGS}/texts/terms").text


def test_statements_are_shown_as_a_certificate_would_say_them(session, administrator):
    page = administrator.get(f"{SETTINGS}/texts/statements")
    page = page.form().submit(**{"en.uses.OP": "other things"})
    assert "1,200 A6.4ERs, authorized by the host Party (Malawi)" in page.text
    assert "and other things" in page.text
    page = page.form().submit(reason="  ", status=422)
    assert page.error("reason").startswith("Write why.")
    page.form().submit(reason="Agreed.")
    assert said(session).payload["after"] == {"en.uses.OP": "other things"}
    page = administrator.get(f"{SETTINGS}/texts/statements/publish")
    assert page.url == f"{SETTINGS}/texts/statements", "there is no draft any more"
