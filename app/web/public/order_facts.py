"""What the pages of an order are made from, read in one place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation
from app.domain.cancellations.queries import cancellations_of
from app.domain.certificates.models import Certificate
from app.domain.certificates.queries import finished_certificate_of
from app.domain.moderation.queries import withheld_of
from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderState
from app.domain.orders.states import FINAL
from app.domain.orders.substitutes import substitutes_for
from app.domain.payments.bank.instructions import Instructions, instructions_of
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.claims.queries import CLAIMABLE, claim_of, claim_possible_from
from app.domain.payments.models import Payment, PaymentEntry
from app.domain.payments.proofs import proofs_of
from app.domain.payments.queries import latest_payment_of, net_paid
from app.domain.payments.refund_models import PaymentClaim, PaymentProof, ProofKind, Refund
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.refunds.queries import SILENCE, given_back, refunds_outside
from app.domain.payments.refunds.states import OPEN
from app.domain.payments.release_terms import ReleaseTerms, terms_of_order, terms_shown
from app.domain.payments.standing import Standing, second_payment_open, standing
from app.domain.tax_documents.models import TaxDocument
from app.domain.tax_documents.queries import documents_of
from app.logs import about_order
from app.money import Money
from app.web.support.threads import ThreadShown, thread_shown


@dataclass(frozen=True)
class OrderFacts:
    """An order with its latest payment, its cancellations by line, and its certificate once the PDF is there."""

    order: Order
    payment: Payment | None
    cancellations: dict[UUID, Cancellation]
    certificate: Certificate | None
    transfer: Instructions | None  # where it is paid by bank transfer
    terms: ReleaseTerms  # from when its units are cancelled once it is paid
    net: int  # what the seller has of its money, in minor units
    substitutes: dict[UUID, list[Offer]]  # line id → other units to choose from, where the buyer is to choose
    standing: Standing
    superseded: Sequence[Payment]  # attempts that another took the place of, and that may yet bring money
    claim: PaymentClaim | None  # "I have paid"
    claim_from: datetime | None  # from when on that may be said, where there is a transfer at all
    refunds: Sequence[Refund]
    refunded_outside: Sequence[PaymentEntry]  # movements that no refund of ours made
    refund_proofs: Sequence[PaymentProof]
    given_back: Money
    thread: ThreadShown
    tax_documents: Sequence[TaxDocument]
    withheld: bool  # some of what the buyer wrote is not shown on the certificate's page
    silence: timedelta = SILENCE  # after which a refund that was sent by hand counts as come

    @property
    def final(self) -> bool:
        """Does nothing move by itself any more?"""
        if any(each.state in OPEN for each in self.refunds):
            return False
        if self.order.state == OrderState.COMPLETED:
            return self.certificate is not None
        return self.order.state in FINAL

    @property
    def to_pay(self) -> Money:
        """What is still to be paid."""
        return Money(max(self.order.total_minor - max(self.net, 0), 0), self.order.currency)

    def claim_possible(self, at: datetime) -> bool:
        """May the buyer say "I have paid" now?"""
        return self.order.state in CLAIMABLE and self.claim_from is not None and self.claim_from <= at

    @property
    def payment_state(self) -> str | None:
        return self.payment.state if self.payment else None


def facts_of(session: Session, order: Order, now: datetime) -> OrderFacts:
    """Read what belongs to an order. Log lines of this request name it from here on."""
    about_order(order.number)
    certificate = finished_certificate_of(session, order.id)
    transfer = transfer_of(session, order.id)
    return OrderFacts(
        order=order,
        payment=latest_payment_of(session, order.id),
        cancellations={each.order_line_id: each for each in cancellations_of(session, order.id)},
        terms=terms_of_order(session, order.id)
        if order.state == OrderState.PAID
        else terms_shown(session, order),
        net=net_paid(session, order),
        substitutes=substitutes_for(session, order, now)
        if order.state == OrderState.FULFILMENT_FAILED
        else {},
        standing=standing(session, order),
        superseded=second_payment_open(session, order.id),
        transfer=instructions_of(session, transfer)
        if transfer is not None and order.method == "bank"
        else None,
        claim=claim_of(session, order.id),
        claim_from=claim_possible_from(session, transfer) if transfer is not None else None,
        refunds=refunds_of(session, order.id),
        refunded_outside=refunds_outside(session, order.id),
        refund_proofs=proofs_of(session, order.id, ProofKind.REFUND),
        given_back=given_back(session, order),
        certificate=certificate,
        thread=thread_shown(session, order, certificate),
        tax_documents=[each for each in documents_of(session, order.id) if each.sha256 is not None],
        withheld=bool(withheld_of(session, order.id)),
    )


def keep_to_the_reader(response: Response) -> Response:
    """The address opens the order to whoever has it: in no cache, in no search engine."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
