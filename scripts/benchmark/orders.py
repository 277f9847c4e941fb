"""Orders one after the other: how long each took from the payment on, and what of it could not be saved."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psycopg

from app.domain.certificates.json_twin import from_json
from app.wiring import connect
from scripts.benchmark.guest import new_guest, order, projects
from scripts.benchmark.stage import Stage

SECONDS_TO_WAIT = 60
_LOOK_EVERY = 0.05  # seconds; only to know when the next guest may come, the log has the times
_MAILED = """
    SELECT FROM mail JOIN "order" ON "order".id = order_id
    WHERE token = %s AND kind = 'certificate' AND mail.state = 'sent'
"""
# The ids that jobs carry in their log lines, of everything between payment and certificate.
_IDS = """
    SELECT o.token, o.id::text, p.id::text, c.id::text, m.id::text FROM "order" o
    JOIN payment p ON p.order_id = o.id
    JOIN order_line l ON l.order_id = o.id JOIN cancellation c ON c.order_line_id = l.id
    JOIN mail m ON m.order_id = o.id AND m.kind = 'certificate'
"""
_ID_NAMES = ("payment_id", "cancellation_id", "order_id", "mail_id")


class NotDone(Exception):
    """An order did not come to its end."""


@dataclass(frozen=True)
class Took:
    """Seconds from the click on "Pay" at the gateway."""

    cancelled: float  # until the platform's books said so
    mailed: float  # until the mail server had taken the certificate and the books said so


@dataclass(frozen=True)
class Measured:
    """Per order, seconds. `calls`: its outside calls, by what they were; `pdf`: one PDF made alone."""

    orders: list[Took]
    calls: list[dict[str, float]]
    pdf: float

    @property
    def floor(self) -> float:
        """The median of what nobody could save: an order's outside calls one after the other, and its PDF."""
        return median(sum(calls.values()) for calls in self.calls) + self.pdf


def measure_orders(stage: Stage, count: int) -> Measured:
    """Let `count` guests buy, one after the other. Raises NotDone, guest.Unexpected."""
    with new_guest(stage.url) as http:
        wanted = projects(http, count)
    with psycopg.connect(stage.database_url, autocommit=True) as books:
        paid = dict(
            _one(stage, books, project, f"guest-{number}@example.org")
            for number, project in enumerate(wanted)
        )
        lines = _lines_by_order(stage, books)
    _check_mailbox(stage, count)
    return Measured(
        [_took(lines[token], at) for token, at in paid.items()],
        [_calls(lines[token]) for token in paid],
        _pdf_alone(stage),
    )


def _one(stage: Stage, books: psycopg.Connection[Any], project: str, email: str) -> tuple[str, float]:
    """The order's token and when the guest clicked on "Pay" (Unix seconds)."""
    with new_guest(stage.url) as http:
        at_gateway = order(http, project, email)
        back = at_gateway.approve()
        paid = time.time()
        at_gateway.come_back(back)
    while books.execute(_MAILED, (at_gateway.token,)).rowcount == 0:
        if time.time() - paid > SECONDS_TO_WAIT:
            raise NotDone(
                f"no certificate was mailed within {SECONDS_TO_WAIT} s after the payment of {project}"
            )
        time.sleep(_LOOK_EVERY)
    return at_gateway.token, paid


def _lines_by_order(stage: Stage, books: psycopg.Connection[Any]) -> dict[str, list[dict[str, Any]]]:
    """Token → what the worker's log says about the order, in the order of time."""
    token_of = {id_: row[0] for row in books.execute(_IDS).fetchall() for id_ in row[1:]}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in _lines(stage.logs / "worker.log"):
        token = next((token_of[line[name]] for name in _ID_NAMES if line.get(name) in token_of), None)
        if token is not None:
            found[token].append(line)
    return found


def _took(lines: list[dict[str, Any]], paid: float) -> Took:
    """A job's own line is written when all that it did is committed."""
    done = {
        line["job"]: _time(line) for line in lines if line["event"] == "job" and line["outcome"] == "done"
    }
    return Took(done["request_cancellation"] - paid, done["send_mail"] - paid)


def _calls(lines: list[dict[str, Any]]) -> dict[str, float]:
    """What was called → seconds. A call that was made more than once (a notification and the returning guest
    both ask for a look) counts once, with its shortest time.
    """
    calls: dict[str, float] = {}
    for line in lines:
        if "neighbour" in line:
            what = line["event"].rpartition(":")[0]
            calls.setdefault(what, line["ms"] / 1000)
    return calls


def _time(line: dict[str, Any]) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    for line in log.read_text(encoding="utf-8").splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _check_mailbox(stage: Stage, count: int) -> None:
    """What the books call sent has arrived, each with a PDF."""
    mails = httpx.get(f"{stage.mailbox}/messages.json", trust_env=False, timeout=60).raise_for_status().json()
    arrived = {
        mail["to"][0]
        for mail in mails
        if any(part["media_type"] == "application/pdf" for part in mail["attachments"])
    }
    if len(arrived) < count:
        raise NotDone(f"{len(arrived)} of {count} certificates are in the mailbox")


def _pdf_alone(stage: Stage) -> float:
    """Seconds for one certificate of this run, made again with nothing else going on (median)."""
    renderer = connect(stage.settings).certificates
    with psycopg.connect(stage.database_url) as books:
        twins = [bytes(row[0]) for row in books.execute("SELECT json_twin FROM certificate").fetchall()]
    taken = []
    for twin in [twins[0], *twins]:  # the first time loads fonts and template, which a worker does once
        began = time.perf_counter()
        renderer.render(from_json(twin), twin)
        taken.append(time.perf_counter() - began)
    return median(taken[1:])
