"""What people write is printed as they wrote it: never run, never a trick on the reader."""

from dataclasses import replace

import pytest

from app.integrations.documents.interface import PresentedTo
from app.integrations.documents.typst_certificates import TypstCertificates
from app.integrations.errors import Refused
from tests.integrations.documents.examples import AER_LINE, CERTIFICATE, for_lines
from tests.integrations.documents.reading import squeezed, squeezed_text

LITERAL = [
    '#read("/etc/passwd")',
    '#eval("1+1")',
    "$x^2$ *bold* _slanted_ `raw` = Heading",
    "@label <label> #[content] #{code} \\u{41} \\ // no comment /* nor this */",
    '"; import sys #import "@preview/x:1.0.0": *',
    "{{ 7*7 }} {quantity} %s %(x)s ${x}",
    "<script>alert(1)</script> & <b>",
    "-- --- ... ~ 'quotes' \"quotes\"",
    '{"a": ["b"]} \\" \\n',
]


@pytest.mark.parametrize("text", LITERAL)
def test_it_comes_out_literally(certificates: TypstCertificates, text: str) -> None:
    data = replace(
        for_lines(
            replace(AER_LINE, activity_title=text),
            presented_to=PresentedTo("individual", "public", text, "DE"),
        ),
        reason=text,
        provider_name=text,
    )
    printed = squeezed_text(certificates.render(data, b"{}"))
    # Name, reason, provider, title, and once more in the statement.
    assert printed.count(squeezed(text)) == 5


@pytest.mark.parametrize(
    "text, printed",
    [
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("a\u2066b\u2069c\u200bd\ufeffe", "abcde"),
        ("two\r\nlines\u2028three", "two lines three"),
        ("nul\x00bell\x07tag\U000e0041private\ue000", "nulbelltagprivate"),
        ("Cafe\u0301", "Café"),
    ],
)
def test_what_cannot_be_seen_is_gone(certificates: TypstCertificates, text: str, printed: str) -> None:
    data = for_lines(AER_LINE, presented_to=PresentedTo("individual", "public", text, "DE"))
    assert squeezed(f"Presented to {printed} Germany") in squeezed_text(certificates.render(data, b"{}"))


def test_a_serial_number_is_never_cleaned(certificates: TypstCertificates) -> None:
    shown = replace(AER_LINE.serial_ranges[0], printed="A6.4ER\u200b-1–12")
    line = replace(AER_LINE, serial_ranges=(shown, AER_LINE.serial_ranges[1]))
    with pytest.raises(Refused, match="unprintable_fact"):
        certificates.render(replace(CERTIFICATE, lines=(line,)), b"{}")


def test_the_record_may_hold_anything(certificates: TypstCertificates) -> None:
    twin = '{"reason":"\\u0000 #read(\\"x\\") \\ud83d\\ude00 😀"}'.encode()
    assert certificates.render(CERTIFICATE, twin).startswith(b"%PDF-")
