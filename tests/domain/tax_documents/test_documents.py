"""Tax documents: what is taken, what is frozen, what is printed once, and who finds them."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.payments.proofs import ProofFile, ProofRefused, check_proof
from app.domain.tax_documents.add_tax_document import MOST_DOCUMENTS, NotPaid, add_tax_document
from app.domain.tax_documents.facts import from_json, to_json
from app.domain.tax_documents.make_tax_document import (
    AlreadyMade,
    NotPossible,
    can_make,
    make_tax_document,
)
from app.domain.tax_documents.models import TaxDocument
from app.domain.tax_documents.queries import (
    document_for_provider,
    document_of_order,
    documents_of,
    unprinted_documents,
)
from app.settings import Settings
from app.shells.print_tax_document import print_tax_document
from tests.domain.people.samples import make_buyer
from tests.domain.tax_documents.test_series import SERIES
from tests.factories import NOW, make_details, make_offer, make_order, make_provider
from tests.journey import Journey
from tests.traces import jobs, mails, trail


@pytest.fixture
def order(session: Session) -> Order:
    return paid(session)


def paid(session: Session, **details: str) -> Order:
    provider = make_provider(session, **SERIES)
    made = make_order(session, make_offer(session, provider=provider), details=make_details(**details))
    made.state, made.paid_at = OrderState.COMPLETED, NOW
    session.flush()
    return made


def file(content: bytes = b"%PDF-1.7 sample", name: str = "invoice.pdf") -> ProofFile:
    return check_proof(content, name)


# Brought by the provider.


def test_a_file_is_kept_once_and_told_once(session: Session, order: Order):
    person = make_buyer(session)
    first, again = (add_tax_document(session, order.id, file(), person.id, NOW) for _ in range(2))
    assert first is again
    assert (first.number, first.filename, first.content) == (None, "invoice.pdf", b"%PDF-1.7 sample")
    [mail] = mails(session, "tax_document")
    assert (mail.to, mail.order_id) == ("buyer@example.org", order.id)
    [row] = trail(session, first.id)
    assert (row.event, row.actor, row.payload) == (
        "tax_document.added",
        "provider",
        {"number": None, "sha256": first.sha256},
    )


def test_only_a_pdf_of_a_paid_order_and_no_more_than_ten(session: Session, order: Order):
    person = make_buyer(session)
    with pytest.raises(ProofRefused, match="no_pdf"):
        add_tax_document(session, order.id, file(b"\x89PNG\r\n\x1a\n"), person.id, NOW)
    for number in range(MOST_DOCUMENTS):
        add_tax_document(session, order.id, file(b"%PDF-" + bytes([number])), person.id, NOW)
    with pytest.raises(ProofRefused, match="too_many"):
        add_tax_document(session, order.id, file(b"%PDF-one too many"), person.id, NOW)
    with pytest.raises(NotPaid):
        add_tax_document(session, make_order(session).id, file(), person.id, NOW)


# Made here.


def test_what_it_says_is_frozen_with_its_number(session: Session, order: Order):
    made = make_tax_document(session, order.id, None, None, NOW)
    order.provider.legal_name = "Another Name Ltd"
    order.beneficiary_name = None
    session.flush()
    session.expire(made)
    assert made.facts is not None
    data = from_json(made.facts)
    assert to_json(data) == made.facts
    assert (data.number, data.replaces, data.seller.name == "Another Name Ltd") == (
        "SAMPLE-2026-000001",
        None,
        False,
    )
    assert (data.seller.tax_id, data.note, data.buyer_name, data.buyer_country) == (
        "MW-1234",
        "Not subject to VAT.",
        "Sample Buyer GmbH",
        "DE",
    )
    [line] = data.lines
    assert (line.quantity, line.price_minor, line.total_minor) == (25, 1120, 28000)
    assert (data.total_minor, data.currency, data.service, data.paid_at) == (28000, "USD", "PayPal", NOW)
    assert order.email not in str(made.facts)
    assert jobs(session, "print_tax_document") == [{"document_id": str(made.id)}]
    assert document_of_order(session, order.id, made.id) is None, "it is not printed yet"
    assert mails(session, "tax_document") == []


def test_who_is_not_named_in_public_is_not_named_to_the_seller(session: Session):
    order = paid(session, disclosure="anonymous", beneficiary_name="Zoë Private")
    made = make_tax_document(session, order.id, None, None, NOW)
    assert "Zoë Private" not in str(made.facts)


def test_asking_twice_makes_one_and_a_corrected_document_says_what_it_replaces(
    session: Session, order: Order
):
    first = make_tax_document(session, order.id, None, None, NOW)
    with pytest.raises(AlreadyMade):
        make_tax_document(session, order.id, None, None, NOW)
    order.provider.tax_id = "MW-5678"
    second = make_tax_document(session, order.id, first.number, None, NOW)
    assert second.facts is not None
    assert (second.number, second.facts["replaces"]) == ("SAMPLE-2026-000002", "SAMPLE-2026-000001")
    assert second.facts["seller"]["tax_id"] == "MW-5678"
    assert first.facts is not None
    assert first.facts["seller"]["tax_id"] == "MW-1234"


@pytest.mark.parametrize("state", sorted(OrderState))
def test_only_of_a_paid_order(session: Session, order: Order, state: OrderState):
    order.state = state
    possible = state in {"paid", "cancelling", "completed"}
    assert can_make(order) == possible
    if not possible:
        with pytest.raises(NotPossible):
            make_tax_document(session, order.id, None, None, NOW)


@pytest.mark.parametrize("field", ["invoice_prefix", "invoice_note", "tax_id", "paid_at", "trial"])
def test_not_without_what_it_takes(session: Session, order: Order, field: str):
    if field == "trial":
        order.trial = True
    else:
        setattr(order if field == "paid_at" else order.provider, field, None)
    assert not can_make(order)


def test_it_is_found_by_those_it_is_for(session: Session, order: Order):
    made = add_tax_document(session, order.id, file(), make_buyer(session).id, NOW)
    other = make_order(session)
    assert document_for_provider(session, order.provider_id, made.id) is made
    assert document_for_provider(session, other.provider_id, made.id) is None
    assert document_of_order(session, order.id, made.id) is made
    assert document_of_order(session, other.id, made.id) is None
    assert list(documents_of(session, other.id)) == []


# Printed, and of every order by itself.


@pytest.fixture
def journey(settings: Settings, engine: Engine) -> Journey:
    return Journey(settings, engine)


def completed(journey: Journey, *, automatic: bool) -> Order:
    order = journey.place(20)
    with journey.sessions.begin() as session:
        provider = session.get_one(Order, order.id).provider
        for name, value in {**SERIES, "invoice_automatic": automatic}.items():
            setattr(provider, name, value)
    journey.complete(order)
    return order


def test_of_every_order_by_itself_once_its_certificate_is_there(journey: Journey):
    order = completed(journey, automatic=True)
    certificate = journey.certify(order)
    [job] = journey.jobs("print_tax_document")
    with journey.sessions() as session:
        [made] = documents_of(session, order.id)
        assert made.facts is not None
        assert (str(made.id), made.facts["certificate_number"], made.person_id) == (
            job["document_id"],
            certificate.number,
            None,
        )
        assert list(unprinted_documents(session, journey.now)) == []
        journey.passed += timedelta(minutes=21)
        assert list(unprinted_documents(session, journey.now)) == [made.id]
    for _ in range(2):
        print_tax_document(journey.works, made.id)
    with journey.sessions() as session:
        printed = session.get_one(TaxDocument, made.id)
        assert printed.content is not None
        assert printed.content.startswith(b"%PDF")
        assert list(unprinted_documents(session, journey.now)) == []
    assert len(journey.mails("tax_document")) == 1


def test_only_if_the_provider_chose_so(journey: Journey):
    order = completed(journey, automatic=False)
    with journey.sessions() as session:
        assert list(documents_of(session, order.id)) == []


def test_a_pdf_that_is_there_is_never_another(journey: Journey):
    order = completed(journey, automatic=True)
    with journey.sessions() as session:
        [made] = documents_of(session, order.id)
    print_tax_document(journey.works, made.id)
    with journey.sessions() as session:
        before = session.get_one(TaxDocument, made.id).sha256
    with journey.sessions.begin() as session:
        from app.domain.tax_documents.keep_tax_pdf import keep_tax_pdf

        keep_tax_pdf(session, made.id, b"%PDF-another", journey.now)
    with journey.sessions() as session:
        assert session.get_one(TaxDocument, made.id).sha256 == before
