"""Calls about an order are kept; the same answer to the same question is one row, and old ones go."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.domain.exchanges.keep_exchanges import keep_exchanges
from app.domain.exchanges.queries import exchanges_of
from app.domain.exchanges.shred_exchanges import shred_exchanges
from app.integrations.exchanges import Exchanged
from tests.factories import NOW, make_order

MINUTE = timedelta(minutes=1)


def asked(answer: Any = None, **changes: Any) -> Exchanged:
    values = {
        "system": "paypal",
        "call": "GET /v2/checkout/orders/X",
        "status": 200,
        "problem": None,
        "ms": 5,
        "request": None,
    }
    return Exchanged(**{**values, "answer": answer, **changes})


def test_what_changed_is_kept_and_what_did_not_is_one_row(session: Session):
    order = make_order(session)
    created, approved = asked({"status": "CREATED"}), asked({"status": "APPROVED"})
    other = asked(call="POST /v2/checkout/orders/X/capture", status=None, problem="timeout")
    for minute, heard in enumerate([[created], [created], [approved, other], [approved]]):
        keep_exchanges(session, order.number, heard, NOW + minute * MINUTE)
    session.flush()
    kept = [(each.answer, each.at) for each in exchanges_of(session, order.id)]
    assert kept == [
        ({"status": "CREATED"}, NOW + MINUTE),
        (None, NOW + 2 * MINUTE),
        ({"status": "APPROVED"}, NOW + 3 * MINUTE),
    ]


def test_they_go_after_thirteen_months_and_nobody_elses_are_shown(session: Session):
    order, other = make_order(session), make_order(session)
    keep_exchanges(session, order.number, [asked()], NOW)
    keep_exchanges(session, "VC-0000-0000", [asked()], NOW)
    assert exchanges_of(session, other.id) == []
    assert shred_exchanges(session, NOW + timedelta(days=403)) == 0
    assert shred_exchanges(session, NOW + timedelta(days=404)) == 1
    assert exchanges_of(session, order.id) == []
