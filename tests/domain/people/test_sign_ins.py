"""Persons and their sign-ins: keyed on issuer and subject, ended for good, raised only by proof."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.domain.audit.models import AuditEvent
from app.domain.people.begin_attempt import begin_attempt
from app.domain.people.elevate_sign_in import ElevationRefused, elevate_sign_in
from app.domain.people.end_by_logout_token import end_by_logout_token
from app.domain.people.end_everywhere import end_everywhere
from app.domain.people.end_sign_in import end_sign_in
from app.domain.people.hashes import new_token, token_hash
from app.domain.people.lifetimes import idle_limit, why_over
from app.domain.people.models import EndedWhy, LogoutToken, Person, Realm, SignIn, SignInAttempt
from app.domain.people.queries import sign_in_by_token, sign_ins_under_way
from app.domain.people.renew_sign_in import renew_sign_in
from app.domain.people.sign_in_person import PersonRefused, sign_in_person
from app.domain.people.sweep_sign_ins import sweep_sign_ins
from app.domain.people.take_attempt import AttemptRefused, take_attempt
from app.domain.people.touch import touch
from app.integrations.identity.interface import LoggedOut
from tests.domain.people.samples import CLAIMS, claims, make_sign_in, sealed
from tests.factories import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)


def events(session) -> list[str]:
    session.flush()
    return list(session.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))


# Who it is.


def test_the_same_subject_of_the_same_issuer_is_the_same_person(session):
    first = make_sign_in(session, subject="s", email="old@example.org", name="Ana")
    later = make_sign_in(session, now=NOW + DAY, subject="s", email="new@example.org", name="Ana B.")
    assert later.person_id == first.person_id
    person = later.person
    assert (person.email, person.name, person.created_at, person.last_signed_in_at) == (
        "new@example.org",
        "Ana B.",
        NOW,
        NOW + DAY,
    )


@pytest.mark.parametrize("other", [{"subject": "t"}, {"issuer": "https://login.example.org/realms/registry"}])
def test_another_subject_or_another_issuer_is_somebody_else_whatever_the_address(session, other):
    mine = {"subject": "s", "issuer": CLAIMS.issuer, "email": "same@example.org"}
    assert make_sign_in(session, **mine).person_id != make_sign_in(session, **(mine | other)).person_id


@pytest.mark.parametrize("column", ["disabled_at", "erased_at"])
def test_who_is_disabled_or_erased_does_not_sign_in(session, column):
    person = make_sign_in(session, subject="s").person
    setattr(person, column, NOW)
    session.flush()
    with pytest.raises(PersonRefused, match=column.removesuffix("_at")):
        make_sign_in(session, subject="s")
    assert session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_two_browsers_that_bring_a_new_person_at_once_make_one(sessions):
    together = threading.Barrier(4)

    def bring(_: int) -> None:
        with sessions.begin() as session:
            together.wait(20)
            sign_in_person(
                session, CLAIMS, sealed(), NOW, realm=Realm.PUBLIC, token=new_token(), language="en"
            )

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(bring, range(4)))
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1
        assert session.scalar(select(func.count()).select_from(SignIn)) == 4


def test_a_sign_in_is_found_by_its_token_in_its_realm(session):
    made = make_sign_in(session, token="the-token")
    assert made.token_hash == token_hash("the-token")
    assert sign_in_by_token(session, Realm.PUBLIC, "the-token") is made
    assert sign_in_by_token(session, Realm.REGISTRY, "the-token") is None
    assert sign_in_by_token(session, Realm.PUBLIC, "another") is None


# How long it lasts.


@pytest.mark.parametrize(
    "realm,roles,idle,absolute",
    [
        (Realm.PUBLIC, set(), 30 * DAY, 30 * DAY),
        # A role's name in the buyers' realm would mean nothing; it must not lengthen anything either.
        (Realm.REGISTRY, {"provider"}, 8 * HOUR, 12 * HOUR),
        (Realm.REGISTRY, set(), 8 * HOUR, 12 * HOUR),
        (Realm.REGISTRY, {"registry-administrator"}, 30 * MINUTE, 12 * HOUR),
        (Realm.REGISTRY, {"provider", "registry-administrator"}, 30 * MINUTE, 12 * HOUR),
    ],
    ids=["buyer", "provider", "nobody yet", "administrator", "both"],
)
def test_lifetimes(session, realm, roles, idle, absolute):
    made = make_sign_in(session, realm, roles=frozenset(roles))
    assert idle_limit(made) == idle
    assert made.ends_at == NOW + absolute
    assert why_over(made, NOW + idle - SECOND) is None
    assert why_over(made, NOW + idle) in {EndedWhy.IDLE, EndedWhy.EXPIRED}
    made.last_used_at = NOW + absolute - SECOND
    assert why_over(made, NOW + absolute - SECOND) is None
    assert why_over(made, NOW + absolute) is EndedWhy.EXPIRED


def test_being_disabled_ends_it_at_once(session):
    made = make_sign_in(session)
    made.person.disabled_at = NOW
    assert why_over(made, NOW) is EndedWhy.DISABLED
    made.person.erased_at = NOW
    assert why_over(made, NOW) is EndedWhy.ERASED


def test_a_touch_is_written_to_the_minute(session):
    made = make_sign_in(session)
    touch(session, made, NOW + MINUTE - SECOND)
    assert made.last_used_at == NOW
    touch(session, made, NOW + MINUTE)
    assert made.last_used_at == NOW + MINUTE
    touch(session, made, NOW)
    assert made.last_used_at == NOW + MINUTE, "a clock that lags behind takes nothing back"


def test_a_touch_waits_for_nobody(sessions):
    with sessions.begin() as session:
        made = make_sign_in(session)
    with sessions() as holder, sessions() as other:
        holder.execute(select(SignIn).where(SignIn.id == made.id).with_for_update()).one()
        mine = other.get_one(SignIn, made.id)
        touch(other, mine, NOW + HOUR)
        assert mine.last_used_at == NOW


# How it ends.


def test_what_has_ended_stays_as_it_ended_and_without_tokens(session):
    made = make_sign_in(session)
    assert end_sign_in(session, made.id, EndedWhy.SIGNED_OUT, NOW + MINUTE)
    assert not end_sign_in(session, made.id, EndedWhy.IDLE, NOW + HOUR)
    assert (made.ended_at, made.ended_why) == (NOW + MINUTE, EndedWhy.SIGNED_OUT)
    assert (made.access_sealed, made.refresh_sealed, made.id_token_sealed) == (None, None, None)
    assert events(session) == ["person.signed_in", "person.sign_in_ended"]


def test_everywhere_is_every_sign_in_of_one_person(session):
    mine = [make_sign_in(session, subject="s") for _ in range(3)]
    end_sign_in(session, mine[0].id, EndedWhy.SIGNED_OUT, NOW)
    other = make_sign_in(session)
    assert sign_ins_under_way(session, mine[0].person_id) == sorted(mine[1:], key=lambda row: row.id)
    assert end_everywhere(session, mine[0].person_id, EndedWhy.EVERYWHERE, NOW) == 2
    assert [row.ended_why for row in mine] == ["signed_out", "everywhere", "everywhere"]
    assert other.ended_at is None


@pytest.mark.parametrize(
    "said,ended",
    [
        ({"subject": "s", "sid": None}, {"first", "second"}),
        ({"subject": None, "sid": "one"}, {"first"}),
        ({"subject": "s", "sid": "one"}, {"first"}),
        ({"subject": "t", "sid": "one"}, set()),
        ({"subject": "s", "sid": "three"}, set()),
    ],
    ids=["person", "session", "both", "session of somebody else", "unknown session"],
)
def test_a_logout_token_ends_what_it_means(session, said, ended):
    rows = {
        "first": make_sign_in(session, subject="s", sid="one"),
        "second": make_sign_in(session, subject="s", sid="two"),
        "somebody": make_sign_in(session, subject="t", sid="four"),
        "elsewhere": make_sign_in(session, issuer="https://other.example", subject="s", sid="one"),
    }
    told = LoggedOut(CLAIMS.issuer, jti="j", **said)
    assert end_by_logout_token(session, told, NOW) == len(ended)
    assert {name for name, row in rows.items() if row.ended_at} == ended


def test_a_logout_token_works_once(session):
    told = LoggedOut(CLAIMS.issuer, "s", None, "j")
    make_sign_in(session, subject="s")
    assert end_by_logout_token(session, told, NOW) == 1
    make_sign_in(session, subject="s")
    assert end_by_logout_token(session, told, NOW) == 0
    # Another issuer may number its tokens alike.
    elsewhere = LoggedOut("https://other.example", "s", None, "j")
    make_sign_in(session, issuer="https://other.example", subject="s")
    assert end_by_logout_token(session, elsewhere, NOW) == 1


def test_the_sweep_ends_what_is_over_and_forgets_what_is_old(session):
    idle = make_sign_in(session, Realm.REGISTRY, roles=frozenset({"registry-administrator"}))
    used = make_sign_in(session, Realm.REGISTRY, roles=frozenset({"provider"}))
    old = make_sign_in(session, now=NOW - 30 * DAY)
    buyer = make_sign_in(session)
    long_ended = make_sign_in(session, now=NOW - 40 * DAY)
    end_sign_in(session, long_ended.id, EndedWhy.SIGNED_OUT, NOW - 31 * DAY)
    session.add(LogoutToken(issuer="i", jti="old", read_at=NOW - 2 * DAY))
    session.add(LogoutToken(issuer="i", jti="new", read_at=NOW))
    for state, at in (("old", NOW - 2 * DAY), ("new", NOW)):
        begin(session, state=state, now=at)
    session.flush()
    assert sweep_sign_ins(session, NOW + HOUR) == 2
    assert (idle.ended_why, old.ended_why) == (EndedWhy.IDLE, EndedWhy.EXPIRED)
    assert (used.ended_at, buyer.ended_at) == (None, None)
    assert set(session.scalars(select(SignIn.id))) == {idle.id, used.id, old.id, buyer.id}
    assert list(session.scalars(select(LogoutToken.jti))) == ["new"]
    assert list(session.scalars(select(SignInAttempt.state_hash))) == [token_hash("new")]


# What it is worth.


def test_a_refresh_brings_roles_accounts_and_tokens_and_nothing_else(session):
    made = make_sign_in(session, Realm.REGISTRY, roles=frozenset({"provider"}), accounts=("A",), acr="1")
    fresh = claims(roles=frozenset({"x", "provider"}), accounts=("A", "B"), acr="2", auth_time=NOW + HOUR)
    renew_sign_in(session, made, fresh, sealed(NOW + HOUR, b"new"), NOW + HOUR)
    assert (made.roles, made.accounts) == (["provider", "x"], ["A", "B"])
    assert (made.access_sealed, made.refresh_sealed) == (b"new-access", b"new-refresh")
    assert made.access_expires_at == NOW + HOUR + 5 * MINUTE
    assert (made.acr, made.auth_time, made.ends_at) == ("1", NOW, NOW + 12 * HOUR)
    assert events(session) == ["person.signed_in", "person.roles_changed"]
    renew_sign_in(session, made, fresh, sealed(NOW + HOUR), NOW + HOUR)
    assert events(session)[2:] == [], "nothing has changed, nothing is told"


def elevated(session, made, **changes):
    said = claims(
        subject=made.person.subject,
        roles=frozenset({"registry-administrator"}),
        **{"acr": "2", "auth_time": NOW + HOUR, **changes},
    )
    return elevate_sign_in(session, made.id, said, sealed(NOW + HOUR, b"up"), NOW + HOUR, token="new-token")


def administrator(session):
    made = make_sign_in(session, Realm.REGISTRY, roles=frozenset({"registry-administrator"}), token="old")
    made.last_used_at = NOW + HOUR - MINUTE
    session.flush()
    return made


def test_an_elevation_raises_the_same_sign_in_and_changes_its_token(session):
    made = administrator(session)
    assert elevated(session, made) is made
    assert (made.acr, made.auth_time, made.ends_at) == ("2", NOW + HOUR, NOW + 12 * HOUR)
    assert made.token_hash == token_hash("new-token")
    assert events(session)[-1] == "person.elevated"


@pytest.mark.parametrize(
    "code,changes",
    [
        ("person", {"issuer": "https://other.example"}),
        ("acr", {"acr": "1"}),
        ("acr", {"acr": "0"}),
        ("stale", {"auth_time": NOW + HOUR - timedelta(seconds=66)}),
    ],
    ids=["issuer", "one factor", "none", "stale"],
)
def test_an_elevation_that_proves_too_little_is_refused(session, code, changes):
    made = administrator(session)
    with pytest.raises(ElevationRefused, match=code):
        elevated(session, made, **changes)
    assert made.token_hash == token_hash("old")


def test_an_elevation_by_somebody_else_is_refused(session):
    made, other = administrator(session), make_sign_in(session, Realm.REGISTRY)
    said = claims(subject=other.person.subject, acr="2", auth_time=NOW + HOUR)
    with pytest.raises(ElevationRefused, match="person"):
        elevate_sign_in(session, made.id, said, sealed(), NOW + HOUR, token="new-token")


def test_an_elevation_within_a_minute_is_fresh(session):
    made = administrator(session)
    elevated(session, made, auth_time=NOW + HOUR - timedelta(seconds=64))
    assert made.acr == "2"


@pytest.mark.parametrize("how", ["ended", "idle"])
def test_what_is_over_is_not_raised(session, how):
    made = administrator(session)
    if how == "ended":
        end_sign_in(session, made.id, EndedWhy.SIGNED_OUT, NOW)
    else:
        made.last_used_at = NOW
    session.flush()
    with pytest.raises(ElevationRefused, match="over"):
        elevated(session, made)


# On the way to the provider.


def begin(session, *, state="state", browser="browser", realm=Realm.PUBLIC, now=NOW):
    begin_attempt(
        session,
        now,
        realm=realm,
        state=state,
        browser=browser,
        nonce="nonce",
        code_verifier_sealed=b"sealed",
        next_page="/en/basket",
        language="en",
    )
    session.flush()


def test_an_attempt_is_taken_by_its_browser_once_and_soon(session):
    begin(session)
    attempt = take_attempt(session, Realm.PUBLIC, "state", "browser", NOW + timedelta(minutes=9, seconds=59))
    assert (attempt.next, attempt.nonce, attempt.purpose) == ("/en/basket", "nonce", "sign_in")
    with pytest.raises(AttemptRefused, match="used"):
        take_attempt(session, Realm.PUBLIC, "state", "browser", NOW)


@pytest.mark.parametrize(
    "code,given",
    [
        ("unknown", {"state": "another"}),
        ("realm", {"realm": Realm.REGISTRY}),
        ("browser", {"browser": "another"}),
        ("browser", {"browser": None}),
        ("late", {"now": NOW + 10 * MINUTE}),
    ],
    ids=["state", "realm", "browser", "no browser", "late"],
)
def test_what_is_not_the_attempt_takes_nothing(session, code, given):
    begin(session)
    asked = {"realm": Realm.PUBLIC, "state": "state", "browser": "browser", "now": NOW, **given}
    with pytest.raises(AttemptRefused, match=code):
        take_attempt(session, asked["realm"], asked["state"], asked["browser"], asked["now"])
    assert take_attempt(session, Realm.PUBLIC, "state", "browser", NOW).used_at == NOW


def test_two_answers_at_once_take_it_once(sessions):
    with sessions.begin() as session:
        begin(session)
    together = threading.Barrier(4)

    def take(_: int) -> str:
        with sessions.begin() as session:
            together.wait(20)
            try:
                take_attempt(session, Realm.PUBLIC, "state", "browser", NOW)
            except AttemptRefused as refused:
                return refused.code
            return "taken"

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(take, range(4))) == ["taken", "used", "used", "used"]
