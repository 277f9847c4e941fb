"""The export: everything about one person, nothing about another, nothing that opens anything."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.domain.orders.buyer import Buyer
from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.say_sent import say_sent
from app.domain.payments.claims.answer_claim import answer_claim
from app.domain.payments.claims.claim_paid import claim_paid
from app.domain.payments.proofs import add_proof, check_proof
from app.domain.payments.refund_models import ProofKind, RefundState
from app.domain.people.export_person import export_person
from app.domain.people.models import PersonKind
from app.domain.people.save_beneficiary import save_beneficiary
from app.domain.threads.models import Author
from app.domain.threads.open_complaint import open_complaint
from app.domain.threads.solve_complaint import solve_complaint
from app.domain.threads.write_message import write_message
from app.settings import Settings
from tests.bank import make_transfer
from tests.domain.payments.refunds.books import make_refund
from tests.domain.people.samples import invite, make_buyer, make_organisation
from tests.factories import NOW, make_details, make_order
from tests.journey import Journey
from tests.quality.tree import ROOT
from tests.traces import trail

EMAIL = "ana@example.org"


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """On the database of the journey, which commits."""
    with sessions() as made:
        yield made


@pytest.fixture
def journey(settings: Settings, engine: Engine) -> Journey:
    return Journey(settings, engine)


def test_everything_is_in_it(session: Session, journey: Journey):
    ana = make_buyer(session, EMAIL, name="Ana Sample")
    organisation = make_organisation(session, ana)
    _, token = invite(session, organisation, ana, "otto@example.org")
    save_beneficiary(
        session,
        ana.id,
        kind=PersonKind.INDIVIDUAL,
        name="Zoë",
        country="FR",
        organisation_id=None,
        now=NOW,
    )
    session.commit()
    order, guest = journey.place(20, 5, email=EMAIL), journey.place(3, email="Ana@Example.org")
    issued = journey.complete(order)
    session.get_one(Order, order.id).person_id = ana.id
    make_order(session, details=make_details(email="somebody.else@example.org"))

    found = export_person(session, ana.id, NOW)

    assert json.loads(json.dumps(found)) == found, "only what JSON knows"
    assert found["format"] == 1
    assert found["person"] == {
        "id": str(ana.id),
        "issuer": ana.issuer,
        "subject": ana.subject,
        "email": EMAIL,
        "email_verified": True,
        "name": "Ana Sample",
        "language": "en",
        "country": None,
        "kind": None,
        "created_at": NOW.isoformat(),
        "last_signed_in_at": NOW.isoformat(),
        "profile_at": None,
    }
    assert [(each["name"], each["role"]) for each in found["organisations"]] == [("Sample Bakery", "owner")]
    assert [each["email"] for each in found["invitations"]] == ["otto@example.org"]
    assert [each["name"] for each in found["beneficiaries"]] == ["Zoë"]
    assert [each["ended_at"] for each in found["sign_ins"]] == [None]
    [bought] = found["orders"]
    assert (bought["number"], bought["state"], bought["total"]) == (order.number, "completed", "280.00")
    assert sorted(line["quantity"] for line in bought["lines"]) == [5, 20]
    assert [each["code"] for each in bought["certificates"]] == [issued.code]
    assert [each["state"] for each in bought["payments"]] == ["captured"]
    assert bought["payments"][0]["entries"][0]["amount"] == "280.00"
    assert {each["kind"] for each in bought["consents"]} == {"immediate", "terms"}
    assert [each["number"] for each in found["orders_as_guest"]] == [guest.number]
    assert {each["kind"] for each in found["mails"]} == {"order_placed", "certificate"}
    events = [each["event"] for each in found["trail"]]
    assert events[0] == "person.signed_in"
    assert events[-1] == "person.exported"

    whole = json.dumps(found)
    assert "somebody.else" not in whole
    for secret in (token, order.token, guest.token):
        assert secret not in whole
    assert trail(session, ana.id)[-1].event == "person.exported"


def test_words_that_were_stopped_are_in_it(session: Session):
    ana = make_buyer(session, EMAIL)
    order = make_order(session, buyer=Buyer(ana.id), details=make_details(reason="net zero"))
    [bought] = export_person(session, ana.id, NOW)["orders"]
    assert bought["texts"] == [
        {
            "kind": "reason",
            "text": order.reason,
            "rules": ["claim"],
            "state": "waiting",
            "found_at": NOW.isoformat(),
            "decided_at": None,
            "reason": None,
        }
    ]


def test_what_went_back_and_what_shows_it_is_in_it(session: Session):
    ana = make_buyer(session, EMAIL)
    order = make_order(session, buyer=Buyer(ana.id))
    refund = make_refund(session, order, state=RefundState.SENT, note="by transfer", sent_on=NOW.date())
    add_proof(
        session, order, ProofKind.REFUND, check_proof(b"%PDF-1.7 sample", "a.pdf"), NOW, refund_id=refund.id
    )
    [bought] = export_person(session, ana.id, NOW)["orders"]
    assert bought["refunds"] == [
        {
            "amount": "10.00",
            "currency": "USD",
            "cause": "units_gone",
            "state": "sent",
            "requested_at": NOW.isoformat(),
            "sent_on": "2026-11-23",
            "note": "by transfer",
            "answered_at": None,
        }
    ]
    assert bought["proofs"] == [
        {
            "kind": "refund",
            "filename": "a.pdf",
            "content_type": "application/pdf",
            "content_base64": "JVBERi0xLjcgc2FtcGxl",
            "added_at": NOW.isoformat(),
        }
    ]


def test_an_unverified_address_shows_nothing_of_its_owner(session: Session):
    ana = make_buyer(session, EMAIL, email_verified=False)
    owner = make_buyer(session)
    invite(session, make_organisation(session, owner), owner, EMAIL)
    make_order(session, details=make_details(email=EMAIL))
    found = export_person(session, ana.id, NOW)
    assert (found["orders"], found["orders_as_guest"], found["mails"], found["invitations"]) == (
        [],
        [],
        [],
        [],
    )


def test_two_buyers_share_nothing(session: Session):
    ana, otto = make_buyer(session, EMAIL, name="Ana Only"), make_buyer(session, name="Otto")
    make_organisation(session, ana, "Of Ana")
    found = json.dumps(export_person(session, otto.id, NOW))
    assert not re.search("Ana Only|Of Ana|ana@", found)


def test_the_shape_is_documented(session: Session):
    """Every member's name stands in the document, which says what it is."""
    ana = make_buyer(session, EMAIL)
    organisation = make_organisation(session, ana)
    invite(session, organisation, ana, "otto@example.org")
    save_beneficiary(
        session, ana.id, kind=PersonKind.INDIVIDUAL, name="Z", country="FR", organisation_id=None, now=NOW
    )
    make_order(session, details=make_details(email=EMAIL))
    page = (ROOT / "docs" / "accounts.md").read_text(encoding="utf-8")
    found = export_person(session, ana.id, NOW)
    assert {member for member in members(found) if f"`{member}`" not in page} == set()


def members(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for each in value.values() for name in members(each)}
    if isinstance(value, list):
        return {name for each in value for name in members(each)}
    return set()


def test_how_a_transfer_was_announced_and_what_was_claimed_is_in_it(session: Session):
    ana = make_buyer(session, EMAIL)
    transfer = make_transfer(session, details=make_details(email=EMAIL))
    say_sent(session, transfer.order_id, NOW.date(), NOW)
    later = NOW + timedelta(days=12)
    claim_paid(session, transfer.order_id, "From Kigali.", later)
    answer_claim(session, transfer.order_id, "not_received", "Nothing came.", None, later)
    [order] = export_person(session, ana.id, later)["orders_as_guest"]
    assert order["bank_transfer"] == {
        "reference": transfer.reference,
        "due_on": "2026-12-03",
        "release_at": transfer.release_at.isoformat(),
        "said_sent_on": "2026-11-23",
        "said_sent_at": NOW.isoformat(),
    }
    claim = order["claim"]
    assert (claim["note"], claim["answer"], claim["answer_note"]) == (
        "From Kigali.",
        "not_received",
        "Nothing came.",
    )
    assert claim["opened_at"] == claim["answered_at"] == later.isoformat()
    assert "DE89" not in json.dumps(order), "the account is the seller's"


def test_the_thread_and_the_complaints_are_in_it(session: Session):
    ana = make_buyer(session, EMAIL)
    order = make_order(session, buyer=Buyer(ana.id))
    order.state = OrderState.COMPLETED
    open_complaint(session, order.id, "Where is it?", uuid4(), NOW)
    write_message(session, order.id, Author.PROVIDER, "Here.", uuid4(), None, NOW + timedelta(hours=1))
    solve_complaint(session, order.id, NOW + timedelta(hours=2))
    [bought] = export_person(session, ana.id, NOW)["orders"]
    assert bought["messages"] == [
        {"author": "buyer", "text": "Where is it?", "at": NOW.isoformat()},
        {"author": "provider", "text": "Here.", "at": (NOW + timedelta(hours=1)).isoformat()},
    ]
    assert bought["complaints"] == [
        {
            "kind": "buyer",
            "state": "closed",
            "opened_at": NOW.isoformat(),
            "due_at": (NOW + timedelta(hours=72)).isoformat(),
            "answered_at": (NOW + timedelta(hours=1)).isoformat(),
            "escalated_at": None,
            "closed_at": (NOW + timedelta(hours=2)).isoformat(),
            "outcome": None,
        }
    ]
