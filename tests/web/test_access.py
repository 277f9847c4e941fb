"""Every address with every method as every role, against the table in access.csv.

A row is a method and an address as docs/pages.md writes it; a column is a role. A word says how far a role gets:

    ok         past the gate: a page, an act, or a form refused for what is in it
    sign-in    asked to sign in first
    elevate    asked for a fresh second factor first
    forbidden  told that it is not for them (403)
    not-found  told that there is no such thing (404), for what is somebody else's

`provider` is the one whose rows the addresses name, `neighbour` another provider. A new address without a row fails, and
so does a row without an address. What the table should say for one is printed by the test that fails.
"""

import csv
import re
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from flask import Flask, url_for
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.domain.four_eyes.models import Proposal
from app.domain.mails.models import Mail
from app.domain.mandates.models import ActKind, ActState, MandateAct
from app.domain.offers.ask_offer_change import ask_offer_change
from app.domain.offers.terms_models import ChangeKind
from app.domain.payments.bank.models import BankLine, LineState
from app.domain.payments.ledger import add_entry
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.payee_models import ChangeState, PayeeChange
from app.domain.payments.proofs import add_proof, check_proof
from app.domain.payments.refund_models import ProofKind, RefundState
from app.domain.payments.statements.keep import keep_statement
from app.domain.payments.statements.match import Verdict
from app.domain.payments.trials.open_trial import open_trial
from app.domain.people.account_models import (
    Invitation,
    MemberRole,
    Membership,
    Organisation,
    SavedBeneficiary,
)
from app.domain.people.hashes import token_hash
from app.domain.people.models import Person, PersonKind, Provider, Realm
from app.domain.people.permissions import HOLDERS, Permission, Role
from app.domain.reconciliation.models import Difference, ReconciliationRun
from app.domain.tax_documents.add_tax_document import add_tax_document
from app.domain.team.models import TeamMember, TeamRole
from app.extensions import limiter
from app.settings import Settings
from app.web.support.gate import OPEN, gate_of, needs, open_to_all
from tests.bank import make_bank_account, make_transfer
from tests.domain.content.pieces import make_picture
from tests.domain.offers.drafts import keep
from tests.domain.payments.attempts import make_payment, receipt
from tests.domain.payments.refunds.books import make_refund
from tests.domain.payments.statements.files import Movement, camt
from tests.factories import NOW, make_mandate, make_offer, make_order, make_provider
from tests.journey import Journey
from tests.quality.tree import ROOT
from tests.web.conftest import Fakes
from tests.web.pages import Client
from tests.web.roles import sign_in, sign_in_administrator, sign_in_provider
from tests.web.test_routes import as_documented, methods

TABLE = ROOT / "tests" / "web" / "access.csv"
_ACTS = {
    "offer": "suspend",
    "provider": "suspend",
    "person": "disable",
    "number": "reject",
    "proposal": "decline",
    "entity": "take-down",
    "content": "refuse",
}
LATER = NOW + timedelta(days=300)
OTHER_METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET")


@dataclass
class World:
    """Rows of one provider and one buyer, for the values in addresses."""

    app: Flask
    fakes: Fakes
    values: Mapping[str, Any]
    account: str
    neighbour: str
    block: str


@pytest.fixture
def world(
    app: Flask,
    session: Session,
    fakes: Fakes,
    settings: Settings,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    app.config["WTF_CSRF_ENABLED"] = False  # who gets past the gate is the question here
    monkeypatch.setattr(limiter, "enabled", False)
    journey = Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)
    certificate = journey.complete(journey.place(20))
    provider, neighbour = make_provider(session), make_provider(session)
    [account] = [each.account_id for each in provider.registry_accounts]
    [other] = [each.account_id for each in neighbour.registry_accounts]
    mandate = make_mandate(session, provider, quantity=1000)
    offer = make_offer(session, provider=provider, mandate=mandate, quantity=1000)
    order = make_order(session, offer)
    payment = make_payment(session, order)
    add_entry(session, payment, receipt(payment), NOW)
    refund = make_refund(session, order, payment=payment, state=RefundState.BY_HAND, due_at=NOW)
    proof = add_proof(session, order, ProofKind.REFUND, check_proof(b"%PDF-1.7 sample", "a.pdf"), NOW)
    organisation = Organisation(id=uuid4(), name="Sample Bakery", country="FR", created_at=NOW)
    session.add(organisation)
    session.flush()
    order.organisation_id = organisation.id
    person = Person(
        id=uuid4(),
        issuer="http://identity.test/realms/public",
        subject=str(uuid4()),
        realm=Realm.PUBLIC,
        email="somebody@example.org",
        email_verified=True,
        name="Somebody",
        created_at=NOW,
        last_signed_in_at=NOW,
    )
    proposal = Proposal(
        id=uuid4(),
        kind="provider.delist",
        entity="provider",
        entity_id=str(provider.id),
        reason="Sample",
        proposed_by=person.id,
        proposed_at=NOW,
    )
    run = ReconciliationRun(id=uuid4(), began_at=NOW, ended_at=NOW)
    session.add_all([person, proposal, run])
    session.flush()
    session.add(TeamMember(provider_id=provider.id, person_id=person.id, role=TeamRole.READER, since=NOW))
    difference = Difference(
        id=uuid4(),
        kind="mandate_only_here",
        entity="mandate",
        entity_id=mandate.mandate_id,
        first_run_id=run.id,
        last_run_id=run.id,
        first_seen_at=NOW,
        last_seen_at=NOW,
    )
    session.add(difference)
    trial = open_trial(session, payment.account_id, person.id, "en", NOW)
    planned = ask_offer_change(session, provider.id, offer.id, ChangeKind.PAUSE, None, LATER, person.id, NOW)
    picture = make_picture(session, provider, mandate.block.activity_ref, person.id)
    bank = make_bank_account(session, provider)
    transfer = make_transfer(session, provider)
    change = PayeeChange(
        id=uuid4(),
        account_id=bank.account_id,
        details=bank.details,
        state=ChangeState.ASKED,
        asked_by=person.id,
        asked_at=NOW,
    )
    statement = keep_statement(session, bank.account_id, camt([Movement(transfer.reference)]), person.id, NOW)
    line = BankLine(
        id=uuid4(),
        account_id=bank.account_id,
        kind="camt",
        fingerprint="sample",
        booked_on=NOW.date(),
        amount_minor=100,
        currency="EUR",
        payer="Sample",
        text="Sample",
        bank_reference="",
        verdict=Verdict.LOOKS_LIKE.value,
        state=LineState.OPEN,
        shares=[],
        recorded_at=NOW,
    )
    session.add_all([change, line])
    order.paid_at = NOW
    document = add_tax_document(session, order.id, check_proof(b"%PDF-1.7 sample", "a.pdf"), person.id, NOW)
    session.commit()
    block = fakes.delegated.hold(account, 100).block_id
    return World(
        app,
        fakes,
        {
            "lang_code": "en",
            "activity_ref": mandate.block.activity_ref,
            "token": order.token,
            "group": order.group.token,
            "number": order.number,
            "trial": trial.number,
            "code": certificate.code,
            "content": picture.id,
            "sha256": picture.sha256,
            "part": "summary",
            "kind": "reason",
            "entity": order.id,
            "mandate_id": mandate.mandate_id,
            "offer": offer.id,
            "offer_change": planned.id,
            "provider": provider.id,
            "person": person.id,
            "proposal": proposal.id,
            "difference": difference.id,
            "job": 1,
            "mail": session.scalars(select(Mail.id).where(Mail.order_id == order.id).limit(1)).one(),
            "organisation": organisation.id,
            "sign_in": uuid4(),
            "statement": statement.id,
            "line": line.id,
            "transfer": transfer.order.number,
            "bank": bank.account_id,
            "refund": refund.id,
            "proof": proof.id,
            "document": document.id,
            "change": change.id,
            "step": "revoke",
            "gateway": "paypal",
            "figure": "months",
            "account": session.scalars(
                select(ProviderPayeeAccount.id).where(
                    ProviderPayeeAccount.provider_id == provider.id, ProviderPayeeAccount.gateway == "paypal"
                )
            ).one(),
            "realm": "public",
            "name": "hold_minutes",
            "text": "terms",
        },
        account,
        other,
        block,
    )


def _provider(world: World, client: Client, account: str, **options: Any) -> UUID:
    person = sign_in_provider(world.app, client, account, **options)
    world.fakes.delegated.let_in(person.token, account)
    return person.person_id


def _buyer(world: World, client: Client) -> None:
    sign_in(world.app, client, Realm.PUBLIC)


def _member(role: MemberRole) -> Callable[[World, Client], None]:
    """What somebody is at an organisation is asked by membership, inside the views: at the gate they are buyers."""

    def join(world: World, client: Client) -> None:
        person_id = sign_in(world.app, client, Realm.PUBLIC).person_id
        with _writing(world) as session:
            session.add(_membership(world, person_id, role))

    return join


def _membership(world: World, person_id: UUID, role: MemberRole) -> Membership:
    return Membership(organisation_id=world.values["organisation"], person_id=person_id, role=role, since=NOW)


SIGN_IN: dict[str, Callable[[World, Client], Any]] = {
    "guest": lambda _world, _client: None,
    "buyer": _buyer,
    "organisation-viewer": _member(MemberRole.VIEWER),
    "organisation-buyer": _member(MemberRole.BUYER),
    "organisation-owner": _member(MemberRole.OWNER),
    "provider": lambda world, client: _provider(world, client, world.account),
    "neighbour": lambda world, client: _provider(world, client, world.neighbour),
    "administrator": lambda world, client: sign_in_administrator(world.app, client, elevated=False),
    "elevated": lambda world, client: sign_in_administrator(world.app, client),
}


BEHIND = ("elevate", "elevate")  # both are asked for their second factor before anything is looked for
# With a second factor that was given just now.
ELEVATED: dict[str, Callable[[World, Client], Any]] = {
    "provider": lambda world, client: _provider(world, client, world.account, acr="2"),
    "neighbour": lambda world, client: _provider(world, client, world.neighbour, acr="2"),
}
# Beside the rows of a provider: addresses in which no row is named, but a part of a page.
NOBODYS = {("GET", "/en/console/figures/<figure>")}


def table() -> dict[tuple[str, str], dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row.pop("method"), row.pop("address")): row for row in csv.DictReader(file)}


def addresses(app: Flask) -> dict[tuple[str, str], Rule]:
    return {pair: rule for rule in app.url_map.iter_rules() for pair in as_documented(rule)}


def outcome(answer: TestResponse) -> str:
    if answer.status_code in (403, 404):
        return {403: "forbidden", 404: "not-found"}[answer.status_code]
    leads_to = answer.headers.get("Location") or answer.headers.get("Refresh", "").partition("url=")[2]
    if answer.status_code in (303, 401) and urlsplit(leads_to).netloc == "":
        path = urlsplit(leads_to).path
        if path.endswith("/sign-in"):
            return "sign-in"
        if path.endswith("/elevate"):
            return "elevate"
    return "ok"


def _writing(world: World) -> AbstractContextManager[Session]:
    return world.app.extensions["vcp_works"].sessions.begin()  # type: ignore[no-any-return]


def _of_the_organisation(world: World, names: Collection[str]) -> dict[str, Any]:
    """A member, an invitation and a saved name of the organisation, new for each visit: some do not survive it."""
    if not {"member", "invitation", "beneficiary", "token"} & set(names):
        return {}
    stranger = sign_in(world.app, Client(world.app.test_client()), Realm.PUBLIC)
    token = uuid4().hex
    with _writing(world) as session:
        invitation = Invitation(
            id=uuid4(),
            organisation_id=world.values["organisation"],
            email="somebody.else@example.org",
            role=MemberRole.VIEWER,
            token_hash=token_hash(token),
            invited_by=stranger.person_id,
            created_at=NOW,
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )
        saved = SavedBeneficiary(
            id=uuid4(),
            organisation_id=world.values["organisation"],
            kind=PersonKind.ORGANISATION,
            name=token,
            country="FR",
            saved_at=NOW,
        )
        session.add_all([_membership(world, stranger.person_id, MemberRole.VIEWER), invitation, saved])
        return {
            "member": stranger.person_id,
            "invitation": invitation.id,
            "beneficiary": saved.id,
            "link": token,
        }


def visit(
    world: World, role: str, method: str, rule: Rule, sign_in: Mapping[str, Callable[..., Any]] = SIGN_IN
) -> str:
    """How far a role gets, in a new browser with a new sign-in."""
    client = Client(world.app.test_client())
    person = sign_in[role](world, client)
    values = {name: world.values[name] for name in rule.arguments if name in world.values}
    if rule.endpoint == "public.order_group":
        values["token"] = world.values["group"]
    if rule.endpoint == "provider.trial":
        values["number"] = world.values["trial"]
    if rule.endpoint in ("provider.order_received", "provider.answer"):
        values["number"] = world.values["transfer"]
    if "/<uuid:account>/details" in rule.rule or "/<uuid:account>/choices" in rule.rule:
        values["account"] = world.values["bank"]
    if rule.endpoint.startswith("account."):
        made = _of_the_organisation(world, rule.arguments)
        values |= {name: made[name] for name in rule.arguments if name in made}
        if "token" in rule.arguments:
            values["token"] = made["link"]
    if "act" in rule.arguments and rule.endpoint != "provider.ask_again":
        values["act"] = _act_on(rule)
    elif "act" in rule.arguments:
        values["act"] = _open_act(world, person if role == "provider" else None)
    if "move" in rule.arguments:
        values["move"] = _move_of(rule)
    if "draft" in rule.arguments:
        values["draft"] = _draft(world)
    with world.app.test_request_context():
        path = url_for(rule.endpoint, **values)
    query = {"account": world.account, "block": world.block} if "offers/new" in rule.rule else {}
    if method == "POST" and "/offers/" in rule.rule:
        query |= {"key": str(uuid4()), "seen": NOW.isoformat()}
    body = (
        {**query, "realm": "public" if role in ("guest", "buyer") else "registry"}
        if method == "POST"
        else None
    )
    answer = client.inner.open(
        path, method=method, data=body, query_string=query if method == "GET" else None
    )
    assert answer.status_code < 500, f"{method} {path} as {role}: {answer.status}"
    return outcome(answer)


def _draft(world: World) -> UUID:
    """An offer in the making of the provider, new for each visit: it does not survive being published."""
    with _writing(world) as session:
        provider = session.get_one(Provider, world.values["provider"])
        return keep(session, provider, world.values["person"], world.block).id


def _move_of(rule: Rule) -> str:
    """Something that a provider may do to what the address names."""
    return "later" if "content" in rule.arguments else "pause"


def _act_on(rule: Rule) -> str:
    """Something that an administrator may do to what the address names."""
    return next(act for name, act in _ACTS.items() if name in rule.arguments)


def _open_act(world: World, person_id: UUID | None) -> UUID:
    """Something that this person (or whoever was there first) has asked of the registry for the provider."""
    works = world.app.extensions["vcp_works"]
    with works.sessions.begin() as session:
        act = MandateAct(
            id=uuid4(),
            kind=ActKind.GRANT,
            state=ActState.ASKED,
            provider_id=world.values["provider"],
            person_id=person_id or world.values["person"],
            account_id=world.account,
            block_id=world.block,
            quantity=1,
            asked_at=datetime.now(UTC),
        )
        session.add(act)
        return act.id


def test_every_address_has_its_row_and_every_row_its_address(alone: Flask):
    there, listed = set(addresses(alone)), set(table())
    assert there - listed == set(), "no row in tests/web/access.csv"
    assert listed - there == set(), "in tests/web/access.csv only"


def test_the_table_has_a_word_for_every_role():
    rows = table()
    assert len(rows) > 50
    assert {tuple(row) for row in rows.values()} == {tuple(SIGN_IN)}
    known = {"ok", "sign-in", "elevate", "forbidden", "not-found"}
    assert {word for row in rows.values() for word in row.values()} <= known


@pytest.mark.parametrize("role", SIGN_IN)
def test_a_role_gets_as_far_as_the_table_says(world: World, role: str):
    rows = table()
    found = {
        pair: visit(world, role, pair[0], rule) for pair, rule in addresses(world.app).items() if pair in rows
    }
    wrong = {
        pair: f"{word}, not {rows[pair][role]}" for pair, word in found.items() if word != rows[pair][role]
    }
    assert wrong == {}
    assert len(found) == len(rows)


def of_one_provider() -> dict[tuple[str, str], tuple[str, str]]:
    """Addresses of the console in which a row is named: how far its provider gets, and another one."""
    return {
        pair: (row["provider"], row["neighbour"])
        for pair, row in table().items()
        if re.match(r"/en/console/(?!admin/).*<", pair[1]) and pair not in NOBODYS
    }


def test_a_provider_gets_to_its_own_rows_and_nobody_elses():
    """Where the second factor comes first, the next test goes on."""
    said = of_one_provider()
    assert len(said) > 50
    alike = {pair: words for pair, words in said.items() if words not in {("ok", "not-found"), BEHIND}}
    assert alike == {}, "the world of this test has no such row, or it is not asked whose it is"
    assert set(table()) >= NOBODYS


@pytest.mark.parametrize("role, word", [("provider", "ok"), ("neighbour", "not-found")])
def test_nor_do_they_with_a_fresh_second_factor(world: World, role: str, word: str):
    rules = addresses(world.app)
    pairs = [pair for pair, words in of_one_provider().items() if words == BEHIND]
    assert len(pairs) > 10
    found = {pair: visit(world, role, pair[0], rules[pair], ELEVATED) for pair in pairs}
    assert {pair: got for pair, got in found.items() if got != word} == {}


@pytest.mark.parametrize("role", ["guest", "buyer", "provider", "elevated"])
def test_no_address_takes_a_method_that_it_does_not_name(world: World, role: str):
    taken = []
    for rule in addresses(world.app).values():
        others = set(OTHER_METHODS) - {
            method
            for each in world.app.url_map.iter_rules()
            if each.rule == rule.rule
            for method in methods(each)
        }
        client = Client(world.app.test_client())
        SIGN_IN[role](world, client)
        values = {name: world.values.get(name, uuid4()) for name in rule.arguments}
        if "act" in rule.arguments and rule.endpoint != "provider.ask_again":
            values["act"] = _act_on(rule)
        if "move" in rule.arguments:
            values["move"] = _move_of(rule)
        with world.app.test_request_context():
            path = url_for(rule.endpoint, **values)
        for method in others:
            status = client.inner.open(path, method=method).status_code
            if status != 405:
                taken.append((role, method, rule.rule, status))
    assert taken == []


@pytest.mark.parametrize("role", SIGN_IN)
def test_the_files_of_the_site_are_for_everybody(world: World, role: str):
    client = Client(world.app.test_client())
    SIGN_IN[role](world, client)
    for name in ("site.css", "site.js", "favicon.svg"):
        address = world.app.jinja_env.globals["asset_url"](name)  # type: ignore[operator]
        with client.inner.get(address) as answer:
            assert answer.status_code == 200


# The gate itself.


def test_every_view_says_what_it_needs_or_stands_among_those_for_all(alone: Flask):
    silent = [
        endpoint
        for endpoint, view in alone.view_functions.items()
        if gate_of(view) is None and endpoint.partition(".")[0] not in OPEN
    ]
    assert silent == []


def test_console_pages_are_none_of_the_open_ones():
    assert not {"provider", "admin", "account"} & OPEN


def test_a_view_that_says_nothing_lets_nobody_in(app: Flask):
    app.add_url_rule("/silent", view_func=lambda: "in", endpoint="silent")
    app.add_url_rule("/open", view_func=open_to_all(lambda: "in"), endpoint="open")
    client = app.test_client()
    assert client.get("/silent").status_code == 403
    assert client.get("/open").text == "in"
    app.testing = True  # whoever writes the view sees at once what is missing
    assert client.get("/silent").status_code == 500


def test_a_permission_that_nobody_holds_opens_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(
        HOLDERS, Role.ADMINISTRATOR, HOLDERS[Role.ADMINISTRATOR] - {Permission.PLATFORM_AUDIT_READ}
    )
    client = Client(app.test_client())
    sign_in_administrator(app, client)
    client.get("/en/console/admin/audit", status=403)
    client.get("/en/console/admin/people")


def test_every_permission_is_held_and_asked_for_by_name():
    held = frozenset().union(*HOLDERS.values())
    assert held == set(Permission)
    assert set(HOLDERS) == set(Role)
    for permission in Permission:
        scope, resource, action = permission.split(":")
        assert scope in {"own", "organisation", "provider", "platform"}
        assert resource
        assert action
    assert gate_of(needs(Permission.OWN_DATA_ERASE)(lambda: None)).permission == "own:data:erase"
