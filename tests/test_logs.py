"""Logs: one JSON object a line, with the request and the order it is about, and without what opens an order.

A process of its own writes them: how a process logs is set up once.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from app import logs
from app.database import make_engine
from app.domain.later import defer
from app.domain.orders.models import Order
from app.factory import create_app
from app.shells.works import Works
from app.web.support.gate import open_to_all
from tests import forked
from tests.conftest import lonely_settings
from tests.databases import address_of, copy_database
from tests.journey import Journey
from tests.neighbours import ROOT
from tests.town import let_time_pass, run_due_jobs

SECRETS = ("secret", "password", "buyer@example.org", "Sample Buyer GmbH")


@dataclass
class Written:
    """What the process wrote to standard error, and what it says it did."""

    lines: list[str]
    facts: dict[str, Any]

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    def about(self, **fields: Any) -> list[dict[str, Any]]:
        """Entries that have these fields."""
        return [entry for entry in self.entries if fields.items() <= entry.items()]


@pytest.fixture(scope="module")
def written(
    postgres: URL, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Written]:
    with copy_database(postgres, template_database) as name:
        folder = tmp_path_factory.mktemp("logs")
        arguments = [address_of(postgres.set(database=name)), str(folder)]
        done = forked.run("tests.test_logs", arguments, os.environ, timeout=100)
        assert done.returncode == 0, done.stderr
        yield Written(done.stderr.splitlines(), json.loads(done.stdout))


def act(database_address: str, folder: str) -> dict[str, Any]:
    """In the other process: visitors come, an order goes its way, one expires, one is refunded, things break."""
    logs.set_up("DEBUG")
    settings = lonely_settings(database_address, Path(folder))
    engine = make_engine(database_address)
    journey = Journey(settings, engine)
    pages = create_app(settings, neighbours=journey.neighbours, engine=engine)
    _add_traps(pages)
    visitor = pages.test_client()
    facts: dict[str, Any] = {"requests": [], "orders": {}}

    def visit(url: str) -> None:
        answer = visitor.get(url, headers={"X-Request-Id": "of-a-stranger", "User-Agent": "secret-agent"})
        facts["requests"].append([answer.headers["X-Request-Id"], answer.status_code])

    orders = {name: journey.place(20) for name in ("completed", "expired", "refunded")}
    facts["orders"] = {name: order.number for name, order in orders.items()}
    facts["tokens"] = [order.token for order in orders.values()]
    token = orders["completed"].token
    for url in (
        "/en/find-order",
        f"/en/orders/{token}",
        "/en/find-order",
        f"/orders/{token}.json",
        f"/en/orders/{token}/pay",
        f"/en/orders/{token}x",
        f"/en/nowhere/{token}",
        f"/en/certificates?code={token}",
        f"/en/trap/{token}",
        f"/en/sql-trap/{token}",
    ):
        visit(url)
    _run_jobs(journey, orders)
    logging.getLogger("some.library").warning("two\nlines of %s", "a library")
    logging.getLogger("httpx").info("GET https://gateway.test/?token=%s", token)
    engine.dispose()
    return facts


def _add_traps(pages: Any) -> None:
    @pages.get("/en/trap/<token>")
    @open_to_all
    def trap(token: str) -> str:
        raise RuntimeError("it is broken")

    @pages.get("/en/sql-trap/<token>")
    @open_to_all
    def sql_trap(token: str) -> str:
        works: Works = pages.extensions["vcp_works"]
        with works.sessions() as session:
            session.execute(text("SELECT 1 / (length(:token) - length(:token))"), {"token": token})
        return ""


def _run_jobs(journey: Journey, orders: dict[str, Order]) -> None:
    for name in ("completed", "refunded"):
        payment = journey.approve(orders[name])
        with journey.sessions.begin() as session:
            defer(session, "look_at_payment", payment_id=payment.id)
    journey.start(orders["expired"])
    with journey.sessions.begin() as session:
        session.get_one(Order, orders["expired"].id).hold_until = journey.now
    # Frozen once the money is there: the pre-flight does not see it, so the units are refused afterwards.
    look = journey.gateway.capture

    def capture(*arguments: Any, **named: Any) -> Any:
        snapshot = look(*arguments, **named)
        if arguments[0].order_number == orders["refunded"].number:
            journey.registry.change_block(journey.mandate_of(orders["refunded"]), status="frozen")
        return snapshot

    journey.gateway.capture = capture  # type: ignore[method-assign]
    run_due_jobs(journey.works)
    let_time_pass(journey.works, "expire_order")
    run_due_jobs(journey.works)
    for name, order in orders.items():
        assert journey.fresh(order).state == name


def test_every_line_is_one_json_object_that_says_when_where_and_how_bad(written: Written):
    assert len(written.lines) > 20
    for line in written.lines:
        entry = json.loads(line)
        assert isinstance(entry, dict)
        assert {"event", "level", "logger", "timestamp"} <= set(entry), line
        assert entry["timestamp"].endswith("Z")


def test_what_libraries_say_goes_the_same_way(written: Written):
    [entry] = written.about(logger="some.library")
    assert entry["event"] == "two\nlines of a library"
    assert entry["level"] == "warning"


def test_a_request_is_one_line_with_the_id_that_its_answer_carries(written: Written):
    told = [[entry["request_id"], entry["status"]] for entry in written.about(event="request")]
    assert told == written.facts["requests"]
    ids = [request_id for request_id, _ in told]
    assert len(set(ids)) == len(ids)
    assert "of-a-stranger" not in ids
    assert all(entry["ms"] >= 0 and entry["method"] == "GET" for entry in written.about(event="request"))


def test_a_request_is_named_by_its_rule_never_by_its_path(written: Written):
    rules = [
        entry["rule"].replace("<any(en, fr, es):lang_code>", "en") for entry in written.about(event="request")
    ]
    assert rules == [
        "/en/find-order",
        "/en/orders/<token>",
        "/en/find-order",
        "/orders/<token>.json",
        "/en/orders/<token>/pay",
        "/en/orders/<token>",
        "unknown",
        "/en/certificates",
        "/en/trap/<token>",
        "/en/sql-trap/<token>",
    ]


def test_pages_of_an_order_name_it_and_the_next_page_does_not(written: Written):
    number = written.facts["orders"]["completed"]
    named = [entry.get("order") for entry in written.about(event="request")]
    assert named == [None, number, None, number, number, None, None, None, None, None]


@pytest.mark.parametrize(
    "job,name",
    [
        ("look_at_payment", "completed"),
        ("request_cancellation", "completed"),
        ("issue_certificate", "completed"),
        ("send_mail", "completed"),
        ("expire_order", "expired"),
        ("refund", "refunded"),
    ],
)
def test_a_job_names_the_order_that_it_is_about(written: Written, job: str, name: str):
    numbers = {entry.get("order") for entry in written.about(event="job", job=job)}
    assert written.facts["orders"][name] in numbers
    assert numbers <= set(written.facts["orders"].values())


def test_an_error_nobody_expected_has_its_traceback_in_its_line(written: Written):
    [plain, from_database] = written.about(event="unexpected error")
    assert "RuntimeError: it is broken" in plain["exception"]
    assert "division by zero" in from_database["exception"]
    assert plain["request_id"] == written.facts["requests"][-2][0]


def test_what_opens_an_order_is_in_no_line(written: Written):
    found = [line for line in written.lines for token in written.facts["tokens"] if token in line]
    assert found == []


def test_no_secret_and_nobodys_name_is_in_a_line(written: Written):
    found = [line for line in written.lines for secret in SECRETS if secret in line]
    assert found == []


def test_the_level_is_that_of_the_settings(tmp_path: Path):
    code = "import logging; from app import logs; logs.set_up('WARNING'); logging.getLogger('a').info('no'); logs.log.info('no'); logs.log.warning('yes')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == ["yes"]


if __name__ == "__main__":
    print(json.dumps(act(*sys.argv[1:])))
