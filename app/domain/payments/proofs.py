"""Files that show a movement of money outside any gateway: what is taken, how it is kept, who finds it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.orders.details import plain_line
from app.domain.orders.models import Order
from app.domain.payments.refund_models import PaymentProof, ProofKind

MOST_BYTES = 5 * 1024 * 1024
MOST_PROOFS = 10  # of one kind for one order: whoever has its address could fill the database otherwise
_LONGEST_NAME = 80
# By what a file begins with: its name and the browser's word for it prove nothing.
_BEGINNINGS = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
)


class ProofRefused(Exception):
    """The file is not taken. `code`: empty | too_large | wrong_kind | too_many."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class ProofFile:
    """A file that has been looked at: kind by its content, name fit for a header and a page."""

    filename: str
    content_type: str  # application/pdf | image/png | image/jpeg
    content: bytes


def check_proof(content: bytes, filename: str) -> ProofFile:
    """A PDF, PNG or JPEG of at most 5 MB, by its content. ProofRefused otherwise."""
    if not content:
        raise ProofRefused("empty")
    if len(content) > MOST_BYTES:
        raise ProofRefused("too_large")
    for beginning, content_type, suffix in _BEGINNINGS:
        if content.startswith(beginning):
            return ProofFile(_clean_name(filename, suffix), content_type, content)
    raise ProofRefused("wrong_kind")


def add_proof(
    session: Session,
    order: Order,
    kind: ProofKind,
    file: ProofFile,
    now: datetime,
    *,
    refund_id: UUID | None = None,
    person_id: UUID | None = None,
    actor: str = "buyer",
) -> PaymentProof:
    """Keep a proof; the same file again is the one that is there. The caller holds the order's lock and commits.

    ProofRefused("too_many"). `person_id` is None for the order's buyer.
    """
    digest = sha256(file.content).hexdigest()
    same = (PaymentProof.order_id == order.id) & (PaymentProof.kind == kind)
    known = session.execute(
        select(PaymentProof).where(same, PaymentProof.sha256 == digest)
    ).scalar_one_or_none()
    if known is not None:
        return known
    there = session.execute(select(func.count()).select_from(PaymentProof).where(same)).scalar_one()
    if there >= MOST_PROOFS:
        raise ProofRefused("too_many")
    proof = PaymentProof(
        id=uuid4(),
        order_id=order.id,
        refund_id=refund_id,
        kind=kind,
        filename=file.filename,
        content_type=file.content_type,
        content=file.content,
        sha256=digest,
        person_id=person_id,
        added_at=now,
    )
    session.add(proof)
    session.flush()
    record(
        session,
        Event.PROOF_ADDED,
        "payment_proof",
        proof.id,
        now,
        order_id=order.id,
        actor=actor,
        person_id=person_id,
        kind=kind.value,
        sha256=digest,
    )
    return proof


def proofs_of(session: Session, order_id: UUID, kind: ProofKind) -> Sequence[PaymentProof]:
    """An order's proofs of one kind, the oldest first, without their content."""
    return session.scalars(
        select(PaymentProof)
        .where(PaymentProof.order_id == order_id, PaymentProof.kind == kind)
        .order_by(PaymentProof.added_at, PaymentProof.id)
    ).all()


def proof_of_order(session: Session, order_id: UUID, proof_id: UUID) -> PaymentProof | None:
    """The proof, if it is about this order."""
    return session.execute(
        select(PaymentProof).where(PaymentProof.id == proof_id, PaymentProof.order_id == order_id)
    ).scalar_one_or_none()


def proof_for_provider(session: Session, provider_id: UUID, proof_id: UUID) -> PaymentProof | None:
    """The proof, if it is about an order of this provider."""
    return session.execute(
        select(PaymentProof)
        .join(Order, PaymentProof.order_id == Order.id)
        .where(PaymentProof.id == proof_id, Order.provider_id == provider_id)
    ).scalar_one_or_none()


def _clean_name(filename: str, suffix: str) -> str:
    """The last part of a path, of plain letters and marks, ending as its content says."""
    last = plain_line(filename.replace("\\", "/")).rpartition("/")[2].strip(" .")
    stem = PurePosixPath(last).stem if last else ""
    kept = "".join(letter for letter in stem if letter not in '<>:"|?*;%')
    return (kept[: _LONGEST_NAME - len(suffix)].strip(" .") or "proof") + suffix
