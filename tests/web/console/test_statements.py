"""The statement desk: looked at first, committed second, and only the provider's own."""

import gc
import io
import re
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session, sessionmaker

from app.database import make_sessions
from app.domain.mails.models import Mail
from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.models import BankLine, BankStatement, LineState
from app.domain.payments.queries import net_paid
from app.shells.commit_statement import commit_long_statement
from app.shells.read_long_statement import read_long_statement
from tests.bank import make_bank_provider, make_transfer
from tests.domain.payments.statements.files import Movement, camt
from tests.traces import forget_jobs
from tests.web.pages import Client, Page
from tests.web.roles import sign_in_provider


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return make_sessions(engine)


class Desk:
    """A provider at the desk, with one order that waits for 25.00 EUR."""

    def __init__(self, app: Flask, client: Client, sessions: sessionmaker[Session], **account) -> None:
        self.client, self.sessions, self.app = client, sessions, app
        with sessions() as session:
            provider = make_bank_provider(session, **account)
            transfer = make_transfer(session, provider, now=datetime.now(UTC))
            [held] = provider.registry_accounts
            self.account, self.reference = held.account_id, transfer.reference
            self.order_id, self.number = transfer.order_id, transfer.order.number
            self.account_id = transfer.account_id
            session.commit()
        self.person = sign_in_provider(app, client, self.account)

    def bring(self, content: bytes, status: int = 200) -> Page:
        form = self.client.get("/en/console/statements").form("/en/console/statements")
        fields = {"csrf_token": form.fields["csrf_token"], "account": str(self.account_id)}
        data = {**fields, "file": (BytesIO(content), "statement.xml")}
        return self.client.post(
            "/en/console/statements", data, status=status, content_type="multipart/form-data"
        )

    def commit(self, page: Page) -> Page:
        return page.form(f"{page.url}/commit").submit()

    @property
    def state(self) -> OrderState:
        with self.sessions() as session:
            return session.get_one(Order, self.order_id).state

    @property
    def paid(self) -> int:
        with self.sessions() as session:
            return net_paid(session, session.get_one(Order, self.order_id))

    def lines(self) -> list[BankLine]:
        with self.sessions() as session:
            return list(session.scalars(select(BankLine)))


@pytest.fixture
def desk(app: Flask, client: Client, sessions: sessionmaker[Session]) -> Desk:
    return Desk(app, client, sessions)


def test_a_statement_is_looked_at_then_committed(desk: Desk) -> None:
    page = desk.bring(camt([Movement(f"thanks {desk.reference}"), Movement("salary", minor=-100)]))
    assert "1 × Pays the order" in page.text
    assert "It names the order’s reference and has the exact amount" in page.text
    assert desk.number in page.text
    assert "salary" not in page.text
    assert (desk.paid, desk.state) == (0, OrderState.AWAITING_PAYMENT)
    assert "One line has been taken over" in desk.commit(page).text
    assert (desk.paid, desk.state) == (2500, OrderState.CANCELLING)


def test_committed_it_says_so_and_can_be_committed_again(desk: Desk) -> None:
    page = desk.bring(camt([Movement(desk.reference)]))
    desk.commit(page)
    desk.commit(page)
    assert desk.paid == 2500
    assert "was committed on" in desk.bring(camt([Movement(desk.reference)])).text


def test_a_part_mails_the_buyer_once(desk: Desk, sessions: sessionmaker[Session]) -> None:
    parts = [Movement(desk.reference, minor=500, bank_reference=str(number)) for number in (1, 2)]
    desk.commit(desk.bring(camt(parts)))
    with sessions() as session:
        kinds = session.scalars(select(Mail.kind).where(Mail.order_id == desk.order_id)).all()
    assert sorted(kinds) == ["transfer_instructions", "transfer_part_received"]


def test_pasting_does_as_well(desk: Desk) -> None:
    page = desk.client.get("/en/console/statements")
    shown = page.form("/en/console/statements").submit(pasted=camt([Movement(desk.reference)]).decode())
    assert "1 × Pays the order" in shown.text


def test_a_hostile_file_is_refused_with_a_line(desk: Desk) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    assert "definitions or nesting that no bank writes" in desk.bring(bomb, status=422).text
    assert "Choose a file" in desk.bring(b"", status=422).text


def test_a_file_beyond_the_limit_is_refused(desk: Desk) -> None:
    kind = "multipart/form-data; boundary=x"
    desk.client.post("/en/console/statements", b"x" * (12 * 1024 * 1024), status=413, content_type=kind)


def long(desk: Desk, lines: int = 1200) -> bytes:
    """A statement that is too long to be read while the browser waits; its last line pays the order."""
    others = [Movement(f"rent {n}", minor=100 + n, bank_reference=f"R{n}") for n in range(lines - 1)]
    return camt([*others, Movement(desk.reference, bank_reference="PAYS")])


def watch(desk: Desk, page: Page, act: Callable[..., object]) -> list[str]:
    """What somebody sees who looks at the page whenever the job has told how far it is."""
    works = desk.app.extensions["vcp_works"]
    seen: list[str] = []

    looking = False

    def look(*_: object) -> None:
        nonlocal looking
        if looking:
            return  # that is the page's own commit
        looking = True
        fragment = desk.client.inner.get(page.url, headers={"HX-Request": "true"})
        seen.append(fragment.headers.get("HX-Refresh") or fragment.text)
        looking = False

    with works.sessions() as session:
        statement_id = session.scalars(select(BankStatement.id)).one()
    event.listen(works.sessions, "after_commit", look)
    try:
        act(works, statement_id)
    finally:
        event.remove(works.sessions, "after_commit", look)
    return seen


def counted(seen: list[str]) -> list[int]:
    """The numbers of lines that were shown, each once."""
    found = [re.search(r'value="([0-9]+)"', text) for text in seen]
    return list(dict.fromkeys(int(match[1]) for match in found if match))


def test_a_long_statement_is_read_by_a_job_that_counts(desk: Desk) -> None:
    page = desk.bring(long(desk))
    assert "The statement is being read" in page.text
    assert page.one('noscript meta[http-equiv="refresh"]'), "without script the page asks by itself"
    seen = watch(desk, page, read_long_statement)
    assert counted(seen) == [0, 500, 1000]
    assert "1,000 of 1,200 lines" in seen[-2]
    assert seen[-1] == "true", "the page is loaded anew when the job is done"
    page = desk.client.get(page.url)
    assert "1200 lines were read" in page.text
    assert "1 × Pays the order" in page.text
    assert "1,199 × Concerns no order" in page.text
    assert desk.paid == 0


def test_a_long_statement_is_booked_by_a_job_that_counts(desk: Desk) -> None:
    page = desk.bring(long(desk))
    watch(desk, page, read_long_statement)
    page = desk.commit(desk.client.get(page.url))
    assert "The statement is being booked" in page.text
    assert desk.paid == 0
    seen = watch(
        desk,
        page,
        lambda works, statement_id: commit_long_statement(works, statement_id, desk.person.person_id),
    )
    assert counted(seen)[:3] == [100, 200, 300]
    assert (desk.paid, desk.state) == (2500, OrderState.CANCELLING)
    assert "was committed on" in desk.client.get(page.url).text
    with desk.sessions() as session:
        statement = session.scalars(select(BankStatement)).one()
        assert (statement.content, statement.summary) == (None, None), (
            "the file is forgotten, and what was shown of it"
        )
    assert "was committed on" in desk.bring(long(desk)).text


def test_a_long_file_that_cannot_be_read_is_refused_with_its_line(desk: Desk) -> None:
    broken = long(desk).replace(b'Ccy="EUR"', b'Ccy="euro"', 1)
    page = desk.bring(broken)
    watch(desk, page, read_long_statement)
    assert "Entry 1 cannot be read" in desk.client.get(page.url, status=422).text
    with desk.sessions() as session:
        assert session.scalars(select(BankStatement.content)).one() == b""
    assert "being read" in desk.bring(broken).text, "it may be brought again"


def test_a_long_csv_that_nobody_explained_asks_and_goes_on(desk: Desk) -> None:
    rows = "\n".join(f"25.11.2026;{n},00;rent of flat {n}, and some more words" for n in range(1, 2000))
    page = desk.bring(f"a;b;c\n{rows}\n26.11.2026;25,00;{desk.reference}\n".encode())
    watch(desk, page, read_long_statement)
    page = desk.client.get(page.url)
    assert page.h1 == "Which column is what?"
    page = page.form(f"{page.url}/columns").submit(
        booked_on="0", date_format="%d.%m.%Y", amount="1", text="2", decimal_comma="yes"
    )
    assert "The statement is being read" in page.text
    watch(desk, page, read_long_statement)
    assert "1 × Pays the order" in desk.client.get(page.url).text


def test_a_job_that_was_lost_leaves_nobody_waiting(desk: Desk) -> None:
    page = desk.bring(long(desk))
    _lose_jobs(desk)
    assert "Bring it once more" in desk.client.get(page.url, status=422).text
    page = desk.bring(long(desk))
    watch(desk, page, read_long_statement)
    page = desk.commit(desk.client.get(page.url))
    _lose_jobs(desk)
    page = desk.client.get(page.url)
    assert "Nothing has been booked yet" in page.text
    assert "being booked" in desk.commit(page).text


def _lose_jobs(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        forget_jobs(session)


def test_a_body_of_a_hundred_megabytes_is_refused_and_costs_no_memory(desk: Desk) -> None:
    """Neither by what it says of its length nor, where it says nothing, by being read to the end."""

    class Endless(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            part = min(len(buffer), 100 * 1024 * 1024 - self.given)
            buffer[:part] = b"x" * part
            self.given += part
            return part

    kind = "multipart/form-data; boundary=x"
    for length in ({"CONTENT_LENGTH": str(100 * 1024 * 1024)}, {"wsgi.input_terminated": True}):
        body = Endless()
        gc.collect()
        tracemalloc.start()
        try:
            answer = desk.client.inner.post(
                "/en/console/statements",
                environ_overrides={"wsgi.input": body, "CONTENT_TYPE": kind, **length},
            )
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert answer.status_code in {400, 413}, answer.status_code
        assert "Traceback" not in answer.text
        assert body.given <= 12 * 1024 * 1024, "the rest was never asked for"
        assert peak < 15_000_000


def test_a_paste_may_be_as_long_as_a_file(desk: Desk) -> None:
    form = desk.client.get("/en/console/statements").form("/en/console/statements")
    pasted = form.submit(pasted=long(desk, 3000).decode())
    assert "The statement is being read" in pasted.text


def test_a_csv_that_nobody_explained_asks_once(desk: Desk) -> None:
    page = desk.bring(f"a;b;c\n25.11.2026;25,00;{desk.reference}\n".encode())
    assert page.h1 == "Which column is what?"
    shown = page.form(f"{page.url}/columns").submit(
        booked_on="0", date_format="%d.%m.%Y", amount="1", text="2", decimal_comma="yes"
    )
    assert "1 × Pays the order" in shown.text
    again = desk.bring(f"a;b;c\n25.11.2026;5,00;{desk.reference}\n".encode())
    assert "1 × A part" in again.text


def test_too_little_said_about_a_csv(desk: Desk) -> None:
    page = desk.bring(f"a;b;c\n25.11.2026;25,00;{desk.reference}\n".encode())
    assert "Say at least" in page.form(f"{page.url}/columns").submit(booked_on="0", text="2").text


def test_an_open_line_is_assigned_or_set_aside(desk: Desk) -> None:
    movements = [
        Movement("right amount", bank_reference="1"),
        Movement(desk.number, minor=100, bank_reference="2"),
    ]
    page = desk.commit(desk.bring(camt(movements)))
    by_amount = {line.amount_minor: line for line in desk.lines()}
    page.form(f"/en/console/bank-lines/{by_amount[2500].id}").submit(act="assign")
    assert desk.state == OrderState.CANCELLING
    page.form(f"/en/console/bank-lines/{by_amount[100].id}").submit(act="set-aside")
    assert {line.state for line in desk.lines()} == {LineState.BOOKED, LineState.SET_ASIDE}
    again = page.form(f"/en/console/bank-lines/{by_amount[100].id}").submit(act="assign")
    assert "decided about this line already" in again.text


def test_an_order_number_that_is_not_ours(desk: Desk) -> None:
    page = desk.commit(desk.bring(camt([Movement("right amount")])))
    [line] = desk.lines()
    refused = page.form(f"/en/console/bank-lines/{line.id}").submit(act="assign", order="VC-9999-9999")
    assert "No order with this number" in refused.text


def test_one_transfer_is_confirmed_by_hand_once(desk: Desk) -> None:
    page = desk.client.get("/en/console/statements")
    form = page.form(f"/en/console/orders/{desk.number}/received")
    assert f"Confirmed for order {desk.number}" in form.submit().text
    form.submit()
    assert (desk.paid, desk.state) == (2500, OrderState.CANCELLING)


@pytest.mark.parametrize("wrong", [{"amount": "-1"}, {"amount": "x"}, {"received_on": "2999-01-01"}])
def test_a_confirmation_that_makes_no_sense(desk: Desk, wrong: dict[str, str]) -> None:
    page = desk.client.get("/en/console/statements")
    page = page.form(f"/en/console/orders/{desk.number}/received").submit(**wrong)
    assert "Enter the amount that came" in page.text
    assert desk.paid == 0


def test_a_large_transfer_waits_for_a_second_person(app: Flask, client: Client, sessions) -> None:
    desk = Desk(app, client, sessions, two_persons_from_minor=2500)
    page = desk.commit(desk.bring(camt([Movement(desk.reference)])))
    assert "somebody else has to confirm it" in page.text
    [line] = desk.lines()
    other = Client(app.test_client())
    sign_in_provider(app, other, desk.account)
    other.get("/en/console/statements").form(f"/en/console/bank-lines/{line.id}").submit(act="confirm")
    assert desk.state == OrderState.CANCELLING


def test_somebody_elses_statement_line_and_order_are_not_found(desk: Desk, app: Flask, sessions) -> None:
    page = desk.bring(camt([Movement(desk.reference)]))
    stranger = Client(app.test_client())
    with sessions() as session:
        [held] = make_bank_provider(session).registry_accounts
        account = held.account_id
        session.commit()
    sign_in_provider(app, stranger, account)
    stranger.get(page.url, status=404)
    token = stranger.get("/en/console/statements").form("/en/console/statements").fields["csrf_token"]
    for address in (
        f"{page.url}/commit",
        f"/en/console/bank-lines/{uuid4()}",
        f"/en/console/orders/{desk.number}/received",
    ):
        stranger.post(address, {"csrf_token": token}, status=404)
    stranger.post(
        "/en/console/statements",
        {"csrf_token": token, "account": str(desk.account_id), "pasted": "x"},
        status=422,
    )
    assert desk.paid == 0
