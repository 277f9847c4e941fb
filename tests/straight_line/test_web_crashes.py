"""SIGKILL at every place of the web's part of the line: the buyer tries again, and there is one order, paid once."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.offers.models import Offer
from app.domain.orders.models import OrderGroup, OrderState
from app.domain.payments.facts import account_of
from app.domain.payments.models import Notification, Payment
from app.factory import create_app
from app.shells.start_checkout import start_checkout
from app.shells.works import Works
from tests.straight_line.dying import answer_until, dies
from tests.straight_line.test_crashes import assert_ended_right, big_offer
from tests.town import Town, fresh, place, run_until_quiet
from tests.web.pages import Client
from tests.web.public.steps import CONSENTS, fill_in, put


@pytest.fixture
def app(shop: Works) -> Flask:
    """The web application that lives on when the other process is killed."""
    return create_app(shop.settings, neighbours=shop.neighbours, engine=shop.sessions.kw["bind"])


def as_sent(client: Client, page: Any) -> dict[str, Any]:
    """The request that the read-back page's form makes, cookie and all."""
    form = page.form("/en/checkout/confirm")
    cookie = client.inner.get_cookie("vcp")
    assert cookie is not None
    return {
        "path": form.action,
        "method": "POST",
        "data": {**form.fields, **CONSENTS},
        "headers": {"Cookie": f"vcp={cookie.value}"},
    }


@pytest.mark.timeout(600)
def test_placing_an_order_survives_a_web_process_killed_anywhere(shop: Works, town: Town, app: Flask) -> None:
    with shop.sessions() as session:
        offer = session.get_one(Offer, big_offer(shop))
        _ = offer.mandate.block
    places = 0
    for die_at in itertools.count(1):
        with shop.sessions() as session:
            groups_before = session.execute(select(func.count()).select_from(OrderGroup)).scalar_one()
        client = Client(app.test_client())
        put(client, offer, "2")
        request = as_sent(client, fill_in(client))
        died = dies(answer_until, shop.settings, die_at, request)
        # The buyer sees a broken connection and sends the page again; one who saw an answer goes on.
        again = client.inner.open(**request)
        assert again.status_code == 303, f"killed at place {die_at}"
        with shop.sessions() as session:
            groups = session.execute(select(OrderGroup).order_by(OrderGroup.placed_at.desc())).scalars().all()
            assert len(groups) == groups_before + 1
            (order,) = groups[0].orders
            assert session.get_one(Offer, offer.id).held == 2
        payment = start_checkout(shop, order.id)
        town.approve(payment, "no_webhook")
        client.get(f"/en/orders/{order.token}?back=paid")
        run_until_quiet(shop)
        assert fresh(shop, order).state == OrderState.COMPLETED
        assert_ended_right(shop, town, order.id, payment.id, 2)
        if not died:
            break
        places = die_at
    assert places >= 6  # two commits and one call, before and after each


@contextmanager
def listening() -> Iterator[tuple[str, "Queue[dict[str, Any]]"]]:
    """An address that keeps what is sent to it, in the platform's place."""
    received: Queue[dict[str, Any]] = Queue()

    class Keeper(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            received.put({"data": raw, "headers": dict(self.headers)})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Keeper) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", received
        server.shutdown()


@pytest.mark.timeout(600)
def test_a_notification_survives_a_web_process_killed_anywhere(shop: Works, town: Town, app: Flask) -> None:
    places = 0
    offer_id = big_offer(shop)
    with listening() as (address, received):
        for die_at in itertools.count(1):
            order = place(shop, {offer_id: 2}).orders[0]
            payment = start_checkout(shop, order.id)
            with shop.sessions.begin() as session:
                account = session.get_one(Payment, payment.id).account
                payee = account_of(account, shop.sealer)
                account.webhook_id = shop.neighbours.gateways["paypal"].ensure_webhook(payee, address).id
            town.approve(payment)
            sent = received.get(timeout=20)
            request = {"path": f"/webhooks/paypal/{payment.account_id}", "method": "POST", **sent}
            died = dies(answer_until, shop.settings, die_at, request)
            # The gateway had no answer: it sends the same notification again.
            assert app.test_client().open(**request).status_code == 200
            with shop.sessions() as session:
                kept = select(func.count()).where(Notification.subjects.contains([str(payment.id)]))
                assert session.execute(kept).scalar_one() == 1
            run_until_quiet(shop)
            assert fresh(shop, order).state == OrderState.COMPLETED
            assert_ended_right(shop, town, order.id, payment.id, 2)
            received.get(timeout=20)  # that the money was taken: not wanted here
            if not died:
                break
            places = die_at
    assert places >= 2  # one commit, before and after
