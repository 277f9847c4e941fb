"""A proof is what its content says, whatever it is called; kept once, and found by those whom it concerns."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.payments.proofs import (
    MOST_BYTES,
    MOST_PROOFS,
    ProofFile,
    ProofRefused,
    add_proof,
    check_proof,
    proof_for_provider,
    proof_of_order,
    proofs_of,
)
from app.domain.payments.refund_models import ProofKind
from tests.factories import NOW, make_order, make_provider

PDF = b"%PDF-1.7\nsample"
PNG = b"\x89PNG\r\n\x1a\nsample"
JPEG = b"\xff\xd8\xff\xe0sample"


@pytest.mark.parametrize(
    "content, kind, name",
    [
        (PDF, "application/pdf", "advice.pdf"),
        (PNG, "image/png", "advice.png"),
        (JPEG, "image/jpeg", "advice.jpg"),
    ],
)
@pytest.mark.parametrize(
    "called", ["advice.html", "advice.PDF", "advice", "C:\\x\\advice.exe", "../../advice.pdf"]
)
def test_the_content_decides(content: bytes, kind: str, name: str, called: str):
    assert check_proof(content, called) == ProofFile(name, kind, content)


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "empty"),
        (b"<html>%PDF-1.7", "wrong_kind"),
        (b" %PDF-1.7", "wrong_kind"),
        (b"GIF89a", "wrong_kind"),
        (b"PK\x03\x04", "wrong_kind"),
        (PDF.ljust(MOST_BYTES + 1), "too_large"),
    ],
)
def test_anything_else_is_refused(content: bytes, code: str):
    with pytest.raises(ProofRefused) as refused:
        check_proof(content, "advice.pdf")
    assert refused.value.code == code


def test_the_largest_file_is_taken():
    assert len(check_proof(PDF.ljust(MOST_BYTES), "advice.pdf").content) == MOST_BYTES


@pytest.mark.parametrize(
    "called, name",
    [
        ("", "proof.pdf"),
        ("..", "proof.pdf"),
        (".pdf", "pdf.pdf"),
        ("über weisung.pdf", "über weisung.pdf"),
        ('a"b;c%0d<d>.pdf', "abc0dd.pdf"),
        ("a\r\nX-Evil: 1.pdf", "a X-Evil 1.pdf"),
        ("a\u202efdp.exe", "afdp.pdf"),
        ("x" * 300 + ".pdf", "x" * 76 + ".pdf"),
    ],
)
def test_a_name_is_fit_for_a_header(called: str, name: str):
    assert check_proof(PDF, called).filename == name


def test_the_same_file_is_kept_once(session: Session):
    order = make_order(session)
    file = check_proof(PDF, "advice.pdf")
    first = add_proof(session, order, ProofKind.REFUND, file, NOW, actor="provider")
    assert add_proof(session, order, ProofKind.REFUND, file, NOW, actor="provider") is first
    other = add_proof(session, order, ProofKind.TRANSFER, file, NOW)
    assert other is not first, "it may show something else, too"
    assert proofs_of(session, order.id, ProofKind.REFUND) == [first]
    trail = session.scalars(
        select(AuditEvent).where(AuditEvent.event == "payment_proof.added").order_by(AuditEvent.id)
    ).all()
    assert [(row.entity_id, row.actor, row.order_id) for row in trail] == [
        (str(first.id), "provider", order.id),
        (str(other.id), "buyer", order.id),
    ]


def test_nobody_fills_the_database(session: Session):
    order = make_order(session)
    for number in range(MOST_PROOFS):
        add_proof(session, order, ProofKind.TRANSFER, check_proof(PDF + b"%d" % number, "a.pdf"), NOW)
    with pytest.raises(ProofRefused) as refused:
        add_proof(session, order, ProofKind.TRANSFER, check_proof(PDF, "a.pdf"), NOW)
    assert refused.value.code == "too_many"


def test_it_is_found_by_those_whom_it_concerns(session: Session):
    order, other = make_order(session), make_order(session)
    proof = add_proof(session, order, ProofKind.TRANSFER, check_proof(PDF, "a.pdf"), NOW)
    assert proof_of_order(session, order.id, proof.id) is proof
    assert proof_of_order(session, other.id, proof.id) is None
    assert proof_for_provider(session, order.provider_id, proof.id) is proof
    assert proof_for_provider(session, make_provider(session).id, proof.id) is None
