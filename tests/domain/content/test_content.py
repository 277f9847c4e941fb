"""What a provider shows of an activity: its own activities only, nothing unseen, nothing lost before there is something new."""

import pytest
from sqlalchemy.orm import Session

from app.domain.catalogue.models import Activity
from app.domain.content import add_content as adding
from app.domain.content.add_content import NotTheirs, add_content
from app.domain.content.check_document import check_document
from app.domain.content.decide_content import Act, decide_content
from app.domain.content.models import ActivityContent, ContentKind, ContentState
from app.domain.content.move_picture import move_picture
from app.domain.content.queries import (
    content_for_provider,
    own_activities,
    own_content,
    shown_content,
    shown_file,
)
from app.domain.content.refused import ContentRefused
from app.domain.content.remove_content import remove_content
from app.domain.people.models import Person, Provider, ProviderState
from app.domain.people.reasons import ReasonMissing
from app.domain.states import IllegalStep
from tests.domain.content.pieces import make_picture, sample_picture
from tests.domain.people.samples import make_administrator, make_buyer
from tests.factories import NOW, make_activity, make_mandate, make_offer, make_provider
from tests.traces import mails, steps, trail


@pytest.fixture
def provider(session: Session) -> Provider:
    return make_provider(session)


@pytest.fixture
def activity(session: Session, provider: Provider) -> Activity:
    return make_mandate(session, provider).block.activity


@pytest.fixture
def person(session: Session) -> Person:
    return make_buyer(session, "person@example.org")


@pytest.fixture
def vera(session: Session) -> Person:
    return make_administrator(session, "vera@example.org")


@pytest.fixture
def say(session: Session, provider: Provider, activity: Activity, person: Person):
    """Adds a summary."""

    def say(text: str, language: str = "en") -> ActivityContent:
        return add_content(
            session,
            provider.id,
            activity.activity_ref,
            ContentKind.SUMMARY,
            language,
            text,
            person.id,
            NOW,
        )

    return say


def decide(
    session: Session, content: ActivityContent, act: Act, vera: Person, reason: str = "Because."
) -> None:
    decide_content(session, content.id, act, reason, vera.id, NOW)


def summary(session: Session, activity: Activity, language: str = "en") -> str | None:
    [said] = shown_content(session, activity.activity_ref, language) or [None]
    return said.summary.text if said and said.summary else None


# Whose it is.


def test_an_activity_is_theirs_by_a_mandate_or_an_offer(session: Session, provider: Provider, person: Person):
    offered, held, none = (make_activity(session) for _ in range(3))
    make_mandate(session, provider, activity=held)
    stranger = make_provider(session)
    make_offer(session, provider=provider, mandate=make_mandate(session, stranger, activity=offered))
    assert {each.activity.activity_ref for each in own_activities(session, provider.id)} == {
        offered.activity_ref,
        held.activity_ref,
    }
    with pytest.raises(NotTheirs):
        add_content(
            session, provider.id, none.activity_ref, ContentKind.SUMMARY, "en", "Ours", person.id, NOW
        )


def test_somebody_elses_is_not_found(
    session: Session, provider: Provider, activity: Activity, person: Person
):
    made, neighbour = (
        make_picture(session, provider, activity.activity_ref, person.id),
        make_provider(session),
    )
    assert own_content(session, provider.id, made.id) == made
    assert own_content(session, neighbour.id, made.id) is None
    assert content_for_provider(session, neighbour.id, activity.activity_ref) == []


# Until somebody has looked at it.


def test_nothing_is_shown_before_an_administrator_says_so(
    session: Session, provider: Provider, activity: Activity, person: Person, vera: Person
):
    picture = make_picture(session, provider, activity.activity_ref, person.id, shown=False)
    file = (picture.sha256, ContentKind.PICTURE)
    assert shown_content(session, activity.activity_ref, "en") == []
    assert shown_file(session, *file) is None
    with pytest.raises(ReasonMissing):
        decide(session, picture, Act.SHOW, vera, "")
    decide(session, picture, Act.SHOW, vera)
    [said] = shown_content(session, activity.activity_ref, "en")
    assert (said.provider, said.pictures) == (provider, [picture])
    assert shown_file(session, *file) == sample_picture().content
    assert shown_file(session, *file, small=True) == sample_picture().small
    decide(session, picture, Act.REFUSE, vera)
    assert shown_file(session, *file) is None
    with pytest.raises(IllegalStep):
        decide(session, picture, Act.REFUSE, vera)
    decide(session, picture, Act.SHOW, vera, "A mistake.")
    provider.state = ProviderState.SUSPENDED
    session.flush()
    assert shown_content(session, activity.activity_ref, "en") == []
    assert shown_file(session, *file) is None
    last = trail(session, picture.id)[-1]
    assert (last.actor, last.actor_person_id, last.payload["reason"]) == (
        "administrator",
        vera.id,
        "A mistake.",
    )
    assert steps(session, picture.id) == ["show", "refuse", "show"]


def test_the_provider_is_told_of_a_refusal_with_the_reason(
    session: Session, provider: Provider, vera: Person, say
):
    refused = say("Net zero")
    decide(session, refused, Act.REFUSE, vera, "A claim.")
    sent = mails(session, "content_refused")
    assert [mail.to for mail in sent] == [provider.contact_email]
    assert {(mail.context["reason"], mail.context["words"]) for mail in sent} == {("A claim.", "Net zero")}
    assert refused.reason == "A claim."


# Summaries.


def test_a_summary_stays_until_the_new_one_is_shown(session: Session, activity: Activity, vera: Person, say):
    first = say("First\r\n\r\n  paragraph ")
    assert first.text == "First\nparagraph"
    decide(session, first, Act.SHOW, vera)
    second, french = say("Second"), say("Deuxième", "fr")
    third = say("Third")
    assert say("Third") == third, "the same once more"
    assert second.state == ContentState.REMOVED, "nobody had looked at it yet"
    assert summary(session, activity) == "First\nparagraph"
    decide(session, third, Act.SHOW, vera)
    assert summary(session, activity) == "Third"
    assert (first.state, french.state) == (ContentState.REMOVED, ContentState.WAITING)
    assert steps(session, first.id) == ["show", "replace"]


def test_it_is_read_in_ones_language_else_in_english_else_in_any(
    session: Session, activity: Activity, vera: Person, say
):
    shown = []
    for language in ("es", "en", "fr"):
        decide(session, say(f"Said in {language}", language), Act.SHOW, vera)
        shown.append(summary(session, activity, "fr"))
    assert shown == ["Said in es", "Said in en", "Said in fr"]


# Taking off, ordering, limits.


def test_what_is_removed_is_gone_from_the_page(
    session: Session, provider: Provider, activity: Activity, person: Person
):
    made = make_picture(session, provider, activity.activity_ref, person.id)
    remove_content(session, made, person.id, NOW)
    assert shown_content(session, activity.activity_ref, "en") == []
    assert content_for_provider(session, provider.id, activity.activity_ref) == []
    with pytest.raises(IllegalStep):
        remove_content(session, made, person.id, NOW)


def test_pictures_change_places(session: Session, provider: Provider, activity: Activity, person: Person):
    a, _, c = (make_picture(session, provider, activity.activity_ref, person.id, text=text) for text in "abc")

    def order() -> list[str]:
        session.flush()
        [said] = shown_content(session, activity.activity_ref, "en")
        return [each.text for each in said.pictures]

    move_picture(session, a, earlier=True)
    assert order() == ["a", "b", "c"]
    move_picture(session, c, earlier=True)
    assert order() == ["a", "c", "b"]
    move_picture(session, a, earlier=False)
    assert order() == ["c", "a", "b"]


def test_documents_are_shown_with_their_size(
    session: Session, provider: Provider, activity: Activity, person: Person, vera: Person
):
    made = add_content(
        session,
        provider.id,
        activity.activity_ref,
        ContentKind.DOCUMENT,
        "fr",
        "Rapport",
        person.id,
        NOW,
        file=check_document(b"%PDF-1.7 sample"),
    )
    decide(session, made, Act.SHOW, vera)
    [said] = shown_content(session, activity.activity_ref, "en")
    assert [(each.content, each.size) for each in said.documents] == [(made, 15)]


def test_there_are_limits(
    session: Session,
    provider: Provider,
    activity: Activity,
    person: Person,
    say,
    monkeypatch: pytest.MonkeyPatch,
):
    for text, code in ((" \n ", "text_missing"), ("x" * 1501, "text_too_long")):
        with pytest.raises(ContentRefused) as refused:
            say(text)
        assert refused.value.code == code
    monkeypatch.setattr(adding, "MOST", {ContentKind.PICTURE: 1})
    make_picture(session, provider, activity.activity_ref, person.id, text="one")
    with pytest.raises(ContentRefused) as refused:
        make_picture(session, provider, activity.activity_ref, person.id, text="two")
    assert refused.value.code == "too_many"
