"""Issue an order's certificate: number, code and every fact frozen once; the PDF is made from that."""

import hashlib
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.cancellations.queries import cancellations_of
from app.domain.certificates.json_twin import to_json
from app.domain.certificates.models import Certificate, CertificateCounter
from app.domain.certificates.statements import statements_for
from app.domain.certificates.words_in_force import words_in_force
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.models import Order, OrderState
from app.domain.orders.numbers import new_code
from app.domain.payments.queries import locked_order
from app.domain.tax_documents.make_tax_document import make_by_itself
from app.domain.threads.queries import standing_complaint
from app.domain.threads.settle_complaint import settle_complaint
from app.integrations.documents.interface import (
    CertificateData,
    CertificateLine,
    PresentedTo,
    SerialRangeShown,
    clean_text,
)
from app.links import certificate_url


class NotCancelled(Exception):
    """The registry has not confirmed every unit of the order: there is nothing to certify."""


def issue_certificate(session: Session, order_id: UUID, public_url: str, now: datetime) -> Certificate:
    """The order's certificate, made now or before. The caller commits, then renders the PDF.

    Raises NotCancelled unless every line's cancellation is completed in the registry.
    """
    order = locked_order(session, order_id)
    issued = session.execute(
        select(Certificate).where(Certificate.order_id == order.id, Certificate.version == 1)
    ).scalar_one_or_none()
    if issued is not None:
        return issued
    cancellations = cancellations_of(session, order.id)
    done = {each.order_line_id for each in cancellations if each.state == CancellationState.COMPLETED}
    if order.state != OrderState.COMPLETED or done != {line.id for line in order.lines}:
        raise NotCancelled(order.number)
    code = new_code()
    presented_to = _presented_to(order)
    lines = tuple(_line(each) for each in cancellations)
    data = CertificateData(
        number=_next_number(session, now.year),
        code=code,
        version=1,
        language=order.certificate_language,
        issued_at=now,
        order_number=order.number,
        presented_to=presented_to,
        provider_name=clean_text(order.provider.legal_name),
        provider_country=order.provider.country,
        purpose=order.purpose,
        reason=order.reason,
        quantity=order.quantity,
        lines=lines,
        statements=statements_for(
            lines,
            presented_to,
            order.certificate_language,
            words_in_force(session, order.certificate_language),
        ),
        public_url=certificate_url(public_url, order.certificate_language, code),
    )
    twin = to_json(data)
    certificate = Certificate(
        id=uuid4(),
        order=order,
        number=data.number,
        code=code,
        language=data.language,
        issued_at=now,
        json_twin=twin,
        json_sha256=hashlib.sha256(twin).hexdigest(),
    )
    session.add(certificate)
    record(
        session,
        Event.CERTIFICATE_ISSUED,
        "certificate",
        certificate.id,
        now,
        order_id=order.id,
        number=certificate.number,
        json_sha256=certificate.json_sha256,
    )
    return certificate


def keep_pdf(session: Session, certificate_id: UUID, pdf: bytes, now: datetime) -> None:
    """Store the PDF once and owe the buyer the mail with it; a second rendering is dropped.

    With it ends a complaint that it is late, and the provider's own document follows where it wants one of every order.
    """
    order = locked_order(session, session.get_one(Certificate, certificate_id).order_id)
    certificate = session.execute(
        select(Certificate)
        .where(Certificate.id == certificate_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if certificate.pdf_sha256 is not None:
        return
    certificate.pdf = pdf
    certificate.pdf_sha256 = hashlib.sha256(pdf).hexdigest()
    queue_order_mail(session, order, "certificate", now, certificate_id=str(certificate.id))
    complaint = standing_complaint(session, order.id)
    if complaint is not None:
        settle_complaint(session, complaint.id, now)
    make_by_itself(session, order, now)


def _presented_to(order: Order) -> PresentedTo:
    named = order.disclosure == "public"
    return PresentedTo(
        type=order.beneficiary_type,
        disclosure=order.disclosure,
        name=order.beneficiary_name if named else None,
        country=order.beneficiary_country,
    )


def _line(cancellation: Cancellation) -> CertificateLine:
    block = cancellation.line.offer.mandate.block
    activity = block.activity
    if cancellation.registry_id is None or cancellation.completed_at is None:
        raise NotCancelled(str(cancellation.id))
    return CertificateLine(
        activity_ref=activity.activity_ref,
        activity_title=clean_text(activity.title),
        host_party=activity.host_party,
        sectoral_scopes=tuple(activity.sectoral_scopes),
        technology=activity.technology,
        issuance_ref=block.issuance_ref,
        vintage=block.vintage,
        monitoring_start=block.monitoring_start,
        monitoring_end=block.monitoring_end,
        unit_class=block.unit_class,
        authorized_uses=tuple(block.authorization_uses),
        authorization_reference=block.authorization_reference,
        quantity=cancellation.quantity,
        serial_ranges=tuple(
            SerialRangeShown(span.prefix, span.start, span.end, span.count, span.printed)
            for span in cancellation.serial_ranges
        ),
        registry_cancellation_id=cancellation.registry_id,
        client_reference=cancellation.client_reference,
        attestation_reference=cancellation.attestation_reference,
        cancelled_at=cancellation.completed_at,
    )


def _next_number(session: Session, year: int) -> str:
    session.execute(insert(CertificateCounter).values(year=year, last=0).on_conflict_do_nothing())
    counter = session.execute(
        select(CertificateCounter).where(CertificateCounter.year == year).with_for_update()
    ).scalar_one()
    counter.last += 1
    return f"VC{counter.last:06d}/{year}"
