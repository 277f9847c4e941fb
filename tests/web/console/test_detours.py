"""Whoever has to prove who they are on the way comes back to the form as they left it: through the whole flow."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.mandates.models import MandateAct
from app.domain.people.models import ProviderState, SignIn
from app.integrations.identity.fake import FakePerson
from tests.factories import make_activity, make_provider
from tests.web.conftest import Fakes
from tests.web.pages import Client, Page
from tests.web.people import administrator, come_back, make_person, sign_in

ORIGIN = "http://127.0.0.1:8000"
NEW = "/en/console/offers/new"


def send(client: Client, page: Page, action: str, **typed: str) -> str:
    """Send the form on this page as a browser does. Where the answer's Refresh leads."""
    form = page.form(action)
    query = page.response.request.query_string.decode()
    referrer = f"{ORIGIN}{page.url}" + (f"?{query}" if query else "")
    answer = client.inner.post(action, data=form.fields | typed, headers={"Referer": referrer})
    assert answer.status_code == 401
    address: str = answer.headers["Refresh"].partition("url=")[2]
    return address


def prove(client: Client, fakes: Fakes, address: str, person: FakePerson, acr: str) -> Page:
    """At the identity provider and back; the page to which that leads."""
    there = client.inner.get(address)
    assert there.status_code == 303
    back = fakes.identity["registry"].approve(there.location, person, datetime.now(UTC), acr=acr)
    answer = come_back(client, back)
    assert answer.status_code == 303
    return client.get(answer.location)


def test_a_reason_survives_the_second_factor(session: Session, client: Client, fakes: Fakes):
    provider = make_provider(session, "Sample Stoves Ltd")
    session.commit()
    vera = sign_in(client, fakes, "registry", administrator(), acr="2")
    path = f"/en/console/admin/providers/{provider.id}/suspend"
    page = client.get(path)
    session.execute(update(SignIn).values(auth_time=datetime.now(UTC) - timedelta(minutes=6)))
    session.commit()
    address = send(client, page, path, reason="Sold what was not theirs, ö 例.")
    session.refresh(provider)
    assert provider.state == ProviderState.ACTIVE
    page = prove(client, fakes, address, vera, "2")
    assert page.url == path
    assert page.form(path).fields["reason"] == ["Sold what was not theirs, ö 例."]
    page.form(path).submit()
    session.refresh(provider)
    assert provider.state == ProviderState.SUSPENDED
    events = list(session.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))
    assert events[-2:] == ["person.elevated", "provider.step"]


def test_an_elevation_with_one_factor_only_opens_nothing(session: Session, client: Client, fakes: Fakes):
    provider = make_provider(session)
    session.commit()
    vera = sign_in(client, fakes, "registry", administrator(), acr="2")
    session.execute(update(SignIn).values(auth_time=datetime.now(UTC) - timedelta(minutes=6)))
    session.commit()
    path = f"/en/console/admin/providers/{provider.id}/suspend"
    there = client.get(client.get(path, status=303, follow=False).location, status=303, follow=False)
    back = fakes.identity["registry"].approve(there.location, vera, datetime.now(UTC), acr="1")
    assert "not-done" in come_back(client, back).location
    assert "/en/console/elevate" in client.get(path, status=303, follow=False).location


@pytest.fixture
def seller(session: Session, client: Client, fakes: Fakes) -> tuple[FakePerson, str]:
    """A provider's person, signed in, and their account."""
    provider = make_provider(session, "Sample Stoves Ltd")
    session.commit()
    [account] = [each.account_id for each in provider.registry_accounts]
    return make_person("Pat Sample", roles={"provider"}, accounts=(account,)), account


def test_no_refresh_no_action_and_the_quantity_is_still_there_afterwards(
    app: Flask, session: Session, client: Client, fakes: Fakes, seller: tuple[FakePerson, str]
):
    pat, account = seller
    sign_in(client, fakes, "registry", pat)
    works = app.extensions["vcp_works"]

    def let_in() -> None:
        row = session.scalars(select(SignIn).where(SignIn.ended_at.is_(None))).one()
        session.expire_all()
        fakes.delegated.let_in(works.token_sealer.open(row.access_sealed), account)

    let_in()
    block = fakes.delegated.hold(account, 100)
    make_activity(session, block.activity_ref)
    session.commit()
    page = client.get(f"{NEW}?account={account}&block={block.block_id}")
    fakes.identity["registry"].forget(pat)
    session.execute(update(SignIn).values(access_expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    session.commit()
    address = send(client, page, NEW, quantity="40", price="11.20", currency="EUR")
    assert session.scalars(select(MandateAct)).all() == []
    assert "grant" not in {method for method, _ in fakes.delegated.calls}
    there = client.inner.get(address)
    back = fakes.identity["registry"].approve(there.location, pat, datetime.now(UTC), acr="1")
    answer = come_back(client, back)
    let_in()
    page = client.get(answer.location)
    assert page.url == NEW
    fields = page.form(NEW).fields
    assert (fields["quantity"], fields["price"], fields["currency"]) == (["40"], ["11.20"], ["EUR"])
    assert page.form(NEW).submit().h1 == "Preview of the offer"
