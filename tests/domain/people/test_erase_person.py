"""Erasure: what is about a person goes, what the ledger needs stays, and nothing is torn out of what is under way."""

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.domain.mails.models import Mail, MailState
from app.domain.mails.queue_mail import queue_mail, queue_order_mail
from app.domain.mails.record_sending import record_problem, record_sent
from app.domain.moderation.models import ModeratedText
from app.domain.moderation.queries import read_queue
from app.domain.orders.buyer import Buyer
from app.domain.orders.models import Basket, Order, OrderState
from app.domain.payments.proofs import add_proof, check_proof, proofs_of
from app.domain.payments.refund_models import PaymentClaim, ProofKind, RefundState
from app.domain.people.account_models import Invitation, Membership, SavedBeneficiary
from app.domain.people.complete_profile import complete_profile
from app.domain.people.erase_person import ErasureRefused, erase_person, erasure_obstacles
from app.domain.people.models import Person, PersonKind, SignIn
from app.domain.people.save_beneficiary import save_beneficiary
from app.domain.threads.decide_complaint import decide_complaint
from app.domain.threads.models import Author, Complaint
from app.domain.threads.open_complaint import open_complaint
from app.domain.threads.queries import thread_of
from app.domain.threads.write_message import write_message
from app.settings import Settings
from tests.domain.payments.refunds.books import make_refund
from tests.domain.people.samples import invite, make_buyer, make_organisation, make_sign_in
from tests.factories import NOW, make_basket, make_details, make_offer, make_order
from tests.journey import Journey
from tests.traces import mails, trail

EMAIL = "ana.erased@example.org"
NAME = "Ana Wholly-Unmistakable"


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """On the database of the journey, which commits."""
    with sessions() as made:
        yield made


@pytest.fixture
def journey(settings: Settings, engine: Engine) -> Journey:
    return Journey(settings, engine)


@pytest.fixture
def ana(session: Session) -> Person:
    return make_buyer(session, EMAIL, subject="ana", name=NAME)


def own(session: Session, person_id: UUID, order: Order) -> None:
    session.get_one(Order, order.id).person_id = person_id
    session.commit()


def everything(session: Session) -> str:
    """All rows of all tables as text, but for the trail's digests."""
    session.flush()
    tables = inspect(session.connection()).get_table_names()
    assert len(tables) > 30
    return "\n".join(
        json.dumps(
            [dict(row._mapping) for row in session.execute(text(f'SELECT * FROM "{table}"'))], default=str
        )
        for table in tables
    )


# What goes.


def test_nothing_in_the_database_names_the_person_any_more(session: Session, journey: Journey, ana: Person):
    """Everything that a buyer can leave behind, and then a search through every table."""
    owner = make_buyer(session, "owner@example.org")
    organisation = make_organisation(session, ana, "Of Ana alone")
    theirs = make_organisation(session, owner, buyer=ana)
    complete_profile(
        session, ana.id, name=NAME, language="en", country="FR", kind=PersonKind.INDIVIDUAL, now=NOW
    )
    for where in (None, organisation.id):
        save_beneficiary(
            session,
            ana.id,
            kind=PersonKind.INDIVIDUAL,
            name=NAME,
            country="FR",
            organisation_id=where,
            now=NOW,
        )
    invite(session, organisation, ana, "otto@example.org")
    invite(session, make_organisation(session, owner, "Third"), owner, EMAIL.upper())
    make_sign_in(session, subject="ana", email=EMAIL, name=NAME)
    details = make_details(email=EMAIL, beneficiary_name=NAME, reason=NAME)
    make_basket(session, {make_offer(session): 1}, details=details)
    expired = make_order(session, buyer=Buyer(ana.id), details=details)
    expired.state = OrderState.EXPIRED
    session.add(PaymentClaim(order_id=expired.id, opened_at=NOW, answer_by=NOW, note=f"I am {NAME}."))
    for author in (Author.BUYER, Author.PROVIDER):
        write_message(session, expired.id, author, f"Who is {NAME}?", uuid4(), None, NOW)
    for mail in session.scalars(select(Mail)):
        mail.state = MailState.SENT
    session.commit()
    done = journey.place(20, email=EMAIL, beneficiary_name="Sample Bakery")
    journey.complete(done)
    for kind in ("order_placed", "certificate"):
        [mail] = [each for each in journey.mails(kind) if each.order_id == done.id]
        with journey.sessions.begin() as other:
            record_sent(other, mail.id, NOW)
    assert EMAIL in everything(session)

    erase_person(session, ana.id, "fr", NOW)
    [last] = mails(session, "data_erased")
    assert (last.to, last.language) == (EMAIL, "en")
    record_sent(session, last.id, NOW)

    left = everything(session).lower()
    assert EMAIL not in left
    assert NAME.lower() not in left
    assert "Sample Bakery".lower() in left, "the registry's record names the beneficiary"
    session.expire_all()
    assert session.scalars(select(Membership.person_id)).all() == [owner.id, owner.id]
    assert session.scalars(select(SavedBeneficiary)).all() == []
    assert session.scalars(select(SignIn).where(SignIn.person_id == ana.id)).all() == []
    assert theirs.closed_at is None
    assert organisation.closed_at == NOW


def test_the_person_can_begin_anew_as_somebody_else(session: Session, ana: Person):
    before = ana.id
    erase_person(session, ana.id, "en", NOW)
    again = make_sign_in(session, subject="ana", email=EMAIL).person
    assert again.id != before
    assert (ana.erased_at, ana.email, ana.name, ana.country) == (NOW, "", "", None)
    assert ana.subject.startswith("erased-")


def test_the_trail_says_that_it_happened_and_to_which_row(session: Session, ana: Person):
    erase_person(session, ana.id, "en", NOW)
    session.flush()
    [row] = [each for each in trail(session, ana.id) if each.event == "person.erased"]
    assert (row.actor_person_id, row.payload) == (
        ana.id,
        {"orders": 0, "organisations": 0, "sign_ins_ended": 1},
    )


# What stays.


def test_the_ledger_stays_without_the_person(session: Session, journey: Journey, ana: Person):
    session.commit()
    order = journey.place(20, 5, email=EMAIL)
    issued = journey.complete(order)
    own(session, ana.id, order)
    before = session.get_one(Order, order.id)
    kept = (before.number, before.total, before.state, before.beneficiary_name, before.token, before.paid_at)
    erase_person(session, ana.id, "en", NOW)
    session.commit()
    after = journey.fresh(order)
    assert (after.email, after.person_id) == ("", None)
    assert kept == (
        after.number,
        after.total,
        after.state,
        after.beneficiary_name,
        after.token,
        after.paid_at,
    )
    again = journey.certify(order)
    assert (again.id, again.pdf_sha256) == (issued.id, issued.pdf_sha256)


def test_what_came_to_nothing_forgets_the_beneficiary_unless_it_is_the_organisations(
    session: Session, ana: Person
):
    owner = make_buyer(session)
    organisation = make_organisation(session, owner, buyer=ana)
    made = [make_order(session, buyer=Buyer(ana.id, whose)) for whose in (None, organisation.id)]
    for order in made:
        order.state = OrderState.WITHDRAWN
    session.flush()
    erase_person(session, ana.id, "en", NOW)
    assert [(order.beneficiary_name, order.reason) for order in made] == [
        (None, None),
        ("Sample Buyer GmbH", "For the sample conference of 2026"),
    ]
    assert [order.email for order in made] == ["", ""]
    assert made[1].organisation_id == organisation.id


def test_orders_as_a_guest_with_the_verified_address_are_forgotten_too(session: Session, ana: Person):
    claimable = make_order(session, details=make_details(email=EMAIL.upper()))
    others = make_order(session, details=make_details(email=f"x{EMAIL}"))
    claimable.state = others.state = OrderState.EXPIRED
    session.flush()
    erase_person(session, ana.id, "en", NOW)
    assert (claimable.email, others.email) == ("", f"x{EMAIL}")


def test_an_address_that_is_not_verified_takes_nothing_of_its_owner(session: Session):
    """Whoever typed somebody else's address must not make the platform forget that person."""
    impostor = make_buyer(session, EMAIL, email_verified=False)
    owner = make_buyer(session)
    invitation, _ = invite(session, make_organisation(session, owner), owner, EMAIL)
    order = make_order(session, details=make_details(email=EMAIL))
    order.state = OrderState.EXPIRED
    basket = make_basket(session, {make_offer(session): 1}, details=make_details(email=EMAIL))
    for mail in session.scalars(select(Mail)):
        mail.state = MailState.SENT
    session.flush()
    erase_person(session, impostor.id, "en", NOW)
    session.expire_all()
    assert order.email == invitation.email == EMAIL
    assert invitation.withdrawn_at is None
    assert session.get_one(Basket, basket.id).details["email"] == EMAIL
    assert {mail.to for mail in session.scalars(select(Mail))} == {EMAIL}
    assert mails(session, "data_erased") == [], "nobody is written to who did not prove to be there"


def test_proofs_and_notes_go_unless_they_are_the_organisations(session: Session, ana: Person):
    organisation = make_organisation(session, make_buyer(session), buyer=ana)
    proof, kept = check_proof(b"%PDF-1.7 sample", "advice.pdf"), []
    for whose in (None, organisation.id):
        order = make_order(session, buyer=Buyer(ana.id, whose))
        order.state = OrderState.REFUNDED
        refund = make_refund(session, order, state=RefundState.DONE, note="to Ana")
        add_proof(session, order, ProofKind.REFUND, proof, NOW, refund_id=refund.id)
        add_proof(session, order, ProofKind.TRANSFER, proof, NOW)
        kept.append((order, refund))
    erase_person(session, ana.id, "en", NOW)
    session.expire_all()
    proofs = [[len(proofs_of(session, order.id, kind)) for kind in ProofKind] for order, _ in kept]
    assert proofs == [[0, 0], [1, 1]]
    assert [refund.note for _, refund in kept] == [None, "to Ana"]


def test_copies_of_their_words_go_and_what_was_decided_stays(session: Session, journey: Journey, ana: Person):
    session.commit()
    done = journey.place(20, email=EMAIL, reason="net zero")
    journey.complete(done)
    own(session, ana.id, done)
    expired = make_order(session, buyer=Buyer(ana.id), details=make_details(reason="net zero"))
    organisation = make_organisation(session, make_buyer(session), buyer=ana)
    theirs = make_order(
        session, buyer=Buyer(ana.id, organisation.id), details=make_details(reason="net zero")
    )
    expired.state = theirs.state = OrderState.EXPIRED
    session.flush()
    erase_person(session, ana.id, "en", NOW)
    session.expire_all()
    kept = session.scalars(select(ModeratedText)).all()
    assert {(each.order_id, each.text, each.state.value) for each in kept} == {
        (done.id, "", "waiting"),
        (theirs.id, "net zero", "waiting"),
    }
    [shown] = read_queue(session).rows
    assert shown.words == "net zero", "the certificate's own words are still to be decided about"


def test_what_was_written_about_an_order_goes_and_a_complaint_ends(session: Session, ana: Person):
    organisation = make_organisation(session, make_buyer(session), buyer=ana)
    made = [make_order(session, buyer=Buyer(ana.id, whose)) for whose in (None, organisation.id)]
    for order in made:
        order.state = OrderState.REFUNDED
        open_complaint(session, order.id, "From Ana", uuid4(), NOW)
        decide_complaint(session, order.id, "Ana is right", ana.id, NOW)
        open_complaint(session, order.id, "From Ana again", uuid4(), NOW)
    erase_person(session, ana.id, "en", NOW)
    session.expire_all()
    texts = [
        [each.text for each in thread_of(session, order.id) if each.author != "platform"] for order in made
    ]
    assert [sorted(each) for each in texts] == [["", "", ""], ["Ana is right", "From Ana", "From Ana again"]]
    found = [
        session.scalars(
            select(Complaint).where(Complaint.order_id == order.id).order_by(Complaint.outcome)
        ).all()
        for order in made
    ]
    assert [(each.state, each.outcome) for each in found[0]] == [("closed", None), ("closed", None)]
    assert [(each.state, each.outcome) for each in found[1]] == [("closed", "Ana is right"), ("open", None)]
    assert [order.asked_at for order in made] == [None, NOW]


# Why not yet.


@pytest.mark.parametrize("state", sorted(RefundState))
def test_not_while_money_goes_back(session: Session, ana: Person, state: RefundState):
    order = make_order(session, buyer=Buyer(ana.id))
    order.state = OrderState.EXPIRED
    make_refund(session, order, state=state)
    over = state in {RefundState.DONE, RefundState.WITHDRAWN}
    assert erasure_obstacles(session, ana).orders == ([] if over else [order])


@pytest.mark.parametrize(
    "state",
    [
        "awaiting_payment",
        "paid",
        "cancelling",
        "fulfilment_failed",
        "refund_due",
        "needs_attention",
        "completed",
    ],
)
@pytest.mark.parametrize("as_guest", [False, True])
def test_not_while_an_order_is_under_way(session: Session, ana: Person, state: str, as_guest: bool):
    """A completed one is, until its certificate is there."""
    order = make_order(session, buyer=None if as_guest else Buyer(ana.id), details=make_details(email=EMAIL))
    order.state = OrderState(state)
    session.flush()
    with pytest.raises(ErasureRefused) as refused:
        erase_person(session, ana.id, "en", NOW)
    assert refused.value.obstacles.orders == [order]
    assert (ana.erased_at, order.email) == (None, EMAIL)


def test_not_while_a_payment_may_still_come(session: Session, journey: Journey, ana: Person):
    session.commit()
    order = journey.place(20, email=EMAIL)
    journey.start(order)
    with journey.sessions.begin() as other:
        other.get_one(Order, order.id).state = OrderState.EXPIRED
    assert [each.id for each in erasure_obstacles(session, ana).orders] == [order.id]


def test_not_while_others_would_be_left_without_an_owner(session: Session, ana: Person):
    viewer, other = make_buyer(session), make_buyer(session)
    stuck = make_organisation(session, ana, "Stuck", viewer=viewer)
    make_organisation(session, ana, "Alone")
    make_organisation(session, ana, "Shared", owner_2=other)
    with pytest.raises(ErasureRefused) as refused:
        erase_person(session, ana.id, "en", NOW)
    assert refused.value.obstacles.organisations == [stuck]
    assert len(session.scalars(select(Membership).where(Membership.person_id == ana.id)).all()) == 3


# Mails.


def test_what_waits_to_be_sent_loses_its_address_then(session: Session, ana: Person):
    for kind in ("your_links", "payment_failed"):
        queue_mail(session, kind, once=kind, to=EMAIL, language="en", now=NOW)
    erase_person(session, ana.id, "en", NOW)
    session.expire_all()
    sent, failed = mails(session, "your_links")[0], mails(session, "payment_failed")[0]
    assert sent.to == failed.to == EMAIL
    record_problem(session, failed.id, "busy", final=False)
    assert failed.to == EMAIL
    record_problem(session, failed.id, "no such mailbox", final=True)
    record_sent(session, sent.id, NOW)
    assert sent.to == failed.to == ""


def test_a_buyer_without_an_address_gets_no_mail(session: Session):
    order = make_order(session)
    order.email = ""
    queue_order_mail(session, order, "refunded", NOW + timedelta(days=1))
    assert mails(session, "refunded") == []


def test_invitations_to_the_person_end_and_forget_the_address(session: Session, ana: Person):
    owner = make_buyer(session)
    organisation = make_organisation(session, owner)
    invite(session, organisation, owner, EMAIL)
    invite(session, organisation, owner, "otto@example.org")
    erase_person(session, ana.id, "en", NOW)
    session.expire_all()
    assert sorted((each.email, each.withdrawn_at) for each in session.scalars(select(Invitation))) == [
        ("", NOW),
        ("otto@example.org", None),
    ]
