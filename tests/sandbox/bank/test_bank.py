"""The pretend bank: what buyers send stands on statements that the platform's readers take."""

from collections.abc import Iterator

import httpx
import pytest

from app.domain.payments.bank.reference import find_references
from app.domain.payments.statements.lines import Statement
from app.domain.payments.statements.read import read_statement
from app.money import Money
from sandbox.neighbours import SEED
from tests.neighbours import Program, start_bank

IBAN = "DE89370400440532013000"
YEN = "1234567"
REFERENCE = "RF86VC7K3MH9QD"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with start_bank(tmp_path_factory.mktemp("bank"), SEED) as program:
        yield program


@pytest.fixture
def web(bank: Program) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=bank.url, trust_env=False) as client:
        yield client


def send(web: httpx.Client, amount: str, text: str, account: str = IBAN, **more: str) -> httpx.Response:
    return web.post("/transfers", data={"account": account, "amount": amount, "text": text, **more})


def statement(web: httpx.Client, kind: str, account: str = IBAN, currency: str = "EUR") -> Statement:
    answer = web.get(f"/statements/{account}.{kind}")
    assert answer.status_code == 200
    return read_statement(answer.content, currency)


@pytest.mark.parametrize("kind", ["camt053", "camt054", "mt940", "csv"])
def test_every_kind_of_statement_tells_what_was_sent_and_taken_back(web: httpx.Client, kind: str) -> None:
    text = f"for {kind}: <{REFERENCE}> & thanks"
    assert send(web, "25.00", text).status_code == 303
    number = web.get("/movements.json").json()[-1]["id"]
    assert web.post(f"/movements/{number}/reverse").status_code == 303
    *_, came, went = statement(web, kind).lines
    assert (came.amount, went.amount) == (Money(2500, "EUR"), Money(-2500, "EUR"))
    assert find_references(came.texts) == find_references(went.texts) == [REFERENCE]
    assert came.payer == "Sample Buyer"
    assert came.bank_reference != went.bank_reference


def test_another_account_has_its_own_currency_and_statement(web: httpx.Client) -> None:
    send(web, "2500", REFERENCE, account=YEN)
    [line] = statement(web, "camt053", YEN, "JPY").lines
    assert line.amount == Money(2500, "JPY")
    [line] = statement(web, "mt940", YEN, "JPY").lines
    assert line.amount == Money(2500, "JPY")


def test_a_csv_runs_nothing(web: httpx.Client) -> None:
    send(web, "1.00", "=1+1", payer="@SUM(1)")
    content = web.get(f"/statements/{IBAN}.csv").text
    assert ";'@SUM(1);'=1+1;" in content


@pytest.mark.parametrize("amount", ["", "much", "1.005", "-1"])
def test_an_amount_that_is_none_is_refused(web: httpx.Client, amount: str) -> None:
    assert send(web, amount, REFERENCE).status_code == 400


def test_the_page_has_every_account_and_no_script(web: httpx.Client) -> None:
    page = web.get("/")
    assert page.text.count("<option") == 8
    assert "script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_unknown_accounts_kinds_and_movements(web: httpx.Client) -> None:
    assert send(web, "1", "x", account="nobody").status_code == 404
    for address in ("/statements/nobody.csv", f"/statements/{IBAN}.doc"):
        assert web.get(address).status_code == 404
    assert web.post("/movements/999999/reverse").status_code == 404
