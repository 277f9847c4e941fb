"""Files that want to cost something: memory, time, or somebody's spreadsheet. Refused with a line, and for nothing."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.payments.statements import camt as camt_module
from app.domain.payments.statements import csv_file as csv_module
from app.domain.payments.statements import mt940 as mt940_module
from app.domain.payments.statements.lines import StatementRefused, fingerprints
from app.domain.payments.statements.read import ColumnsUnknown, read_statement
from tests.domain.payments.statements.files import Movement, camt, csv

MEGABYTE = 1024 * 1024
HEAD = b'<?xml version="1.0"?><!DOCTYPE d ['


def laughs(levels: int) -> bytes:
    """A billion laughs: each entity is ten of the one before."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels))
    return HEAD + f'<!ENTITY l0 "lol">{entities}]><Document>&l{levels - 1};</Document>'.encode()


XML_TRICKS = {
    "billion laughs": laughs(10),
    "quadratic": HEAD
    + b'<!ENTITY a "'
    + b"a" * 100_000
    + b'">]><Document>'
    + b"&a;" * 100_000
    + b"</Document>",
    "a file of the server": HEAD + b'<!ENTITY x SYSTEM "file:///etc/hostname">]><Document>&x;</Document>',
    "an address": HEAD + b'<!ENTITY x SYSTEM "http://127.0.0.1:1/x">]><Document>&x;</Document>',
    "a parameter entity": HEAD + b'<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]><Document/>',
    "an outside DTD": b'<!DOCTYPE d SYSTEM "http://127.0.0.1:1/x.dtd"><Document/>',
    "a DTD that does nothing": b"<!DOCTYPE Document><Document/>",
    "deep": b"<Document>" + b"<a>" * 1000,
    "deep without an end": b"<a>" * 500_000,
}


def refusal(content: bytes) -> StatementRefused:
    with pytest.raises(StatementRefused) as refused:
        read_statement(content, "EUR")
    return refused.value


@pytest.mark.parametrize("content", XML_TRICKS.values(), ids=XML_TRICKS)
def test_xml_that_no_bank_writes(content: bytes) -> None:
    assert refusal(content).code == "xml_trick"


def test_an_inclusion_is_text_like_any_other() -> None:
    include = (
        b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    )
    content = camt([Movement("before")]).replace(b"before", include)
    assert read_statement(content, "EUR").lines[0].text == ""


# With limits a fiftieth of the real ones, to be quick; read without care, each would take several megabytes.
FEWER = 50
LARGE = {
    "CSV of tiny rows": (b"a;b\n" * 50_000, "too_many_lines"),
    "CSV of empty rows": (b"a;b\n" + b";\n" * 100_000, None),
    "CSV in one cell": (b'"' + b"a;b\n" * 50_000, "not_csv"),
    "MT940 of tiny lines": (b":20:X\n" + b":61:\n" * 40_000, "too_many_lines"),
    "MT940 of other fields": (b":20:X\n" + b":86:x\n:61:" * 20_000, "too_many_lines"),
    "MT940 in one field": (b":20:X\n:61:X\n" + b"ab\n" * 60_000, "entry_unreadable"),
    "camt of nothing": (b"<Document>" + b"<x/>" * 50_000 + b"</Document>", "not_camt"),
    "camt with a huge entry": (b"<Document><Stmt><Ntry>" + b"<x/>" * 50_000 + b"</Ntry>", "xml_trick"),
    "camt of lines": (camt([Movement("x")] * 1100), "too_many_lines"),
}


@pytest.mark.parametrize(("content", "code"), LARGE.values(), ids=LARGE)
def test_a_large_one_costs_little_memory(monkeypatch, content: bytes, code: str | None) -> None:
    for module, limit in (
        *((camt_module, "MOST_LINES"), (csv_module, "MOST_LINES"), (mt940_module, "_MOST_FIELDS")),
        (camt_module, "_MOST_PARTS"),
    ):
        monkeypatch.setattr(module, limit, getattr(module, limit) // FEWER)
    tracemalloc.start()
    try:
        if code is None:
            with pytest.raises(ColumnsUnknown):
                read_statement(content, "EUR")
        else:
            assert refusal(content).code == code
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * MEGABYTE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (camt([Movement("x")]).decode().encode("utf-16"), "not_xml"),  # it says that it is UTF-8
        (camt([Movement("x")]).replace(b'encoding="UTF-8"', b'encoding="UTF-7"'), "not_xml"),
        (camt([Movement("x")]).replace(b'encoding="UTF-8"', b'encoding="rot13"'), "not_xml"),
        (camt([Movement("caf\u00e9")]).decode().encode("latin-1"), "not_xml"),
        (csv([Movement("x")]).decode().encode("utf-32"), "not_text"),
        (csv([Movement("x")]).decode().encode("utf-16")[:-1], "not_text"),
        (b"\xef\xbb\xbf" + "Jürgen;x".encode("latin-1"), "not_text"),
        (b"PK\x03\x04" + b"\x00\x01;" * 50, "not_text"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj;\x00", "not_text"),
    ],
)
def test_encodings_that_are_wrong(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_a_camt_in_another_encoding_that_says_so_is_read() -> None:
    for encoding in ("ISO-8859-1", "UTF-16"):
        text = camt([Movement("x", payer="Jürgen")]).decode().replace("UTF-8", encoding)
        assert read_statement(text.encode(encoding), "EUR").lines[0].payer == "Jürgen"


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "@SUM(A1)", "+A1", "-A1+2", "=HYPERLINK(1)", "\t=1+1", "-2+3+cmd|' /C calc'!A0"],
)
def test_a_cell_that_a_spreadsheet_would_run(cell: str) -> None:
    assert refusal(csv([Movement(cell)])).code == "formula"


@pytest.mark.parametrize("cell", ["-", "+49 30 123456", "-25,00", "'=1+1"])
def test_a_cell_that_only_begins_like_one(cell: str) -> None:
    assert len(read_statement(csv([Movement(cell)]), "EUR").lines) == 1


# Pieces of which statements are made, in any order: more of them get past the first check than of random bytes.
PIECES = {
    "camt": [
        *(
            "<Document>",
            "</Document>",
            "<Stmt>",
            "</Stmt>",
            "<Ntry>",
            "</Ntry>",
            "<Acct><Id><IBAN>X</IBAN></Id></Acct>",
        ),
        *(
            '<Amt Ccy="EUR">1.00</Amt>',
            '<Amt Ccy="JPY">1.5</Amt>',
            "<CdtDbtInd>DBIT</CdtDbtInd>",
            "<Amt>1</Amt>",
        ),
        *(
            "<BookgDt><Dt>2026-11-25</Dt></BookgDt>",
            "<BookgDt><Dt>2026-02-30</Dt></BookgDt>",
            "<Sts>BOOK</Sts>",
        ),
        *(
            "<NtryDtls><TxDtls><RmtInf><Ustrd>x</Ustrd></RmtInf></TxDtls></NtryDtls>",
            "<!-- -->",
            "&amp;",
            "&x;",
            "]]>",
        ),
    ],
    "mt940": [
        *(
            ":20:X\n",
            ":25:1/2\n",
            ":60F:C261120EUR0,\n",
            ":61:2611251125C25,00NTRFNONREF//B1\n",
            ":61:261125C\n",
        ),
        *(
            ":61:2602301125C25,00NTRFX\n",
            ":86:166?00X?20RF86VC7K3MH9QD?32Y\n",
            ":86:free\n",
            "-\n",
            "{1:X}",
            "\r\n",
        ),
        *(":60F:C261120JPY0,\n", ":61:261125RD9999999999999,99NTRF\n", ":86:?", "?20", "//"),
    ],
    "csv": [
        *(
            "Date;Amount;Text\n",
            "Booking date,Credit,Debit,Text\n",
            "25.11.2026;25,00;x\n",
            "2026-11-25,1.5,,x\n",
            '"',
        ),
        *(
            "25.11.2026;x;x\n",
            ";;;\n",
            "99.99.2026;1;x\n",
            "\t",
            "25.11.2026;1.234.567,89;x;y;z\n",
            "'",
            "\r",
            "\\",
            "=",
        ),
    ],
}


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(PIECES)).flatmap(lambda kind: st.lists(st.sampled_from(PIECES[kind]), max_size=25))
)
def test_any_pieces_are_read_or_refused(pieces: list[str]) -> None:
    content = "".join(pieces).encode()
    try:
        statement = read_statement(content, "EUR")
    except (StatementRefused, ColumnsUnknown):
        return
    assert len(set(fingerprints(statement.lines))) == len(statement.lines) > 0
