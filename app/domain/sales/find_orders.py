"""Orders by whatever somebody has in hand: each kind of thing is looked up by an index of its own.

docs/performance.md says which. Letter case, blanks and dashes do not count where the thing itself does without them.
"""

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Select, cast, func, select, text, union
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.cancellations.models import Cancellation, CancelledRange
from app.domain.certificates.models import Certificate
from app.domain.orders.models import Order, OrderLine
from app.domain.orders.numbers import ALPHABET
from app.domain.payments.bank.models import BankLine
from app.domain.payments.bank.reference import find_numbers, find_references, squeeze
from app.domain.payments.models import Payment, PaymentEntry
from app.domain.payments.refund_models import Refund

MOST_FOUND = 50
TYPED_MAX = 200
_SHORTEST_NAME = 3
_CERTIFICATE = re.compile(r"VC-?([0-9]{6})[/-]([0-9]{4})", re.IGNORECASE)
_CODE = re.compile(f"[{ALPHABET}]{{20}}")


def find_orders(session: Session, typed: str) -> Sequence[Order]:
    """Orders that this may mean, newest first, 50 at most; with their lines and providers. Nothing for nothing."""
    words = " ".join("".join(filter(str.isprintable, typed)).split())[:TYPED_MAX]
    if not words:
        return []
    hits = union(*(each.limit(MOST_FOUND) for each in _ways(words))).subquery("hits")
    return session.scalars(
        select(Order)
        .where(Order.id.in_(select(hits.c[0])))
        .options(selectinload(Order.lines), joinedload(Order.provider))
        .order_by(Order.placed_at.desc(), Order.id)
        .limit(MOST_FOUND)
    ).all()


def _ways(words: str) -> Iterator[Select[UUID]]:
    references = {*find_references([words]), *find_numbers([words])}
    numbers = [f"VC-{reference[6:10]}-{reference[10:]}" for reference in references]
    yield select(Order.id).where(Order.number.in_(numbers))
    yield from _by_id(words)
    yield from _by_gateway(words)
    yield from _by_certificate(words)
    yield from _by_serial(words.replace(" ", ""))
    yield from _by_person(words.lower())


def _by_id(words: str) -> Iterator[Select[UUID]]:
    """Ids of ours: a payment's is what gateways call our reference, a cancellation's what the registry does."""
    try:
        wanted = UUID(words)
    except ValueError:
        return
    yield select(Order.id).where(Order.id == wanted)
    yield select(Payment.order_id).where(Payment.id == wanted)
    yield select(Refund.order_id).where(Refund.id == wanted)
    yield _cancelled().where(Cancellation.id == wanted)


def _by_gateway(words: str) -> Iterator[Select[UUID]]:
    """Ids of others: of a checkout, of a movement of money, of a line of a statement, of a cancellation."""
    yield select(Payment.order_id).where(Payment.external_id == words)
    yield (
        select(Payment.order_id)
        .join(PaymentEntry, PaymentEntry.payment_id == Payment.id)
        .where(PaymentEntry.external_id == words)
    )
    share = func.jsonb_array_elements(BankLine.shares).table_valued("value").lateral()
    yield (
        select(Order.id)
        .select_from(BankLine)
        .join(share, text("true"))
        .join(Order, Order.number == func.jsonb_extract_path_text(share.c.value, "0"))
        .where(BankLine.bank_reference == words, BankLine.bank_reference != text("''"))
    )
    yield _cancelled().where(Cancellation.registry_id == words)


def _by_certificate(words: str) -> Iterator[Select[UUID]]:
    if number := _CERTIFICATE.fullmatch(words):
        yield select(Certificate.order_id).where(Certificate.number == f"VC{number[1]}/{number[2]}")
    plain = squeeze(words)
    if _CODE.fullmatch(plain):
        code = "-".join(plain[start : start + 4] for start in range(0, 20, 4))
        yield select(Certificate.order_id).where(Certificate.code == code)


def _by_serial(words: str) -> Iterator[Select[UUID]]:
    """PREFIX-001001-001030 names the first and the last one, PREFIX-001001 a single one, 1001 any with that number."""
    parts = words.split("-")
    for cut in (1, 2):
        if len(parts) < cut or not all(map(_is_number, parts[-cut:])):
            return
        prefix, number = "-".join(parts[:-cut]), int(parts[-cut])
        spans = _cancelled().join(CancelledRange, CancelledRange.cancellation_id == Cancellation.id)
        if prefix:
            yield spans.where(
                CancelledRange.prefix == prefix, CancelledRange.start <= number, CancelledRange.end >= number
            )
        elif cut == 1:
            yield spans.where(
                func.int8range(CancelledRange.start, CancelledRange.end, text("'[]'")).op("@>")(
                    cast(number, BigInteger)
                )
            )


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) <= 18


def _by_person(words: str) -> Iterator[Select[UUID]]:
    """The beginning of an e-mail address from the @ on, the whole of what stands before it, or of a name."""
    address = words if "@" in words else f"{words}@"
    yield select(Order.id).where(func.lower(Order.email).like(_beginning(address), escape="\\"))
    if len(words) >= _SHORTEST_NAME:
        yield select(Order.id).where(func.lower(Order.beneficiary_name).like(_beginning(words), escape="\\"))


def _beginning(words: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", words) + "%"


def _cancelled() -> Select[UUID]:
    return select(OrderLine.order_id).join(Cancellation, Cancellation.order_line_id == OrderLine.id)
