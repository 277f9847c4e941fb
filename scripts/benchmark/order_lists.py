"""Lists of orders at the console: the same pages with a thousand orders behind them and with a hundred thousand."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.database import make_engine
from app.domain.orders.models import Order, OrderState
from app.domain.people.hashes import new_token, token_hash
from app.domain.people.models import Person, Realm, SignIn
from app.domain.sales.order_list import PAGE_SIZE
from app.domain.sales.wanted import Show
from app.factory import create_app
from app.migrate import migrate
from app.settings import load_settings
from scripts.benchmark.order_history import make_history

FEW, MANY = 1_000, 100_000
# One in so many stands out in each way: every filter shows a whole page of both lists, so that the same is compared.
_EVERY = {FEW: 19, MANY: 200}
_DEEP = 50  # pages
_PROVIDER, _ADMINISTRATOR = "/en/console/orders", "/en/console/admin/orders"


@dataclass(frozen=True)
class ListFigure:
    """Seconds of one page, medians, by what lies behind it."""

    name: str
    few: float
    many: float

    @property
    def times(self) -> float:
        """How much dearer it is with many."""
        return self.many / self.few


@dataclass(frozen=True)
class _Console:
    """An application on a database of its own, with a provider's browser and an administrator's."""

    clients: Mapping[str, FlaskClient]
    deep: Mapping[str, str]  # the number of the order before the page that is far down, by list

    def seconds(self, base: str, query: str) -> float:
        path = f"{base}?before={self.deep[base]}" if query == "deep" else f"{base}?{query}"
        began = time.perf_counter()
        answer = self.clients[base].get(path)
        seconds = time.perf_counter() - began
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return seconds


def measure_lists(environment: Mapping[str, str], rounds: int) -> list[ListFigure]:
    """Both in turns, so that a busy machine is as unkind to one as to the other."""
    with _console(environment, FEW) as few, _console(environment, MANY) as many:
        figures = []
        for base, name in ((_PROVIDER, "provider"), (_ADMINISTRATOR, "administrator")):
            for query, words in _queries():
                times: list[tuple[float, float]] = [
                    (few.seconds(base, query), many.seconds(base, query)) for _ in range(rounds + 1)
                ][1:]
                figures.append(
                    ListFigure(f"{name}: {words}", median(a for a, _ in times), median(b for _, b in times))
                )
        return figures


def _queries() -> list[tuple[str, str]]:
    return [
        ("", "opened"),
        ("deep", f"page {_DEEP}"),
        *((f"show={show}", show.value) for show in Show),
        (f"state={OrderState.COMPLETED}", "completed"),
        (f"state={OrderState.WITHDRAWN}", "withdrawn (none)"),
        ("method=bank", "by bank"),
        ("method=mollie", "by Mollie (none)"),
        ("trials=only", "trials"),
    ]


@contextmanager
def _console(environment: Mapping[str, str], orders: int) -> Iterator[_Console]:
    name = f"bench_{orders}"
    server = make_url(environment["DATABASE_URL"])
    with (
        make_engine(environment["DATABASE_URL"])
        .execution_options(isolation_level="AUTOCOMMIT")
        .connect() as connection
    ):
        connection.execute(text(f"CREATE DATABASE {name}"))
    address = server.set(database=name).render_as_string(hide_password=False)
    engine = make_engine(address)
    migrate(engine)
    with Session(engine) as session:
        provider_id = make_history(session, orders, every=_EVERY[orders], sellers=1)
        session.commit()
        deep = {
            _PROVIDER: _far_down(session, Order.provider_id == provider_id),
            _ADMINISTRATOR: _far_down(session),
        }
    app = create_app(load_settings({**environment, "DATABASE_URL": address, "LOG_LEVEL": "ERROR"}))
    clients = {
        _PROVIDER: _browser(app, "provider", ["BENCH-0"]),
        _ADMINISTRATOR: _browser(app, "registry-administrator", []),
    }
    yield _Console(clients, deep)
    engine.dispose()


def _far_down(session: Session, *whose: object) -> str:
    """The number of the last order before the page, or of the last page where there are fewer."""
    numbers = session.scalars(
        select(Order.number)
        .where(*whose)  # type: ignore[arg-type]
        .order_by(Order.placed_at.desc(), Order.id)
        .limit((_DEEP - 1) * PAGE_SIZE)
    ).all()
    return numbers[-1] if len(numbers) == (_DEEP - 1) * PAGE_SIZE else numbers[-PAGE_SIZE - 1]


def _browser(app: Flask, role: str, accounts: list[str]) -> FlaskClient:
    """Somebody who is signed in, without an identity provider."""
    works, cookie, now = app.extensions["vcp_works"], new_token(), datetime.now(UTC)
    with works.sessions.begin() as session:
        person = Person(
            id=uuid4(),
            issuer="bench",
            subject=role,
            realm=Realm.REGISTRY,
            email="bench@example.org",
            email_verified=True,
            name="Bench",
            created_at=now,
            last_signed_in_at=now,
        )
        sealed = works.token_sealer.seal("bench")
        session.add(
            SignIn(
                id=uuid4(),
                person=person,
                token_hash=token_hash(cookie),
                realm=Realm.REGISTRY,
                sid=role,
                roles=[role],
                accounts=accounts,
                acr="2",
                auth_time=now,
                access_sealed=sealed,
                refresh_sealed=sealed,
                id_token_sealed=sealed,
                access_expires_at=now + timedelta(hours=1),
                began_at=now,
                last_used_at=now,
                ends_at=now + timedelta(hours=12),
            )
        )
    client = app.test_client()
    client.set_cookie("vcp-console", cookie)
    return client
