"""Every kind of mail in every language: whole sentences, the order's facts, the right links, the right attachment."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import Engine, select

from app.domain.certificates.issue_certificate import issue_certificate
from app.domain.certificates.json_twin import from_json
from app.domain.content.decide_content import Act as ContentAct
from app.domain.content.decide_content import decide_content
from app.domain.four_eyes.propose import propose
from app.domain.mails.models import Mail
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.moderation.decide_text import Act as TextAct
from app.domain.moderation.decide_text import decide_text
from app.domain.moderation.models import TextKind
from app.domain.offers.decide_offer import decide_offer
from app.domain.orders.decide_order import Act
from app.domain.orders.models import Order
from app.domain.orders.send_links import send_links
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.bank.open_transfer import open_transfer
from app.domain.payments.claims.answer_claim import answer_claim
from app.domain.payments.claims.claim_paid import claim_paid
from app.domain.payments.claims.escalate_claim import escalate_claim
from app.domain.payments.claims.queries import NOT_RECEIVED
from app.domain.payments.models import AccountState, Payment, ReleaseRule
from app.domain.payments.payees.submit_account import submit_account
from app.domain.payments.proofs import check_proof
from app.domain.payments.record_snapshot import record_snapshot
from app.domain.payments.refunds.answer_refund import answer_refund
from app.domain.payments.refunds.mind_refund import mind_refund
from app.domain.payments.refunds.say_refund_sent import say_refund_sent
from app.domain.payments.release_terms import ReleaseTerms
from app.domain.people.accept_provider_terms import accept_provider_terms
from app.domain.people.decide_provider import decide_provider
from app.domain.people.erase_person import erase_person
from app.domain.people.models import ProviderState
from app.domain.people.submit_provider import submit_provider
from app.domain.tax_documents.add_tax_document import add_tax_document
from app.domain.threads.forget_threads import forget_threads
from app.domain.threads.models import Author
from app.domain.threads.open_complaint import open_complaint
from app.domain.threads.write_message import write_message
from app.factory import create_app
from app.i18n import LANGUAGES
from app.integrations.gateways.interface import Declined, Entry, PayeeProblem
from app.integrations.mail.interface import Message
from app.jobs.mails import TO_THE_SELLER, NotReady, mail_writer
from app.money import Money
from app.sealing import Purpose, Sealer
from app.settings import Settings
from app.shells.release import release
from app.shells.sweep import sweep
from tests.bank import make_bank_account
from tests.domain.content.pieces import make_picture
from tests.domain.payments.bank.accounts import AMERICAN
from tests.domain.payments.payees.people import House, add
from tests.domain.people.samples import invite, make_administrator, make_buyer, make_organisation
from tests.factories import NOW, SECRET_KEY, make_offer, make_payee_account, make_provider
from tests.journey import PROVIDER, Journey

TEMPLATES = Path(__file__).parents[2] / "app" / "templates" / "emails"
UNTOUCHED = re.compile(r"\bNone\b|\bUndefined\b|%\([a-z_]+\)|\{\{|\{%|<built-in|object at 0x|_[a-z]+_")


@pytest.fixture
def journey(settings: Settings, engine: Engine) -> Journey:
    return Journey(settings, engine)


@pytest.fixture
def pages(settings: Settings, engine: Engine, journey: Journey) -> Flask:
    return create_app(settings, neighbours=journey.neighbours, engine=engine)


@pytest.fixture
def write(pages: Flask, settings: Settings, journey: Journey) -> Callable[[str], Message]:
    """Writes the only mail of a kind that is owed."""

    def write(kind: str) -> Message:
        with journey.sessions() as session:
            mail = session.query(Mail).filter_by(kind=kind).one()
            return mail_writer(pages, settings)(session, mail)

    return write


def order_placed(journey: Journey, order: Order) -> None:
    """Owed since the order was placed."""


def payment_failed(journey: Journey, order: Order) -> None:
    journey.approve(order)
    journey.gateway.fail_next("capture", Declined("declined"))
    journey.look(order)


def order_expired(journey: Journey, order: Order) -> None:
    journey.expire(order)


def not_charged(journey: Journey, order: Order) -> None:
    journey.registry.change_mandate(journey.mandate_of(order), status="revoked")
    journey.pay(order)


def approved_too_late(journey: Journey, order: Order) -> None:
    _expire_and_sell(journey, order)
    journey.gateway.approve(list(journey.gateway.checkouts)[-1])
    journey.look(order)


def refund_due(journey: Journey, order: Order) -> None:
    journey.pay(order)
    for line in (0, 1):
        journey.registry.change_block(journey.mandate_of(order, line), status="frozen")
    journey.cancel(order)


def refunded(journey: Journey, order: Order) -> None:
    refund_due(journey, order)
    journey.refund(order)


def refund_surplus(journey: Journey, order: Order) -> None:
    """The buyer has paid twice."""
    journey.pay(order)
    (checkout,) = journey.gateway.checkouts.values()
    with journey.sessions.begin() as session:
        payment = session.execute(select(Payment).where(Payment.order_id == order.id)).scalar_one()
        second = Entry("receipt", "CAPTURE-AGAIN", checkout.amount, journey.now)
        told = replace(checkout.snapshot(), entries=(*checkout.entries, second), in_parts=True)
        record_snapshot(session, payment.id, told, journey.now)
    checkout.entries.append(second)


def refund_done(journey: Journey, order: Order) -> None:
    refund_surplus(journey, order)
    journey.gateway.refund_outside(list(journey.gateway.checkouts)[-1], order.total)
    (checkout,) = journey.gateway.checkouts.values()
    with journey.sessions.begin() as session:
        payment = session.execute(select(Payment).where(Payment.order_id == order.id)).scalar_one()
        record_snapshot(session, payment.id, replace(checkout.snapshot(), in_parts=True), journey.now)


def refund_to_send(journey: Journey, order: Order) -> None:
    refund_due(journey, order)
    journey.gateway.fail_next("refund", PayeeProblem("insufficient_funds"))
    journey.refund(order)


def refund_reminder(journey: Journey, order: Order) -> None:
    refund_to_send(journey, order)
    _when_due(journey, order, -timedelta(days=1))


def refund_overdue(journey: Journey, order: Order) -> None:
    refund_to_send(journey, order)
    _when_due(journey, order, timedelta(0))


def refund_sent(journey: Journey, order: Order) -> None:
    refund_to_send(journey, order)
    (refund,) = journey.refunds(order)
    proof = check_proof(b"%PDF-1.7 sample", "advice.pdf")
    with journey.sessions.begin() as session:
        say_refund_sent(session, refund.id, journey.now.date(), "", proof, None, journey.now)


def refund_missing(journey: Journey, order: Order) -> None:
    refund_sent(journey, order)
    (refund,) = journey.refunds(order)
    with journey.sessions.begin() as session:
        answer_refund(session, refund.id, False, journey.now)


def _when_due(journey: Journey, order: Order, shift: timedelta) -> None:
    (refund,) = journey.refunds(order)
    assert refund.due_at is not None
    with journey.sessions.begin() as session:
        mind_refund(session, refund.id, refund.due_at + shift)


def needs_attention(journey: Journey, order: Order) -> None:
    journey.pay(order)
    journey.registry.change_block(journey.mandate_of(order), status="frozen")
    journey.cancel(order)


def cancellation_waits(journey: Journey, order: Order) -> None:
    journey.pay(order)
    journey.passed += timedelta(hours=1)
    sweep(journey.works)


def payment_waits_for_payee(journey: Journey, order: Order) -> None:
    journey.pay(order, "pending")
    journey.gateway.checkouts[list(journey.gateway.checkouts)[-1]].reason = "payee_action"
    journey.look(order)


def certificate(journey: Journey, order: Order) -> None:
    journey.complete(order)


def payee_account_degraded(journey: Journey, order: Order) -> None:
    journey.gateway.fail_next("start", PayeeProblem("account_restricted"))
    with pytest.raises(PayeeProblem):
        journey.start(order)


def payee_account_changed(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        account = make_payee_account(session, make_provider(session, account=False), state=AccountState.DRAFT)
        submit_account(session, account.id, make_buyer(session).id, NOW)


def payee_change(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        provider, ada = make_provider(session, account=False), make_buyer(session, name="Ada Sample")
        add(session, House(provider, ada.id, ada.id))


def method_unavailable(journey: Journey, order: Order) -> None:
    payee_account_degraded(journey, order)


def your_links(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        send_links(session, order.email.upper(), order.language, journey.now)


def invitation(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        owner = make_buyer(session, name="Ana Sample")
        sealed = Sealer(SECRET_KEY, Purpose.INVITATIONS).seal("the-token").decode()
        organisation = make_organisation(session, owner, "Sample Bakery")
        invite(session, organisation, owner, "otto@example.org", token_sealed=sealed)


def data_erased(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        erase_person(session, make_buyer(session, "otto@example.org").id, "en", journey.now)


def transfer_instructions(journey: Journey, order: Order) -> None:
    _by_transfer(journey, order, "transfer_instructions")


def transfer_reminder(journey: Journey, order: Order) -> None:
    _by_transfer(journey, order, "transfer_reminder")


def transfer_part_received(journey: Journey, order: Order) -> None:
    _by_transfer(journey, order, "transfer_part_received")


def claim_opened(journey: Journey, order: Order) -> None:
    _claim(journey, order)


def claim_to_answer(journey: Journey, order: Order) -> None:
    _claim(journey, order)


def claim_answered(journey: Journey, order: Order) -> None:
    _claim(journey, order)
    with journey.sessions.begin() as session:
        answer_claim(session, order.id, NOT_RECEIVED, "Nothing until Monday.", None, journey.now)


def claim_escalated(journey: Journey, order: Order) -> None:
    _claim(journey, order)
    journey.passed += timedelta(days=8)
    with journey.sessions.begin() as session:
        assert escalate_claim(session, order.id, journey.now)


def claim_to_mediate(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        make_administrator(session, "admin@example.org")
    claim_escalated(journey, order)


def _claim(journey: Journey, order: Order) -> None:
    """The buyer says that a transfer was sent, and after its due date that it is paid."""
    _by_transfer(journey, order, "transfer_instructions")
    journey.passed += timedelta(days=11)
    with journey.sessions.begin() as session:
        claim_paid(session, order.id, None, journey.now)


def release_waits(journey: Journey, order: Order) -> None:
    _let_wait(journey, order, "delay")
    journey.pay(order)


def review_due(journey: Journey, order: Order) -> None:
    _let_wait(journey, order, "review")
    journey.pay(order)


def review_overdue(journey: Journey, order: Order) -> None:
    review_due(journey, order)
    journey.passed += timedelta(hours=49)
    release(journey.works, order.id)


def payment_lost(journey: Journey, order: Order) -> None:
    release_waits(journey, order)
    _take_back(journey, order, "refund", order.total)


def payment_part_lost(journey: Journey, order: Order) -> None:
    release_waits(journey, order)
    _take_back(journey, order, "refund", Money(100, order.currency))


def payment_disputed(journey: Journey, order: Order) -> None:
    journey.complete(order)
    _take_back(journey, order, "chargeback", order.total)


def fulfilment_failed(journey: Journey, order: Order) -> None:
    journey.offer_others(order)
    refund_due(journey, order)


def order_cleared(journey: Journey, order: Order) -> None:
    _flag(journey, order)
    journey.decide(order, Act.CLEAR)


def order_rejected(journey: Journey, order: Order) -> None:
    _flag(journey, order)
    journey.decide(order, Act.REJECT)


def provider_decided(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        decider = make_administrator(session, "admin@example.org")
        provider = make_provider(session, state=ProviderState.SUSPENDED)
        decide_provider(session, provider.id, "reinstate", "It was a mistake.", decider.id, NOW)


def provider_to_approve(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        make_administrator(session, "vera@registry.example")
        person = make_buyer(session)
        provider = make_provider(
            session, state=ProviderState.ONBOARDING, street="1 Sample Road", town="Zomba", contact_name="Nora"
        )
        make_bank_account(session, provider)
        accept_provider_terms(session, provider.id, "the words", "en", person.id, NOW)
        submit_provider(session, provider.id, person.id, NOW)


def offer_decided(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        decider = make_administrator(session, "admin@example.org")
        offer = make_offer(session)
        decide_offer(session, offer.id, "suspend", "The units are disputed.", decider.id, NOW)


def proposal_waits(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        make_administrator(session, "admin@example.org")
        proposer = make_buyer(session, name="Ada Sample")
        propose(session, "provider.delist", order.provider_id, "Because.", proposer.id, NOW)


def text_taken_down(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        vera = make_administrator(session, "admin@example.org")
        decide_text(session, TextKind.REASON, str(order.id), TextAct.TAKE_DOWN, "A claim.", vera.id, NOW)


def content_refused(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        vera = make_administrator(session, "")
        [line, *_] = session.get_one(Order, order.id).lines
        reference = line.offer.mandate.block.activity_ref
        piece = make_picture(session, line.offer.provider, reference, vera.id, shown=False)
        decide_content(session, piece.id, ContentAct.REFUSE, "It shows nothing.", vera.id, NOW)


def _flag(journey: Journey, order: Order) -> None:
    """What the buyer agreed to at the gateway is not what was asked for."""
    payment = journey.approve(order)
    journey.gateway.checkouts[payment.external_id or ""].amount = Money(1, order.currency)
    journey.look(order)


def _let_wait(journey: Journey, order: Order, rule: str) -> None:
    journey.let_wait(order, ReleaseTerms(ReleaseRule(rule), 48))


def _take_back(journey: Journey, order: Order, kind: str, amount: Money) -> None:
    journey.move_money(order, kind, amount)
    journey.look(order)


def _by_transfer(journey: Journey, order: Order, kind: str) -> None:
    """The order is paid to an American account of the seller."""
    with journey.sessions.begin() as session:
        kept = session.get_one(Order, order.id)
        make_bank_account(session, kept.provider, {**AMERICAN, "iban": "", "holder": PROVIDER})
        kept.method = "bank"
        open_transfer(session, kept, journey.now)
        queue_order_mail(session, kept, kind, journey.now)


def _expire_and_sell(journey: Journey, order: Order) -> None:
    """The hold is over, and somebody else holds the units."""
    journey.start(order)
    journey.expire(order)
    with journey.sessions.begin() as session:
        for line in session.get_one(Order, order.id).lines:
            line.offer.held = line.offer.quantity


def message_to_buyer(journey: Journey, order: Order) -> None:
    _write(journey, order, Author.PROVIDER)


def message_to_seller(journey: Journey, order: Order) -> None:
    _write(journey, order, Author.BUYER)


def certificate_late(journey: Journey, order: Order) -> None:
    journey.pay(order)
    journey.passed += timedelta(hours=72)
    sweep(journey.works)


def certificate_late_at_seller(journey: Journey, order: Order) -> None:
    certificate_late(journey, order)


def complaint_escalated(journey: Journey, order: Order) -> None:
    journey.pay(order)
    with journey.sessions.begin() as session:
        make_administrator(session, "admin@example.org")
        open_complaint(session, order.id, "Where is it?", uuid4(), journey.now)
    journey.passed += timedelta(hours=72)
    sweep(journey.works)


def complaint_to_mediate(journey: Journey, order: Order) -> None:
    complaint_escalated(journey, order)


def tax_document(journey: Journey, order: Order) -> None:
    journey.pay(order)
    with journey.sessions.begin() as session:
        file = check_proof(b"%PDF-1.7 sample", "invoice.pdf")
        add_tax_document(session, order.id, file, make_buyer(session).id, journey.now)


def _write(journey: Journey, order: Order, author: Author, text: str = "First line.\n\n<b>Second") -> None:
    with journey.sessions.begin() as session:
        write_message(session, order.id, author, text, uuid4(), None, journey.now)


KINDS = {
    act.__name__: act
    for act in (
        order_placed,
        payment_failed,
        order_expired,
        not_charged,
        approved_too_late,
        refund_due,
        refunded,
        refund_surplus,
        refund_done,
        refund_to_send,
        refund_reminder,
        refund_overdue,
        refund_sent,
        refund_missing,
        needs_attention,
        cancellation_waits,
        payment_waits_for_payee,
        certificate,
        payee_account_degraded,
        payee_account_changed,
        payee_change,
        method_unavailable,
        transfer_instructions,
        transfer_reminder,
        transfer_part_received,
        claim_opened,
        claim_to_answer,
        claim_answered,
        claim_escalated,
        claim_to_mediate,
        release_waits,
        review_due,
        review_overdue,
        payment_lost,
        payment_part_lost,
        payment_disputed,
        fulfilment_failed,
        order_cleared,
        order_rejected,
        message_to_buyer,
        message_to_seller,
        certificate_late,
        certificate_late_at_seller,
        complaint_escalated,
        complaint_to_mediate,
        tax_document,
        provider_decided,
        offer_decided,
        proposal_waits,
        provider_to_approve,
        text_taken_down,
        content_refused,
        your_links,
        invitation,
        data_erased,
    )
}
NOT_ABOUT_ORDERS = ["invitation", "data_erased"]
TASKS = ["refund_to_send", "refund_reminder", "refund_overdue", "refund_missing"]
TO_THE_ADMINISTRATORS = {"claim_to_mediate", "complaint_to_mediate", "proposal_waits", "provider_to_approve"}
TO_THE_PROVIDER = {
    *TASKS,
    *TO_THE_SELLER,
    "claim_to_answer",
    "payee_account_changed",
    "payee_account_degraded",
    "payee_change",
    "payment_waits_for_payee",
    "provider_decided",
    "offer_decided",
    "content_refused",
}
TO_THE_BUYER = sorted(set(KINDS) - {*TO_THE_PROVIDER, *TO_THE_ADMINISTRATORS, *NOT_ABOUT_ORDERS})


def prose(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def test_every_template_is_a_kind_and_every_kind_has_both():
    frame = {"layout", "parts"}
    for ending in ("txt", "html"):
        assert {path.stem for path in TEMPLATES.glob(f"*.{ending}")} - frame == set(KINDS)


@pytest.mark.parametrize("kind", TO_THE_BUYER)
def test_a_buyer_can_read_it_in_every_language(
    journey: Journey, write: Callable[[str], Message], settings: Settings, kind: str
):
    order = journey.place(20, 5)
    KINDS[kind](journey, order)
    for language in LANGUAGES:
        with journey.sessions.begin() as session:
            session.query(Mail).filter_by(kind=kind).one().language = language
        mail = write(kind)
        assert mail.to == "buyer@example.org"
        assert mail.language == language
        assert f'<html lang="{language}" dir="ltr">' in mail.html
        assert mail.subject
        assert "\n" not in mail.subject
        page = f"{settings.public_url}/{language}/orders/{order.token}"
        for body in (mail.text, prose(mail.html)):
            assert order.number in body
            assert not UNTOUCHED.search(body.replace(order.token, "")), UNTOUCHED.search(body)
        assert page in mail.text
        assert f'href="{page}"' in mail.html
        assert_both_say_the_same(mail)


def assert_both_say_the_same(mail: Message) -> None:
    """The same sentences in both: nobody is told less for how they read their mails."""
    said = prose(mail.html)
    sentences = [part for part in mail.text.split("\n\n") if part.endswith((".", ":")) and "\n" not in part]
    assert sentences
    assert [sentence for sentence in sentences if " ".join(sentence.split()) not in said] == []


@pytest.mark.parametrize(
    "kind,address",
    [("invitation", "/{language}/account/invitations/the-token"), ("data_erased", "/realms/public/account")],
)
def test_what_is_about_no_order_is_read_in_every_language_too(
    journey: Journey, write: Callable[[str], Message], kind: str, address: str
):
    KINDS[kind](journey, journey.place(20))
    for language in LANGUAGES:
        with journey.sessions.begin() as session:
            session.query(Mail).filter_by(kind=kind).one().language = language
        mail = write(kind)
        assert (mail.to, mail.language) == ("otto@example.org", language)
        assert f'<html lang="{language}" dir="ltr">' in mail.html
        assert address.format(language=language) in mail.text
        assert f'{address.format(language=language)}"' in mail.html
        for body in (mail.text, prose(mail.html)):
            assert not UNTOUCHED.search(body), UNTOUCHED.search(body)
        assert_both_say_the_same(mail)


def test_the_seller_is_asked_with_a_date_and_a_way_to_answer(
    journey: Journey, write: Callable[[str], Message], settings: Settings
):
    order = journey.place(20)
    claim_to_answer(journey, order)
    mail = write("claim_to_answer")
    assert mail.subject.startswith(f"Order {order.number}: the buyer says it is paid. Please answer by ")
    assert f"{settings.public_url}/en/console/claims" in mail.text
    assert f'href="{settings.public_url}/en/console/claims"' in mail.html
    assert order.token not in mail.text + mail.html, "it would open the buyer's page"
    assert_both_say_the_same(mail)


@pytest.mark.parametrize("kind", ["claim_to_mediate", "complaint_to_mediate"])
def test_administrators_are_led_to_the_order(
    journey: Journey, write: Callable[[str], Message], settings: Settings, kind: str
):
    order = journey.place(20)
    KINDS[kind](journey, order)
    mail = write(kind)
    assert mail.to == "admin@example.org"
    assert f"{settings.public_url}/en/console/admin/orders/{order.number}" in mail.text
    assert order.token not in mail.text + mail.html
    assert_both_say_the_same(mail)


@pytest.mark.parametrize(
    "kind, said, page",
    [
        ("provider_decided", "An administrator writes: It was a mistake.", "/en/console/"),
        ("offer_decided", "An administrator writes: The units are disputed.", "/en/console/offers/"),
        ("proposal_waits", "takes two of you", "/en/console/admin/proposals/"),
        ("content_refused", "It shows nothing.", "/en/console/activities/A6.4-MW-001042"),
    ],
)
def test_people_at_the_console_are_told_what_was_decided_or_waits(
    journey: Journey, write: Callable[[str], Message], settings: Settings, kind: str, said: str, page: str
):
    KINDS[kind](journey, journey.place(20))
    mail = write(kind)
    for body in (mail.text, prose(mail.html)):
        assert said in body
        assert not UNTOUCHED.search(body), UNTOUCHED.search(body)
    assert settings.public_url + page in mail.text
    assert_both_say_the_same(mail)


@pytest.mark.parametrize("kind", TASKS)
def test_a_provider_is_told_what_to_send_and_nothing_that_opens_the_buyers_order(
    journey: Journey, write: Callable[[str], Message], settings: Settings, kind: str
):
    order = journey.place(20, 5)
    KINDS[kind](journey, order)
    (refund,) = journey.refunds(order)
    mail = write(kind)
    assert mail.to.startswith("provider-")
    assert order.number in mail.subject
    task = f"{settings.public_url}/en/console/refunds/{refund.id}"
    assert task in mail.text
    assert f'href="{task}"' in mail.html
    for body in (mail.text, prose(mail.html)):
        assert "US$280.00" in body
        assert order.token not in body
        assert order.email not in body
        assert not UNTOUCHED.search(body), UNTOUCHED.search(body)
    assert_both_say_the_same(mail)


def test_a_task_says_why_and_by_when(journey: Journey, write: Callable[[str], Message]):
    refund_to_send(journey, journey.place(20, 5))
    (task,) = journey.mails("refund_to_send")
    mail = write("refund_to_send")
    assert "The account does not hold enough money for a refund." in mail.text
    assert task.to.startswith("provider-")


def test_an_invitation_says_who_invites_to_what(journey: Journey, write: Callable[[str], Message]):
    invitation(journey, journey.place(20))
    mail = write("invitation")
    assert mail.subject == "Sample Bakery invites you to buy together"
    assert "Ana Sample has invited you to join the organisation “Sample Bakery”" in mail.text
    assert "As a buyer you buy for it and see its orders." in mail.text
    assert "good until 7 December 2026" in mail.text


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_loaded_when_it_is_read(journey: Journey, write: Callable[[str], Message], kind: str):
    KINDS[kind](journey, journey.place(20, 5))
    soup = BeautifulSoup(write(kind).html, "html.parser")
    assert soup.select("img, script, link, iframe, object, video, [background], [src], [onload]") == []
    assert not re.search(r"url\(|@import", str(soup.style))
    assert [table.get("role") for table in soup.select("table") if table.get("role") != "presentation"] == []


@pytest.mark.parametrize("language,amount", [("en", "US$280.00"), ("fr", "280,00"), ("es", "280,00")])
def test_amounts_are_written_as_the_reader_does(
    journey: Journey, write: Callable[[str], Message], language: str, amount: str
):
    journey.place(20, 5, language=language)
    mail = write("order_placed")
    assert amount in mail.text
    assert amount in mail.html


def test_the_first_mail_says_until_when_the_units_are_held(journey: Journey, write: Callable[[str], Message]):
    order = journey.place(20, 5)
    mail = write("order_placed")
    assert mail.subject == f"Your order {order.number}: 25 t, held until {order.hold_until:%H:%M} UTC"
    assert f"You pay {PROVIDER} directly, by PayPal." in mail.text
    assert "- 20 t · Sample efficient cookstoves, Zomba (A6.4-MW-001042), Malawi" in mail.text
    assert "Platform fee: none" in mail.text


def test_the_certificate_comes_with_every_serial_number_to_the_letter(
    journey: Journey, write: Callable[[str], Message], settings: Settings
):
    order = journey.place(20, 5)
    issued = journey.complete(order)
    mail = write("certificate")
    record = from_json(issued.json_twin)
    printed = [span.printed for line in record.lines for span in line.serial_ranges]
    assert len(printed) == 4, "several ranges a line are what this test is about"
    assert mail.subject == f"Certificate {issued.number}: 25 t cancelled"
    for text in printed:
        assert f"  {text}\n" in mail.text
        assert text in mail.html
    for fact in (
        issued.number,
        issued.code,
        issued.pdf_sha256,
        record.lines[0].registry_cancellation_id,
        record.lines[1].attestation_reference,
        f"{settings.public_url}/en/certificates/{issued.code}",
        f"{settings.public_url}/certificates/{issued.code}.pdf",
        f"{settings.public_url}/certificates/{issued.code}.json",
    ):
        assert fact in mail.text
        assert fact in mail.html
    [attached] = mail.attachments
    assert attached.filename == f"certificate-{issued.number.replace('/', '-')}.pdf"
    assert attached.media_type == "application/pdf"
    with journey.sessions() as session:
        assert attached.content == session.merge(issued).pdf
    assert attached.content.startswith(b"%PDF")


def test_a_certificate_without_its_pdf_is_not_mailed(journey: Journey, write: Callable[[str], Message]):
    order = journey.place(20)
    journey.pay(order)
    journey.cancel(order)
    with journey.sessions.begin() as session:
        issued = issue_certificate(session, order.id, "http://127.0.0.1:8000", journey.now)
        session.flush()
        queue_order_mail(session, issued.order, "certificate", journey.now, certificate_id=str(issued.id))
    with pytest.raises(NotReady):
        write("certificate")


def test_only_the_certificate_has_an_attachment(journey: Journey, write: Callable[[str], Message]):
    journey.place(20)
    assert write("order_placed").attachments == ()


def test_a_failed_payment_says_why_and_how_long_there_is(journey: Journey, write: Callable[[str], Message]):
    order = journey.place(20)
    payment_failed(journey, order)
    mail = write("payment_failed")
    assert "The payment was declined. Another card or account may work." in mail.text
    assert f"held until {order.hold_until:%H:%M} UTC" in mail.text
    journey.expire(order)
    assert "held until" not in write("payment_failed").text


@pytest.mark.parametrize(
    "kind,reason",
    [
        ("not_charged", "The provider has taken back its permission to cancel these units."),
        ("refund_due", "The registry has frozen or moved these units."),
        ("needs_attention", "The registry cancelled some of the units and refused the others."),
    ],
)
def test_what_went_wrong_is_said(journey: Journey, write: Callable[[str], Message], kind: str, reason: str):
    KINDS[kind](journey, journey.place(20, 5))
    mail = write(kind)
    assert reason in mail.text
    assert reason in mail.html


def test_the_provider_is_told_in_english_what_to_do(journey: Journey, write: Callable[[str], Message]):
    payee_account_degraded(journey, journey.place(20, language="fr"))
    mail = write("payee_account_degraded")
    assert mail.language == "en"
    assert mail.to.startswith("provider-")
    assert mail.subject == "Your PayPal account cannot receive payments"
    assert "The account is restricted. (account_restricted)" in mail.text
    assert PROVIDER in mail.text
    assert "orders/" not in mail.text, "a provider must not get a buyer's link"


def test_a_provider_whose_money_is_held_back_is_told_where(journey: Journey, write: Callable[[str], Message]):
    order = journey.place(20, language="fr")
    payment_waits_for_payee(journey, order)
    mail = write("payment_waits_for_payee")
    assert (mail.language, mail.to.startswith("provider-")) == ("en", True)
    assert mail.subject == f"Order {order.number}: PayPal waits for you"
    assert "holds the money back until you have done something there" in mail.text
    assert "orders/" not in mail.text, "a provider must not get a buyer's link"


@pytest.mark.parametrize(
    "kind,said",
    [
        ("review_due", "Please decide by"),
        ("payment_disputed", "the certificate stays true"),
        ("message_to_seller", "The buyer writes about order"),
        ("certificate_late_at_seller", "in time after the payment"),
    ],
)
def test_a_seller_is_led_to_the_order_in_the_console(
    journey: Journey, write: Callable[[str], Message], settings: Settings, kind: str, said: str
):
    order = journey.place(20, language="fr")
    KINDS[kind](journey, order)
    mail = write(kind)
    assert (mail.language, mail.to.startswith("provider-")) == ("en", True)
    page = f"{settings.public_url}/en/console/orders/{order.number}"
    assert page in mail.text
    assert f'href="{page}"' in mail.html
    for body in (mail.text, mail.html):
        assert said in body
        assert order.token not in body, "a provider must not get a buyer's link"
    assert_both_say_the_same(mail)


def test_a_late_review_is_told_as_such(journey: Journey, write: Callable[[str], Message]):
    review_overdue(journey, journey.place(20))
    with journey.sessions.begin() as session:
        [first] = session.query(Mail).filter(Mail.once.like("review_due:%:asked"))
        session.delete(first)
    assert "The time for that is over" in write("review_due").text


@pytest.mark.parametrize(
    "terms,said",
    [
        (ReleaseTerms(ReleaseRule.DELAY, 24), "24 hours after the payment is confirmed, because Sample"),
        (ReleaseTerms(ReleaseRule.REVIEW, 48), "has checked the payment, within 48 hours."),
    ],
)
def test_the_first_mail_says_from_when_units_are_cancelled(
    journey: Journey, write: Callable[[str], Message], terms: ReleaseTerms, said: str
):
    order = journey.place(20, 5)
    at_once = "As soon as the payment is confirmed, the units are cancelled"
    assert at_once in write("order_placed").text
    journey.let_wait(order, terms)
    mail = write("order_placed")
    assert said in mail.text
    assert said in prose(mail.html)
    assert at_once not in mail.text


def test_everybody_of_a_provider_reads_who_wants_what_of_its_bank_details(
    journey: Journey, write: Callable[[str], Message]
):
    payee_change(journey, journey.place(20))
    mail = write("payee_change")
    assert mail.subject == "Bank details: somebody asks for a change"
    for text in (mail.text, prose(mail.html)):
        assert "Ada Sample asks that buyers pay to this bank account" in text
        assert "…3000" in text
        assert "withdraw it on the page of the account" in text
        assert "DE89" not in text, "the whole number is for whoever is signed in"
    assert "/en/console/payee-accounts/" in mail.text


def test_everybody_of_a_provider_reads_that_an_account_was_added(
    journey: Journey, write: Callable[[str], Message]
):
    payee_account_changed(journey, journey.place(20))
    mail = write("payee_account_changed")
    for text in (mail.text, prose(mail.html)):
        assert "An account at PayPal was added" in text
        assert "If nobody of yours did this" in text


def test_the_links_of_all_orders_are_sent_with_their_states(
    journey: Journey, write: Callable[[str], Message]
):
    done, waiting, other = journey.place(20), journey.place(3), journey.place(4, email="else@example.org")
    journey.complete(done)
    your_links(journey, done)
    mail = write("your_links")
    assert f"/en/orders/{done.token}" in mail.text
    assert f"/en/orders/{waiting.token}" in mail.text
    assert other.token not in mail.text
    assert mail.text.index("Waiting for payment") < mail.text.index("Units cancelled")  # newest first


def test_hostile_names_stay_text(journey: Journey, write: Callable[[str], Message]):
    order = journey.place(20)
    with journey.sessions.begin() as session:
        session.get_one(Order, order.id).provider.legal_name = "Sample <b onload=x>\r\nBcc: a@b & Co"
    mail = write("order_placed")
    assert "<b onload" not in mail.html
    assert "Sample &lt;b onload=x&gt;" in mail.html
    assert "Sample <b onload=x>" in mail.text


def test_a_mail_that_is_not_taken_is_written_the_same_way_again(
    journey: Journey, write: Callable[[str], Message]
):
    journey.place(20)
    assert write("order_placed") == write("order_placed")


def test_the_instructions_for_a_transfer_have_the_account_and_the_invoice(
    journey: Journey, write: Callable[[str], Message]
):
    order = journey.place(20)
    transfer_instructions(journey, order)
    mail = write("transfer_instructions")
    with journey.sessions() as session:
        reference = session.get_one(BankTransfer, order.id).reference
    assert reference in mail.text
    assert all(text in mail.text for text in ("021000021", "123456789", "CHASUS33XXX", "US$224.00"))
    [invoice] = mail.attachments
    assert (invoice.filename, invoice.media_type) == (f"pro-forma-{order.number}.pdf", "application/pdf")
    assert "not a tax invoice" in invoice.content.decode()


def test_what_somebody_wrote_is_quoted_and_never_markup(journey: Journey, write: Callable[[str], Message]):
    order = journey.place(20, language="fr")
    message_to_buyer(journey, order)
    mail = write("message_to_buyer")
    assert mail.language == "fr"
    assert "    First line.\n" in mail.text
    assert "    <b>Second\n" in mail.text
    assert "First line.<br><br>&lt;b&gt;Second" in mail.html


def test_a_complaint_says_until_when_to_answer_and_never_who_bought(
    journey: Journey, write: Callable[[str], Message]
):
    order = journey.place(20)
    journey.pay(order)
    with journey.sessions.begin() as session:
        open_complaint(session, order.id, "Where is it?", uuid4(), journey.now)
    mail = write("message_to_seller")
    assert "This is a complaint. Please answer by" in mail.text
    assert order.email not in mail.text + mail.html
    with journey.sessions.begin() as session:
        forget_threads(session, [order.id], journey.now)
    assert "Where is it?" not in write("message_to_seller").text
