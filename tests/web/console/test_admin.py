"""The administrators' pages: what they see, and dangerous acts with a second factor and a reason."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.audit.record import Event, record
from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.payments.keep_notification import keep_payment_notification
from app.domain.payments.retry_unmatched import retry_unmatched
from app.domain.people.models import EndedWhy, Person, Provider, ProviderState, Realm, SignIn
from app.integrations.gateways.interface import Hint
from tests.domain.cancellations.receipts import open_cancellations_of
from tests.domain.payments.attempts import make_payment
from tests.factories import NOW, make_offer, make_order, make_provider
from tests.web.console.conftest import Seller, confirm_the_proposal
from tests.web.pages import Client, Page, words
from tests.web.roles import SignedIn, sign_in, sign_in_administrator

ADMIN = "/en/console/admin"


@pytest.fixture
def provider(session: Session) -> Provider:
    made = make_provider(session, "Sample Stoves Ltd")
    session.commit()
    return made


def figures(page: Page) -> dict[str, str]:
    return {words(each.dt): words(each.dd) for each in page.all(".figures > div")}


def trail(session: Session, event: str) -> list[AuditEvent]:
    session.expire_all()
    return list(session.scalars(select(AuditEvent).where(AuditEvent.event == event).order_by(AuditEvent.id)))


def test_the_overview_counts_what_somebody_has_to_look_at(session, administrator, provider):
    make_provider(session, "Sample Wind Ltd", state=ProviderState.SUSPENDED)
    order = make_order(session, make_offer(session, provider=provider))
    order.state = "needs_attention"
    [cancellation] = open_cancellations_of(session, 25)
    cancellation.state = CancellationState.COMPLETED
    cancellation.completed_at = datetime.now(UTC)
    session.commit()
    page = administrator.get(ADMIN)
    shown = figures(page)
    assert shown["order needs attention"] == "1"
    assert shown["provider suspended"] == "1"
    assert shown["refunds under way"] == "0"
    assert order.number in page.text
    assert words(page.one(".big-figure b")) == "25"
    assert len(page.all("svg.chart rect")) == 1
    assert "25 t" in words(page.one("svg.chart title"))


def test_what_the_registry_does_not_confirm_is_seen_after_an_hour(session, administrator):
    open_cancellations_of(session, 25)
    session.query(Cancellation).update({"opened_at": datetime.now(UTC) - timedelta(minutes=58)})
    session.commit()
    assert "waits for the registry" not in administrator.get(ADMIN).text
    session.query(Cancellation).update({"opened_at": datetime.now(UTC) - timedelta(hours=1)})
    session.commit()
    assert "One paid order waits for the registry for over an hour" in administrator.get(ADMIN).text


def test_messages_about_no_payment_here_stand_in_a_list(session, administrator):
    assert "There are none" in administrator.get(f"{ADMIN}/notifications").text
    payment = make_payment(session)
    told = Hint("EVENT-1", "PAYMENT.CAPTURE.COMPLETED", ("OF-ANOTHER-SHOP",), ())
    keep_payment_notification(session, payment.account_id, "paypal", told, b"{}", NOW)
    session.commit()
    assert "about no payment here" not in administrator.get(ADMIN).text, "it may yet be found"
    retry_unmatched(session, NOW + timedelta(days=2))
    session.commit()
    page = administrator.get(ADMIN).follow("Look at them")
    row = words(page.one("tbody tr"))
    assert "OF-ANOTHER-SHOP" in row
    assert payment.order.provider.display_name in row


def test_an_administrator_who_sells_nothing_goes_to_their_own_overview(administrator):
    assert administrator.get("/en/console").url == ADMIN


def test_tabs_are_those_that_one_may_open(app: Flask, administrator: Client, seller: Seller):
    def tabs(page: Page) -> list[str]:
        return [words(each) for each in page.all(".tabs a")]

    assert tabs(administrator.get(ADMIN)) == [
        "Administration",
        "To decide",
        "Orders",
        "Texts",
        "Complaints",
        "To confirm",
        "Providers",
        "Offers",
        "People",
        "Comparison",
        "Jobs",
        "Audit trail",
        "Settings",
    ]
    of_providers = [
        "Overview",
        "Holdings",
        "Offers",
        "Project pages",
        "Orders",
        "Figures",
        "Getting paid",
        "Bank statements",
        "Money to give back",
        "Team",
    ]
    assert tabs(seller.client.get("/en/console")) == of_providers


def test_a_provider_is_suspended_and_reinstated_with_reasons(session, administrator, client, provider):
    offer = make_offer(session, provider=provider)
    session.commit()
    reference = offer.mandate.block.activity_ref
    assert reference in client.get("/en/projects").response.text
    page = administrator.get(f"{ADMIN}/providers").follow("Sample Stoves").follow("Suspend…")
    path = f"{ADMIN}/providers/{provider.id}"
    page = page.form(f"{path}/suspend").submit(reason="  They sold\n what was not theirs.  ")
    assert page.url == path
    assert "Suspended" in page.text
    assert "They sold what was not theirs." in page.text
    assert reference not in client.get("/en/projects").response.text
    page = page.follow("Reinstate…").form(f"{path}/reinstate").submit(reason="It was a mistake.")
    assert reference in client.get("/en/projects").response.text
    [first, second] = trail(session, "provider.step")
    assert first.payload == {
        "step": "suspend",
        "before": "active",
        "after": "suspended",
        "reason": "They sold what was not theirs.",
    }
    assert second.payload["reason"] == "It was a mistake."
    who = session.get_one(Person, first.actor_person_id)
    assert (first.actor, who.name, second.actor_person_id) == ("administrator", "Vera Sample", who.id)


def test_a_provider_is_approved_by_two_and_taken_off_by_two(
    session, administrator, second_administrator, provider
):
    provider.state = ProviderState.IN_REVIEW
    session.commit()
    path = f"{ADMIN}/providers/{provider.id}"
    form = administrator.get(path).follow("Approve…").form(f"{path}/approve")
    assert form.submit(status=422, reason="").error("reason").startswith("Write why.")
    assert "Another administrator has to confirm it" in form.submit(reason="Papers seen.").text
    own = administrator.get(f"{ADMIN}/proposals").follow("Approve Sample Stoves")
    assert own.forms(f"{own.url}/confirm") == []
    assert "Active" in confirm_the_proposal(second_administrator).text
    page = second_administrator.get(path).follow("Delist…").form(f"{path}/delist").submit(reason="Closed.")
    page = administrator.get(f"{ADMIN}/proposals").follow("Delist Sample Stoves")
    assert page.form(f"{page.url}/decline").submit(status=422, reason=" ").error("reason")
    page = page.form(f"{page.url}/decline").submit(reason="It is not.")
    assert "Declined" in page.text
    session.refresh(provider)
    assert provider.state == ProviderState.ACTIVE


def test_a_provider_in_review_is_sent_back_with_what_is_missing(session, administrator, provider):
    provider.state = ProviderState.IN_REVIEW
    session.commit()
    path = f"{ADMIN}/providers/{provider.id}"
    page = administrator.get(path).follow("Send back…").form().submit(reason="The address is missing.")
    assert "The address is missing." in page.text
    session.refresh(provider)
    assert provider.state == ProviderState.ONBOARDING


def test_what_was_done_before_is_not_done_again(session, administrator, provider):
    form = administrator.get(f"{ADMIN}/providers/{provider.id}/suspend").form()
    form.submit(reason="Once.")
    assert "That was done before." in form.submit(reason="Twice.").text
    assert len(trail(session, "provider.step")) == 1


@pytest.mark.parametrize("reason", ["", "  \n ", "\u00a0"])
def test_nothing_dangerous_happens_without_a_reason(session, administrator, provider, reason):
    form = administrator.get(f"{ADMIN}/providers/{provider.id}/suspend").form()
    page = form.submit(reason=reason, status=422)
    assert page.error("reason") == "Write why. The audit trail keeps it with your name."
    assert page.errors == {"reason": page.error("reason")}
    session.refresh(provider)
    assert provider.state == ProviderState.ACTIVE
    assert trail(session, "provider.step") == []


def make_person(app: Flask, email: str = "ana@example.org") -> tuple[Client, SignedIn]:
    client = Client(app.test_client())
    return client, sign_in(app, client, Realm.PUBLIC, email=email, name="Ana Sample")


def test_a_person_is_found_by_the_whole_address_only(app, administrator):
    make_person(app)
    page = administrator.get(f"{ADMIN}/people")
    assert "Ana Sample" not in page.text
    assert "Ana Sample" in page.form().submit(email="ANA@example.org ").text
    for part in ("ana", "%", "ana@example", "a_a@example.org"):
        found = administrator.get(f"{ADMIN}/people", query_string={"email": part})
        assert "Nobody has signed in with this address" in found.text


def test_one_address_in_both_realms_is_two_people(app, administrator):
    make_person(app, "paula@example.org")
    sign_in(app, Client(app.test_client()), Realm.REGISTRY, email="paula@example.org", name="Paula Provider")
    found = administrator.get(f"{ADMIN}/people", query_string={"email": "paula@example.org"})
    assert [words(row) for row in found.all("tbody th")] == ["Ana Sample", "Paula Provider"]


def test_a_disabled_person_is_out_at_once_and_everywhere(session, app, administrator):
    _, ana = make_person(app)
    path = f"{ADMIN}/people/{ana.person_id}"
    page = administrator.get(path).follow("Disable…").form(f"{path}/disable").submit(reason="Stolen card.")
    assert "Disabled" in page.text
    assert "in 0 browsers" in page.text
    row = session.get_one(SignIn, ana.sign_in_id)
    assert (row.ended_why, row.access_sealed, row.refresh_sealed) == (EndedWhy.DISABLED, None, None)
    [event] = trail(session, "person.disabled")
    assert event.payload == {"reason": "Stolen card.", "sign_ins_ended": 1}
    page = page.follow("Enable…").form(f"{path}/enable").submit(reason="Cleared up.")
    session.expire_all()
    assert session.get_one(Person, ana.person_id).disabled_at is None
    assert len(trail(session, "person.enabled")) == 1


def test_a_person_is_signed_out_everywhere(session, app, administrator):
    _, ana = make_person(app)
    path = f"{ADMIN}/people/{ana.person_id}"
    page = administrator.get(path).follow("Sign out everywhere…").form(f"{path}/sign-out")
    page = page.submit(reason="Lost laptop.")
    assert "Active" in page.text
    assert session.get_one(SignIn, ana.sign_in_id).ended_why == EndedWhy.EVERYWHERE
    [event] = trail(session, "person.signed_out")
    assert event.payload == {"reason": "Lost laptop.", "sign_ins_ended": 1}


def test_nobody_keeps_themselves_out(session, app):
    client = Client(app.test_client())
    me = sign_in_administrator(app, client)
    path = f"{ADMIN}/people/{me.person_id}"
    assert "This is you." in client.get(path).text
    page = client.get(f"{path}/disable").form().submit(reason="Holidays.", status=422)
    assert page.error("reason") == "This is you. Ask another administrator."
    assert session.get_one(Person, me.person_id).disabled_at is None


def test_an_erased_person_is_not_there(session, app, administrator):
    _, ana = make_person(app)
    session.get_one(Person, ana.person_id).erased_at = NOW
    session.commit()
    administrator.get(f"{ADMIN}/people/{ana.person_id}", status=404)
    administrator.get(f"{ADMIN}/people/{ana.person_id}/disable", status=404)
    found = administrator.get(f"{ADMIN}/people", query_string={"email": "ana@example.org"})
    assert "Nobody has signed in" in found.text


@pytest.mark.parametrize("path", ["providers/{}", "providers/{}/suspend", "people/{}", "people/{}/disable"])
def test_what_is_not_there(administrator, path):
    administrator.get(f"{ADMIN}/{path.format(uuid4())}", status=404)


# The second factor.


def test_an_old_second_factor_leads_to_a_new_one_before_the_form(app, provider):
    client = Client(app.test_client())
    sign_in_administrator(app, client, elevated=False)
    path = f"{ADMIN}/providers/{provider.id}/suspend"
    page = client.get(path, status=303, follow=False)
    assert page.location == f"/en/console/elevate?next={path}"
    client.get(f"{ADMIN}/providers/{provider.id}")  # looking is free


@pytest.mark.parametrize("acr, minutes", [("1", 1), ("2", 6)])
def test_one_factor_is_not_enough_and_five_minutes_are_the_limit(app, provider, acr, minutes):
    client = Client(app.test_client())
    age = timedelta(minutes=minutes)
    sign_in(app, client, Realm.REGISTRY, roles=["registry-administrator"], acr=acr, age=age)
    path = f"{ADMIN}/providers/{provider.id}/suspend"
    assert "/en/console/elevate" in client.get(path, status=303, follow=False).location


@pytest.mark.parametrize("path", ["", "/providers", "/people", "/audit"])
def test_an_administrators_role_opens_nothing_without_a_second_factor(app, path):
    client = Client(app.test_client())
    sign_in(app, client, Realm.REGISTRY, roles=["registry-administrator"], acr="1")
    answer = client.get(f"{ADMIN}{path}", status=303, follow=False)
    assert answer.location == f"/en/console/elevate?next={ADMIN}{path}"


def test_a_form_sent_too_late_does_nothing_and_keeps_what_was_typed(session, app, provider):
    client = Client(app.test_client())
    me = sign_in_administrator(app, client)
    path = f"{ADMIN}/providers/{provider.id}/suspend"
    form = client.get(path).form()
    session.get_one(SignIn, me.sign_in_id).auth_time = datetime.now(UTC) - timedelta(minutes=6)
    session.commit()
    answer = client.inner.post(
        path,
        data=form.fields | {"reason": "A long reason."},
        headers={"Referer": f"http://127.0.0.1:8000{path}"},
    )
    assert answer.status_code == 401
    assert f"/en/console/elevate?next={path}" in answer.headers["Refresh"]
    session.refresh(provider)
    assert provider.state == ProviderState.ACTIVE
    session.get_one(SignIn, me.sign_in_id).auth_time = datetime.now(UTC)
    session.commit()
    page = client.get(path)
    assert page.form().fields["reason"] == ["A long reason."]
    # Once, and on that page only.
    assert client.get(path).form().fields["reason"] == [""]
    page.form().submit()
    assert trail(session, "provider.step")[0].payload["reason"] == "A long reason."


# The trail.


def test_the_trail_is_read_newest_first_in_pages_that_do_not_move(session, administrator):
    def add(count: int) -> None:
        for _ in range(count):
            record(session, Event.LINKS_SENT, "address", "mail-1", NOW, queued=True)
        session.commit()

    add(120)
    first = administrator.get(f"{ADMIN}/audit?event=links.sent")
    add(7)
    second = first.follow("Older")
    third = second.follow("Older")
    assert [len(page.all("main tbody tr")) for page in (first, second, third)] == [50, 50, 20]
    assert not [link for link in third.all(".pages a") if words(link) == "Older"]
    assert third.follow("Newest").url == first.url


def test_the_trail_is_narrowed_to_one_thing(session, administrator, provider):
    record(session, Event.LINKS_SENT, "address", "mail-1", NOW, queued=True)
    record(session, Event.PROVIDER_IMPORTED, "provider", provider.id, NOW, actor="operator", slug="x")
    session.commit()
    page = administrator.get(f"{ADMIN}/audit", query_string={"entity": str(provider.id)})
    assert [words(row.select("td")[1]) for row in page.all("main tbody tr")] == ["provider.imported"]
    none = administrator.get(f"{ADMIN}/audit", query_string={"entity": "nothing"})
    assert "No such rows" in none.text


@pytest.mark.parametrize(
    "query", ["before=abc", "before=" + "9" * 40, "before=-1", "event=no.such", "before=²"]
)
def test_an_odd_address_of_the_trail_is_still_a_page(administrator, query):
    administrator.get(f"{ADMIN}/audit?{query}")


def test_the_trail_cannot_be_written(app, administrator):
    token = administrator.get(ADMIN).one("body")["hx-headers"].split('"')[3]
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        administrator.open(method, f"{ADMIN}/audit", status=405, follow=False, data={"csrf_token": token})


def test_a_buyer_who_asked_is_given_what_is_kept_and_then_forgotten(app, session, administrator):
    ana = sign_in(app, Client(app.test_client()), Realm.PUBLIC, name="Ana Sample", email="ana@example.org")
    path = f"{ADMIN}/people/{ana.person_id}"
    form = administrator.get(path).follow("Export…").form(f"{path}/export")
    assert form.submit(status=422, reason="").error("reason").startswith("Write why.")
    answer = administrator.inner.post(f"{path}/export", data=form.fields | {"reason": "By letter."})
    assert answer.json["person"]["email"] == "ana@example.org"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    form = administrator.get(path).follow("Erase…").form(f"{path}/erase")
    assert form.submit(status=422, reason="").error("reason").startswith("Write why.")
    assert "Done." in form.submit(reason="By letter.").text
    administrator.get(path, status=404)
    session.expire_all()
    assert session.get_one(Person, ana.person_id).email == ""
    for event in ("person.exported", "person.erased"):
        [row] = trail(session, event)
        assert (row.actor, row.payload["reason"]) == ("administrator", "By letter.")


def test_what_has_to_be_settled_first_is_said(app, session, administrator):
    ana = sign_in(app, Client(app.test_client()), Realm.PUBLIC, name="Ana Sample")
    order = make_order(session)
    order.person_id = ana.person_id
    session.commit()
    form = administrator.get(f"{ADMIN}/people/{ana.person_id}/erase").form()
    assert order.number in form.submit(status=409, reason="By letter.").error("reason")
    session.expire_all()
    assert session.get_one(Person, ana.person_id).erased_at is None


def test_who_signs_in_through_the_registry_is_kept_by_the_registry(app, administrator, seller):
    page = administrator.get(f"{ADMIN}/people/{seller.person.person_id}")
    assert "Erase…" not in page.text
    for what in ("export", "erase"):
        administrator.get(f"{page.url}/{what}", status=404)


def test_administrators_are_listed_with_their_last_acts(session, administrator, provider):
    administrator.get(f"{ADMIN}/providers/{provider.id}/suspend").form().submit(reason="Because.")
    page = administrator.get(f"{ADMIN}/people")
    assert "provider.step" in words(page.one("tbody tr"))
    assert "Because." in page.follow("Vera Sample").text
