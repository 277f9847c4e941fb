"""Settings: what counts, since when, and who said so."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.certificates.words_in_force import shipped_statements, words_in_force
from app.domain.orders.consents import TEXT_VERSION, text_version
from app.domain.people.models import Person
from app.domain.people.reasons import ReasonMissing
from app.domain.settings.change_setting import ChangedMeanwhile, SettingRefused, change_setting
from app.domain.settings.keep_draft import keep_draft
from app.domain.settings.notice import Notice
from app.domain.settings.publish_texts import NoDraft, publish_texts
from app.domain.settings.queries import (
    draft_of,
    featured_activities,
    history,
    newest,
    notice,
    number,
    span,
    texts,
)
from app.domain.settings.settings import SETTINGS
from app.domain.settings.texts import fill, problems_of
from tests.factories import NOW, make_activity, make_offer, make_order

LANGUAGES = ("en", "fr", "es")
LATER = NOW + timedelta(days=2)
SHIPPED = {
    language: {
        "points": "A.\nB.",
        "terms": "From {sellers}.",
        "immediate": "Now.",
        "second_payment": "{seller}",
    }
    for language in LANGUAGES
}


@pytest.fixture
def administrator(session: Session) -> UUID:
    who = Person(
        id=uuid4(), issuer="i", subject="s", realm="registry", email="vera@example.org", email_verified=True,
        name="Vera Sample", created_at=NOW, last_signed_in_at=NOW,
    )  # fmt: skip
    session.add(who)
    session.flush()
    return who.id


@pytest.fixture
def change(session: Session, administrator: UUID) -> Any:
    def changed(name: str, value: Any, seen: int = 0, reason: str = "Asked for by sellers.") -> None:
        change_setting(
            session,
            name,
            value,
            seen=seen,
            reason=reason,
            administrator_id=administrator,
            now=LATER,
            languages=LANGUAGES,
        )

    return changed


def trail(session: Session) -> list[dict[str, Any]]:
    rows = select(AuditEvent.payload).where(AuditEvent.event == "setting.changed").order_by(AuditEvent.id)
    return list(session.scalars(rows))


def test_a_number_counts_from_now_on_and_the_trail_says_what_it_was(session, change, administrator):
    assert span(session, "hold_minutes") == timedelta(minutes=60)
    change("hold_minutes", 90)
    assert span(session, "hold_minutes") == timedelta(minutes=90)
    order = make_order(session, make_offer(session))
    assert order.hold_until - order.placed_at == timedelta(minutes=90)
    change("hold_minutes", 45, seen=1, reason=" Too long. ")
    assert trail(session) == [
        {"name": "hold_minutes", "before": 60, "after": 90, "version": 1, "reason": "Asked for by sellers."},
        {"name": "hold_minutes", "before": 90, "after": 45, "version": 2, "reason": "Too long."},
    ]
    assert [(row.value, row.version, row.person.name) for row in history(session, "hold_minutes")] == [
        (45, 2, "Vera Sample"),
        (90, 1, "Vera Sample"),
    ]
    assert {name: row.value for name, row in newest(session).items()} == {"hold_minutes": 45}


@pytest.mark.parametrize("name", [each.name for each in SETTINGS.values() if each.is_number])
def test_a_number_has_limits(session, change, name):
    setting = SETTINGS[name]
    for value in (setting.least - 1, setting.most + 1):
        with pytest.raises(SettingRefused, match="range"):
            change(name, value)
    change(name, setting.least)
    change(name, setting.most, seen=1)
    assert number(session, name) == setting.most


def test_nothing_is_changed_without_a_reason_or_into_what_it_is(session, change):
    with pytest.raises(ReasonMissing):
        change("unpaid_orders", 7, reason=" ")
    with pytest.raises(SettingRefused, match="same"):
        change("unpaid_orders", 5)
    assert (number(session, "unpaid_orders"), trail(session)) == (5, [])


def test_the_second_of_two_who_change_at_once_is_told(session, change):
    change("choice_days", 20)
    with pytest.raises(ChangedMeanwhile):
        change("choice_days", 30)
    assert span(session, "choice_days") == timedelta(days=20)


def test_activities_are_featured_in_their_order_and_must_be_known(session, change):
    one, other = make_activity(session).activity_ref, make_activity(session).activity_ref
    change("featured_activities", [other, one, other])
    assert featured_activities(session) == (other, one)
    with pytest.raises(SettingRefused) as refused:
        change("featured_activities", [one, "A6.4-XX-000000"], seen=1)
    assert (refused.value.problem, refused.value.what) == ("unknown", "A6.4-XX-000000")
    with pytest.raises(SettingRefused, match="too_many"):
        change("featured_activities", [str(each) for each in range(7)], seen=1)
    change("featured_activities", [], seen=1)
    assert featured_activities(session) == ()


def test_a_notice_is_there_in_every_language_and_for_its_time(session, change):
    given = Notice("wait", dict.fromkeys(LANGUAGES, "Closed on Sunday."), NOW, LATER)
    change("notice", given)
    assert notice(session) == given
    assert [given.shown_at(NOW), given.shown_at(LATER)] == [True, False]
    assert not given.shown_at(NOW - timedelta(seconds=1))
    for wrong, problem in (
        (replace(given, texts={"en": "Only in English."}), "texts"),
        (replace(given, texts={**given.texts, "fr": "x" * 301}), "texts"),
        (replace(given, since=LATER, until=NOW), "period"),
        (replace(given, kind="trouble"), "unknown"),
    ):
        with pytest.raises(SettingRefused, match=problem):
            change("notice", wrong, seen=1)
    change("notice", None, seen=1)
    assert notice(session) is None


def test_settings_are_asked_for_once_in_a_transaction(session):
    asked: list[str] = []
    engine = session.get_bind().engine

    def count(_connection, _cursor, statement, *_rest):  # type: ignore[no-untyped-def]
        if "setting_version" in statement:
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        for name in ("hold_minutes", "unpaid_orders"):
            number(session, name)
        texts(session, "terms", "en")
        assert len(asked) == 1
        session.commit()
        number(session, "hold_minutes")
        assert len(asked) == 2
    finally:
        event.remove(engine, "before_cursor_execute", count)


# Texts.


def publish(
    session: Session, words: dict[str, dict[str, str]], by: UUID, name: str = "terms", **values: Any
) -> None:
    draft = keep_draft(session, name, words, by, LATER)
    shipped = SHIPPED if name == "terms" else shipped_statements(LANGUAGES)
    given = {"read_at": draft.written_at, "reason": "Confirmed by a lawyer.", **values}
    publish_texts(session, name, shipped, administrator_id=by, now=LATER, **given)


def changed(language: str, word: str, said: str) -> dict[str, dict[str, str]]:
    return {**SHIPPED, language: {**SHIPPED[language], word: said}}


def test_words_are_in_force_once_they_are_published(session, administrator):
    assert (texts(session, "terms", "fr"), text_version(session, "fr")) == (None, TEXT_VERSION)
    words = changed("fr", "immediate", "Tout de suite.")
    keep_draft(session, "terms", words, administrator, LATER)
    assert text_version(session, "fr") == TEXT_VERSION, "a draft counts for nothing"
    publish(session, words, administrator)
    found = texts(session, "terms", "fr")
    assert found is not None
    assert (found.label, found.words["immediate"]) == ("2026-11-25.1", "Tout de suite.")
    assert text_version(session, "en") == "2026-11-25.1", "one version in all languages"
    assert draft_of(session, "terms") is None
    [said] = trail(session)
    assert (said["before"], said["after"]) == ({"fr.immediate": "Now."}, {"fr.immediate": "Tout de suite."})
    publish(session, changed("en", "immediate", "At once."), administrator)
    assert [row.version for row in history(session, "terms")] == [2, 2, 2, 1, 1, 1], "the old ones stay"
    assert trail(session)[1]["before"] == {"en.immediate": "Now.", "fr.immediate": "Tout de suite."}


@pytest.mark.parametrize(
    ("word", "said", "problem"),
    [
        ("terms", "", "missing"),
        ("terms", "Nobody is named.", "placeholders"),
        ("terms", "{sellers} and {price}", "placeholders"),
        ("terms", "{sellers!r}", "placeholders"),
        ("terms", "{sellers.secret}", "placeholders"),
        ("immediate", "a brace { alone", "placeholders"),
        ("immediate", "x" * 2001, "too_long"),
    ],
)
def test_words_that_cannot_be_used_are_not_published(session, administrator, word, said, problem):
    words = changed("es", word, said)
    assert problems_of("terms", words, SETTINGS["terms"].most) == {("es", word): problem}
    with pytest.raises(SettingRefused, match="texts"):
        publish(session, words, administrator)
    assert texts(session, "terms", "es") is None


def test_what_was_not_read_is_not_published(session, administrator):
    with pytest.raises(NoDraft):
        publish_texts(
            session, "terms", SHIPPED, read_at=LATER, reason="x", administrator_id=administrator, now=LATER
        )
    with pytest.raises(SettingRefused, match="same"):
        publish(session, SHIPPED, administrator)
    words = changed("en", "immediate", "At once.")
    with pytest.raises(ChangedMeanwhile):
        publish(session, words, administrator, read_at=NOW)
    with pytest.raises(ReasonMissing):
        publish(session, words, administrator, reason="")
    publish(session, words, administrator)
    # Whoever had begun before that writes over what they have not seen.
    keep_draft(session, "terms", changed("en", "immediate", "Soon."), administrator, LATER)
    session.execute(text("UPDATE setting_draft SET base = 0"))
    session.expire_all()
    with pytest.raises(ChangedMeanwhile):
        publish_texts(
            session, "terms", SHIPPED, read_at=LATER, reason="x", administrator_id=administrator, now=LATER
        )


def test_certificates_take_the_words_in_force_with_their_version(session, administrator):
    words = shipped_statements(LANGUAGES)
    before = words_in_force(session, "fr")
    words["fr"] = {
        **words["fr"],
        "uses.OP": "autre chose",
        "AER.one": "{quantity} {host} {uses} {day} {beneficiary} !",
    }
    publish(session, words, administrator, "statements")
    after = words_in_force(session, "fr")
    assert after.version == "2026-11-25.1" != before.version
    assert after.words["classes"]["AER"]["one"].endswith("!")
    assert after.words["uses"]["OP"] == "autre chose"
    assert after.words["classes"]["MCER"] == before.words["classes"]["MCER"]
    assert (after.words["and"], after.words["unnamed"]) == (before.words["and"], before.words["unnamed"])


def test_braces_in_a_name_fill_nothing():
    assert fill("{seller} {{paid}} {seller}", {"seller": "{day}"}) == "{day} {paid} {day}"


def test_the_database_refuses_to_forget_a_version(session, change):
    change("unpaid_orders", 9)
    with pytest.raises(Exception, match="append-only"):
        session.execute(text("UPDATE setting_version SET value = '1'"))
