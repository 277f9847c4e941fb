"""Every kind of mail in every language: whole sentences, the order's facts, the right links, the right attachment."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import Engine

from app.domain.certificates.issue_certificate import issue_certificate
from app.domain.certificates.json_twin import from_json
from app.domain.mails.models import Mail
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.models import Order
from app.domain.orders.send_links import send_links
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.bank.open_transfer import open_transfer
from app.domain.payments.models import AccountState
from app.domain.payments.payees.submit_account import submit_account
from app.domain.people.erase_person import erase_person
from app.factory import create_app
from app.i18n import LANGUAGES
from app.integrations.gateways.interface import Declined, PayeeProblem
from app.integrations.mail.interface import Message
from app.jobs.mails import NotReady, mail_writer
from app.sealing import Purpose, Sealer
from app.settings import Settings
from tests.bank import make_bank_account
from tests.domain.payments.bank.accounts import AMERICAN
from tests.domain.payments.payees.people import House, add
from tests.domain.people.samples import invite, make_buyer, make_organisation
from tests.factories import NOW, SECRET_KEY, make_payee_account, make_provider
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


def needs_attention(journey: Journey, order: Order) -> None:
    journey.pay(order)
    journey.registry.change_block(journey.mandate_of(order), status="frozen")
    journey.cancel(order)


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
        needs_attention,
        certificate,
        payee_account_degraded,
        payee_account_changed,
        payee_change,
        method_unavailable,
        transfer_instructions,
        transfer_reminder,
        transfer_part_received,
        your_links,
        invitation,
        data_erased,
    )
}
NOT_ABOUT_ORDERS = ["invitation", "data_erased"]
TO_THE_PROVIDER = {"payee_account_degraded", "payee_account_changed", "payee_change"}
TO_THE_BUYER = sorted(set(KINDS) - {*TO_THE_PROVIDER, *NOT_ABOUT_ORDERS})


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
