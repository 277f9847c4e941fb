"""Lists of orders: every order once, whatever page one comes from, and no page dearer than another."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.sales.order_list import OrdersPage, orders_page
from app.domain.sales.wanted import Show, Trials, Wanted
from scripts.benchmark.order_history import make_history

ORDERS = 3_000


def pages(session: Session, wanted: Wanted, now: datetime) -> Iterator[OrdersPage]:
    page = orders_page(session, wanted, now)
    yield page
    while page.older is not None:
        page = orders_page(session, wanted, now, before=page.older)
        yield page


def test_pages_by_key(session: Session, shared_engine: Engine):
    provider_id, now = make_history(session, ORDERS), datetime.now(UTC)
    _every_order_is_on_one_page_in_order(session, Wanted(provider_id=provider_id), now)
    _every_order_is_on_one_page_in_order(session, Wanted(show=Show.NEEDS_PROVIDER), now)
    _a_number_of_somebody_else_is_no_place(session, provider_id, now)
    for wanted in (
        Wanted(),
        Wanted(provider_id=provider_id),
        Wanted(state=OrderState.COMPLETED),
        Wanted(provider_id=provider_id, state=OrderState.COMPLETED),
        Wanted(method="bank"),
        Wanted(trials=Trials.WITHOUT, currency="USD"),
    ):
        _no_page_reads_more_than_the_first(session, shared_engine, wanted, now)
    for show in Show:
        _a_filter_reads_what_it_is_about(session, shared_engine, Wanted(show=show), now)


def _every_order_is_on_one_page_in_order(session: Session, wanted: Wanted, now: datetime) -> None:
    seen = list(pages(session, wanted, now))
    assert len(seen) > 1
    assert seen[0].newer is None
    listed = [order.number for page in seen for order in page.orders]
    assert len(set(listed)) == len(listed)
    due = session.scalars(select(Order).order_by(Order.placed_at.desc(), Order.id)).all()
    if wanted.show is None:
        assert listed == [order.number for order in due if order.provider_id == wanted.provider_id]
    else:
        assert listed == [order.number for order in due if order.number in set(listed)]
    # And back again, page by page.
    back = orders_page(session, wanted, now, after=seen[-1].newer)
    for page in reversed(seen[:-1]):
        assert [order.number for order in back.orders] == [order.number for order in page.orders]
        assert back.older == page.older
        back = orders_page(session, wanted, now, after=back.newer) if back.newer else back
    assert back.newer is None


def _a_number_of_somebody_else_is_no_place(session: Session, provider_id: Any, now: datetime) -> None:
    theirs = session.scalars(select(Order.number).where(Order.provider_id != provider_id).limit(1)).one()
    wanted = Wanted(provider_id=provider_id)
    first = orders_page(session, wanted, now)
    for number in (theirs, "VC-0000-0000"):
        assert orders_page(session, wanted, now, before=number) == first
        assert orders_page(session, wanted, now, after=number) == first


def _no_page_reads_more_than_the_first(
    session: Session, engine: Engine, wanted: Wanted, now: datetime
) -> None:
    first = orders_page(session, wanted, now)
    numbers = session.scalars(
        select(Order.number).where(Order.id.in_([order.id for order in first.orders]))
    ).all()
    ends = [page.older for page in pages(session, wanted, now)]
    deep = ends[len(ends) * 3 // 4]
    assert numbers
    assert deep not in numbers
    began, later = (_rows_read(session, engine, wanted, now, before) for before in (None, deep))
    # The planner may take up the little that is left at once; skipping what is before would be many times as much.
    assert later < began * 4, wanted


def _a_filter_reads_what_it_is_about(session: Session, engine: Engine, wanted: Wanted, now: datetime) -> None:
    """Every two-hundredth order is in each: nothing reads through the others to find them."""
    read = _rows_read(session, engine, wanted, now, None)
    assert read < ORDERS / 2, wanted


def _rows_read(session: Session, engine: Engine, wanted: Wanted, now: datetime, before: str | None) -> int:
    """Rows that all queries of one page take up from tables and indexes, those thrown away included."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _u: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    session.expunge_all()
    event.listen(engine, "before_cursor_execute", note)
    try:
        page = orders_page(session, wanted, now, before=before)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(page.orders) > 0
    cursor = session.connection().connection.cursor()
    read = 0
    for statement, parameters in asked:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        [[plan]] = cursor.fetchall()
        found = plan if isinstance(plan, list) else json.loads(plan)
        read += sum(_taken_up(node) for node in _nodes(found[0]["Plan"]))
    return read


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _taken_up(node: dict[str, Any]) -> int:
    if "Scan" not in node["Node Type"]:
        return 0
    rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return round(rows * node["Actual Loops"])
