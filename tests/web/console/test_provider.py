"""The provider's pages: their own rows, the registry's live word, and acts with their own token."""

from uuid import uuid4

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalogue.models import Mandate
from app.domain.catalogue.store import store_mandate
from app.domain.mandates.models import ActKind, ActState, MandateAct
from app.domain.people.models import Realm
from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.registry.interface import MandateRequest
from tests.factories import NOW, make_activity, make_mandate, make_offer, make_order
from tests.web.conftest import Fakes
from tests.web.console.conftest import Seller
from tests.web.pages import Client, words
from tests.web.roles import sign_in, sign_in_provider

HOLDINGS = "/en/console/holdings"
NEW = "/en/console/offers/new"


def earmark(session: Session, fakes: Fakes, seller: Seller, quantity: int) -> str:
    """Units of a block of 100 that the registry has earmarked for the provider; the mandate's id."""
    block = fakes.delegated.hold(seller.account, 100)
    make_activity(session, block.activity_ref)
    request = MandateRequest(seller.account, block.block_id, quantity)
    mandate = fakes.delegated.grant(seller.person.token, request, key=str(uuid4()))
    store_mandate(session, mandate, NOW)
    session.commit()
    return mandate.mandate_id


def acts(session: Session) -> list[MandateAct]:
    session.expire_all()
    return list(session.scalars(select(MandateAct).order_by(MandateAct.asked_at)))


# Whose it is.


def test_the_overview_counts_the_providers_own(session, seller, neighbour):
    offer = make_offer(session, provider=seller.provider, quantity=100, held=0, cancelled=30)
    order = make_order(session, offer, 25)
    make_order(session, make_offer(session, provider=neighbour.provider, quantity=900), 25)
    session.commit()
    page = seller.client.get("/en/console")
    assert page.h1 == "Sample Stoves"
    figures = {words(each.dt): words(each.dd) for each in page.all(".figures > div")}
    assert figures == {
        "tonnes on offer": "45",
        "orders waiting for payment": "1",
        "paid orders under way": "0",
        "tonnes cancelled for your buyers": "30",
    }
    assert [words(each) for each in page.all("main tbody th")] == [order.number]


def test_only_ones_own_orders_are_listed_and_opened(session, seller, neighbour):
    mine = make_order(session, make_offer(session, provider=seller.provider))
    theirs = make_order(session, make_offer(session, provider=neighbour.provider))
    session.commit()
    listed = seller.client.get("/en/console/orders")
    assert mine.number in listed.text
    assert theirs.number not in listed.text
    assert listed.follow(mine.number).h1 == f"Order {mine.number}"
    seller.client.get(f"/en/console/orders/{theirs.number}", status=404)
    seller.client.get("/en/console/orders/VC-0000-0000", status=404)


def test_an_order_shows_nothing_that_opens_the_buyers_page_or_names_them_in_private(session, seller):
    order = make_order(session, make_offer(session, provider=seller.provider))
    session.commit()
    page = seller.client.get(f"/en/console/orders/{order.number}")
    assert "Sample Buyer GmbH" in page.text
    for secret in (order.token, order.group.token, order.email):
        assert secret not in page.response.text
    order.disclosure = "anonymous"
    session.commit()
    page = seller.client.get(f"/en/console/orders/{order.number}")
    assert "Sample Buyer GmbH" not in page.text
    assert "An organisation, Germany" in page.text


def test_only_ones_own_offers_are_listed(session, seller, neighbour):
    make_offer(session, provider=seller.provider, activity=make_activity(session, title="Mine"))
    make_offer(session, provider=neighbour.provider, activity=make_activity(session, title="Theirs"))
    session.commit()
    page = seller.client.get("/en/console/offers")
    assert "Mine" in page.text
    assert "Theirs" not in page.text
    assert "On sale" in page.text


def test_an_account_of_no_provider_is_led_on_to_becoming_one(app: Flask, client: Client):
    sign_in_provider(app, client, "A6.4-ACC-1")
    for path in ("/en/console", "/en/console/offers", "/en/console/orders", HOLDINGS):
        assert client.get(path, status=303, follow=False).location.endswith("/en/console/open")


def test_who_represents_no_account_is_told_so(app: Flask, client: Client):
    sign_in_provider(app, client)
    assert "you represent no account" in client.get("/en/console", status=403).text


def test_a_role_that_the_public_realm_names_opens_nothing(app: Flask, client: Client):
    person = sign_in(app, client, Realm.PUBLIC, roles=["provider", "registry-administrator"])
    client.get("/en/console", status=303, follow=False)
    # Nor does the cookie of one realm in the place of the other's.
    client.inner.set_cookie("vcp-console", person.cookie)
    assert "/en/console/sign-in" in client.get("/en/console", status=303, follow=False).location


# Holdings.


def test_holdings_say_what_may_be_offered_and_why_not(fakes: Fakes, seller: Seller, neighbour: Seller):
    hold = fakes.delegated.hold
    good = hold(seller.account, 100)
    mitigation = hold(seller.account, 70, unit_class="MCER")
    against = {
        hold(seller.account, 10, uses=("NDC",)).block_id: "towards a nationally determined contribution only",
        hold(seller.account, 10, uses=("IMP",)).block_id: "for international mitigation purposes only",
        hold(
            seller.account, 10, uses=("NDC", "IMP")
        ).block_id: "has not authorized these units for other purposes",
        hold(seller.account, 10, status="frozen").block_id: "frozen this block",
        hold(seller.account, 10, status="moved").block_id: "moved to another account",
    }
    theirs = hold(neighbour.account, 500)
    page = seller.client.get(HOLDINGS)
    rows = {words(row.select_one("th .code")): row for row in page.all("section:first-of-type tbody tr")}
    assert set(rows) == {good.block_id, mitigation.block_id, *against}
    assert theirs.block_id not in page.text
    for block_id, why in against.items():
        assert why in words(rows[block_id])
        assert not rows[block_id].select("a")
    for block in (good, mitigation):
        [link] = rows[block.block_id].select("td a")
        assert link["href"] == f"{NEW}?account={seller.account}&block={block.block_id}"
    assert fakes.delegated.calls == [("accounts", seller.person.token), ("holdings", seller.person.token)]


def test_while_the_registry_is_away_the_rest_of_the_page_is_there(session, fakes: Fakes, seller: Seller):
    mandate = make_mandate(session, seller.provider)
    session.commit()
    fakes.delegated.fail_next("accounts", TryAgain("registry_unavailable"))
    page = seller.client.get(HOLDINGS)
    assert "The registry does not answer at the moment" in page.text
    assert mandate.mandate_id in page.text


def test_a_token_that_the_registry_refuses_does_not_go_in_a_circle(fakes: Fakes, seller: Seller):
    fakes.delegated.shut_out(seller.person.token)
    page = seller.client.get(HOLDINGS, status=403)
    assert page.h1 == "The registry does not take your sign-in"
    assert page.form("/en/sign-out").fields["realm"] == ["registry"]


def test_accounts_of_another_provider_are_not_shown_though_the_person_represents_them_too(
    app: Flask, fakes: Fakes, seller: Seller, neighbour: Seller
):
    client = Client(app.test_client())
    person = sign_in_provider(app, client, seller.account, neighbour.account)
    fakes.delegated.let_in(person.token, seller.account, neighbour.account)
    shown = client.get(HOLDINGS)
    assert seller.account in shown.text
    assert neighbour.account not in shown.text


# Revoking.


def test_a_mandate_is_taken_back(session, fakes, seller):
    mandate_id = earmark(session, fakes, seller, 40)
    page = seller.client.get(HOLDINGS).follow(f"Take back {mandate_id}")
    assert "no longer on sale here" in page.text
    page = page.form(f"/en/console/mandates/{mandate_id}/revoke").submit()
    assert "The mandate is taken back." in page.text
    session.expire_all()
    assert session.get_one(Mandate, mandate_id).status == "revoked"
    [held] = fakes.delegated.holdings(seller.person.token, seller.account)
    assert held.quantity_available == 100
    [act] = acts(session)
    assert (act.kind, act.state, act.mandate_id) == (ActKind.REVOKE, ActState.DONE, mandate_id)


def test_units_that_buyers_hold_are_told_before_a_mandate_is_taken_back(session, fakes, seller):
    mandate = make_mandate(session, seller.provider, quantity=100)
    make_order(session, make_offer(session, provider=seller.provider, mandate=mandate, quantity=100), 25)
    session.commit()
    page = seller.client.get(f"/en/console/mandates/{mandate.mandate_id}/revoke")
    assert "Buyers hold 25 t of it" in page.text


def test_a_mandate_of_another_is_not_there(session, fakes, seller, neighbour):
    theirs = make_mandate(session, neighbour.provider)
    session.commit()
    path = f"/en/console/mandates/{theirs.mandate_id}/revoke"
    form = neighbour.client.get(path).form(path)
    seller.client.get(path, status=404)
    token = seller.client.get("/en/console").one("body")["hx-headers"].split('"')[3]
    seller.client.post(path, {"csrf_token": token, "key": form.fields["key"][0]}, status=404)
    assert acts(session) == []


def test_a_revocation_that_nobody_answered_is_asked_again(session, fakes, seller):
    mandate_id = earmark(session, fakes, seller, 40)
    fakes.delegated.fail_next("revoke", OutcomeUnknown("timeout"), acted=True)
    page = seller.client.get(HOLDINGS).follow(f"Take back {mandate_id}").form().submit()
    assert f"You asked to take back mandate {mandate_id}" in page.text
    [act] = acts(session)
    page = page.form(f"/en/console/mandate-acts/{act.id}").submit()
    assert "The mandate is taken back." in page.text
    session.expire_all()
    assert session.get_one(Mandate, mandate_id).status == "revoked"


def test_what_has_ended_is_not_taken_back_again(session, fakes, seller):
    mandate = make_mandate(session, seller.provider)
    session.commit()
    path = f"/en/console/mandates/{mandate.mandate_id}/revoke"
    form = seller.client.get(path).form(path)
    mandate.status = "revoked"
    session.commit()
    assert "has ended already" in form.submit().text
    assert acts(session) == []


def test_a_key_of_another_act_is_no_key(session, fakes, seller):
    mandates = [earmark(session, fakes, seller, 40) for _ in range(2)]
    first, second = (f"/en/console/mandates/{mandate_id}/revoke" for mandate_id in mandates)
    form = seller.client.get(first).form(first)
    form.submit()
    seller.client.get(second).form(second).submit(key=form.fields["key"][0])
    assert len(acts(session)) == 1
    session.expire_all()
    assert session.get_one(Mandate, mandates[1]).status == "active"


def test_an_open_act_is_its_persons_own(session, app, fakes, seller, neighbour):
    mandate_id = earmark(session, fakes, seller, 40)
    fakes.delegated.fail_next("revoke", OutcomeUnknown("timeout"))
    page = seller.client.get(HOLDINGS).follow(f"Take back {mandate_id}").form().submit()
    [act] = acts(session)
    form = page.form(f"/en/console/mandate-acts/{act.id}")
    # A colleague for the same provider has another key at the registry.
    colleague = Client(app.test_client())
    sign_in_provider(app, colleague, seller.account)
    for client in (neighbour.client, colleague):
        token = client.get("/en/console").one("body")["hx-headers"].split('"')[3]
        client.post(form.action, {"csrf_token": token}, status=404)
    assert [act.state for act in acts(session)] == [ActState.ASKED]
