"""Statements of every kind say the same; what is hostile or broken is refused with a word."""

import tracemalloc
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.payments.bank.reference import find_references
from app.domain.payments.statements.csv_file import ColumnMap
from app.domain.payments.statements.lines import Statement, StatementRefused, fingerprints
from app.domain.payments.statements.read import MOST_BYTES, ColumnsUnknown, read_statement
from app.money import Money
from tests.domain.payments.statements.files import Movement, camt, csv, mt940

REFERENCE = "RF86VC7K3MH9QD"
ONE = Movement("order rf86 vc7k 3mh9 qd thank you", bank_reference="BANK-1")


def read(content: bytes, columns: ColumnMap | None = None) -> Statement:
    return read_statement(content, "EUR", columns)


def refusal(content: bytes) -> StatementRefused:
    with pytest.raises(StatementRefused) as refused:
        read(content)
    return refused.value


@pytest.mark.parametrize(("kind", "write"), [("camt", camt), ("mt940", mt940), ("csv", csv)])
def test_every_kind_tells_the_same(kind: str, write) -> None:
    statement = read(write([ONE, Movement("refund RF86VC7K3MH9QD", minor=-1000, bank_reference="BANK-2")]))
    received, sent = statement.lines
    assert statement.kind == kind
    assert (received.amount, received.booked_on) == (Money(2500, "EUR"), date(2026, 11, 25))
    assert (received.payer, received.bank_reference) == ("Sample Buyer GmbH", "BANK-1")
    assert find_references(received.texts) == [REFERENCE]
    assert sent.amount == Money(-1000, "EUR")
    assert (received.booked, received.reversal) == (True, False)


@pytest.mark.parametrize("version", ["02", "04", "08", "13"])
@pytest.mark.parametrize("kind", ["053", "054"])
def test_every_version_of_camt(version: str, kind: str) -> None:
    [line] = read(camt([ONE], version=version, kind=kind)).lines
    assert (line.account, find_references(line.texts)) == ("DE89370400440532013000", [REFERENCE])


def test_camt_structured_reference_and_status() -> None:
    pending, structured = read(
        camt([Movement("x", status="PDNG"), Movement("", structured="RF86 VC7K3MH9QD")])
    ).lines
    assert not pending.booked
    assert find_references(structured.texts) == [REFERENCE]


def test_camt_older_status_without_code() -> None:
    content = camt([ONE]).replace(b"<Sts><Cd>BOOK</Cd></Sts>", b"<Sts>BOOK</Sts>")
    assert read(content).lines[0].booked


def test_a_batch_is_read_transaction_by_transaction() -> None:
    parts = "".join(
        f'<TxDtls><Refs><EndToEndId>E{n}</EndToEndId></Refs><Amt Ccy="EUR">{n}.00</Amt>'
        f"<RmtInf><Ustrd>text {n}</Ustrd></RmtInf></TxDtls>"
        for n in (10, 15)
    )
    content = camt([ONE]).decode()
    start, end = content.index("<TxDtls>"), content.index("</NtryDtls>")
    lines = read((content[:start] + parts + content[end:]).encode()).lines
    assert [(line.amount.minor, line.text, line.bank_reference) for line in lines] == [
        (1000, "text 10 E10", "BANK-1/1"),
        (1500, "text 15 E15", "BANK-1/2"),
    ]


def test_camt_text_broken_into_two_elements() -> None:
    content = camt([ONE]).replace(b"vc7k 3mh9", b"vc7</Ustrd><Ustrd>k 3mh9")
    assert find_references(read(content).lines[0].texts) == [REFERENCE]


def test_mt940_reversals_and_new_year() -> None:
    text = (
        ":20:X\n:25:DE89370400440532013000\n:60F:C261231EUR0,\n:61:2612310102RC25,NTRFNONREF//B1\n:86:free RF86\n"
        "VC7K3MH9QD\n:61:261231RD5,5NTRFRF86VC7K3MH9QD\n:61:261231EC5,00NTRFNONREF\n:62F:C261231EUR0,\n-\n"
    )
    taken_back, came_back, expected = read(text.encode()).lines
    assert (taken_back.amount, taken_back.reversal, taken_back.booked_on) == (
        Money(-2500, "EUR"),
        True,
        date(2027, 1, 2),
    )
    assert find_references(taken_back.texts) == [REFERENCE]
    assert (came_back.amount, came_back.reversal) == (Money(550, "EUR"), True)
    assert find_references(came_back.texts) == [REFERENCE]
    assert not expected.booked


def test_mt940_of_two_accounts() -> None:
    content = mt940([ONE]) + mt940([ONE], account="OTHER/1")
    assert [line.account for line in read(content).lines] == ["37040044/0532013000", "OTHER/1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    movement = Movement("für RF86VC7K3MH9QD", payer="Jürgen Müller")
    [line] = read(csv([movement]).decode().encode(encoding)).lines
    assert line.payer == "Jürgen Müller"


def test_a_csv_with_columns_for_credit_and_debit() -> None:
    content = (
        b'Date,Description,Money out,Money in\n2026-11-25,RF86VC7K3MH9QD,,"1,025.50"\n2026-11-26,fee,2.00,\n'
    )
    came, went = read(content).lines
    assert (came.amount, went.amount) == (Money(102550, "EUR"), Money(-200, "EUR"))


def test_a_csv_that_explains_itself_badly_asks() -> None:
    content = b"a;b;c\n25.11.2026;25,00;RF86VC7K3MH9QD\n"
    with pytest.raises(ColumnsUnknown) as unknown:
        read(content)
    assert unknown.value.head[0] == ["a", "b", "c"]
    columns = ColumnMap(booked_on=0, text=(2,), amount=1, date_format="%d.%m.%Y", decimal_comma=True)
    assert ColumnMap.from_json(columns.as_json()) == columns
    [line] = read(content, columns).lines
    assert (line.amount, line.text) == (Money(2500, "EUR"), REFERENCE)


def test_yen_and_dinar() -> None:
    for write in (camt, csv):
        amounts = [Money(2500, "JPY"), Money(25005, "KWD"), Money(1, "KWD"), Money(-7, "JPY")]
        told = write([Movement("x", minor=each.minor, currency=each.currency) for each in amounts])
        assert [line.amount for line in read(told).lines] == amounts
    grouped = csv([Movement("x", minor=2500, currency="JPY")]).replace(b";2500;", b";2.500;")
    assert read(grouped).lines[0].amount == Money(2500, "JPY")
    for currency, told, minor in (("JPY", "2500,", 2500), ("KWD", "25,005", 25005)):
        content = (
            mt940([Movement("x")]).replace(b"EUR", currency.encode()).replace(b"C25,00", f"C{told}".encode())
        )
        assert read(content).lines[0].amount == Money(minor, currency)


@pytest.mark.parametrize(("currency", "wrong"), [("JPY", b"25.50"), ("EUR", b"25.005"), ("KWD", b"25.0005")])
def test_an_amount_with_more_decimals_than_its_currency_is_refused(currency: str, wrong: bytes) -> None:
    one = Movement("x", minor=25, currency=currency)
    told = camt([one]).replace(f">{one.amount}<".encode(), b">" + wrong + b"<")
    assert refusal(told).code == "entry_unreadable"


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document><Stmt><Ntry><AddtlNtryInf>&b;</AddtlNtryInf></Ntry></Stmt></Document>"""
OUTSIDE = (
    b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>"""
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (BOMB, "xml_trick"),
        (OUTSIDE, "xml_trick"),
        (b"<a>" * 100, "xml_trick"),
        (b"<html></html>", "not_camt"),
        (b"<Document><Stmt>", "not_xml"),
        (b'<?xml version="1.0" encoding="nonsense"?><Document/>', "not_xml"),
        (b"<Document><Stmt></Stmt></Document>", "no_lines"),
        (b"<Document><Stmt><Ntry/></Stmt></Document>", "entry_unreadable"),
        (camt([ONE]).replace(b"25.00", b"1e9"), "entry_unreadable"),
        (camt([ONE]).replace(b'Ccy="EUR"', b'Ccy="euro"'), "entry_unreadable"),
        (b"just a letter", "not_csv"),
        (b"a\x00b;c", "not_text"),
        (b"\xff\xfe\x00", "not_text"),
        (csv([Movement('=cmd|"/c calc"!A1'.replace('"', ""))]), "formula"),
        (csv([Movement("@SUM(1+1)")]), "formula"),
        (csv([Movement("+A1")]), "formula"),
        (
            csv([ONE, Movement("x")]).replace(b'25,00;EUR;"Sample Buyer GmbH";"x', b'much;EUR;"a";"x'),
            "row_unreadable",
        ),
        (mt940([ONE]).replace(b"C25,00", b"Z25,00"), "entry_unreadable"),
        (mt940([ONE]).replace(b":60F:", b":60X:"), "entry_unreadable"),
        (b"x" * (MOST_BYTES + 1), "too_large"),
        (b"a;" * 200_000, "not_text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_hostile_or_broken_is_refused(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_a_formula_is_named_by_its_cell() -> None:
    assert refusal(csv([ONE, Movement("=1+1")])).where == {"row": 3, "column": 5}


@pytest.mark.parametrize("content", [BOMB, b"<a>" * 1_000_000, b"<Document>" + b"<!-- x -->" * 300_000])
def test_refusing_costs_little_memory(content: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(StatementRefused):
            read(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30_000_000


def _is_read_or_refused(content: bytes) -> None:
    try:
        statement = read(content)
    except (StatementRefused, ColumnsUnknown):
        return
    prints = fingerprints(statement.lines)
    assert len(set(prints)) == len(statement.lines) > 0


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    _is_read_or_refused(content)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([camt([ONE, ONE]), mt940([ONE, ONE]), csv([ONE, ONE])]), st.data())
def test_any_damage_is_read_or_refused(content: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 30)))
    _is_read_or_refused(content[:start] + data.draw(st.binary(max_size=10)) + content[end:])


def test_equal_lines_have_fingerprints_of_their_own_and_keep_them() -> None:
    same = Movement("RF86VC7K3MH9QD")
    first = fingerprints(read(csv([same, same, ONE])).lines)
    assert len(set(first)) == 3
    assert fingerprints(read(csv([ONE, same, same])).lines) == [first[2], first[0], first[1]]
    assert fingerprints(read(camt([ONE])).lines) == fingerprints(read(mt940([ONE])).lines)
