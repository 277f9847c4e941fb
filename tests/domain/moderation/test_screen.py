"""What a person should look at is found however it is written, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.moderation.screen import RULES, Finding, findings, screen


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("Our carbon neutral conference", "claim", "carbon neutral"),
        ("CARBON-NEUTRAL", "claim", "CARBON-NEUTRAL"),
        ("Carbon  Neutral", "claim", "Carbon  Neutral"),
        ("ＣＡＲＢＯＮ　ＮＥＵＴＲＡＬ", "claim", "ＣＡＲＢＯＮ　ＮＥＵＴＲＡＬ"),
        ("car\u200dbon neutral", "claim", "car\u200dbon neutral"),
        ("cаrbоn nеutrаl", "claim", "cаrbоn nеutrаl"),  # with Cyrillic letters
        ("CO₂-neutral shipping", "claim", "CO₂-neutral"),
        ("climate neutrality by 2030", "claim", "climate neutrality"),
        ("climate-positive coffee", "claim", "climate-positive"),
        ("On the way to net-zero", "claim", "net-zero"),
        ("NetZero 2050", "claim", "NetZero"),
        ("to offset our flights", "claim", "offset"),
        ("Offsetting", "claim", "Offsetting"),
        ("Événement neutre en carbone", "claim", "neutre en carbone"),
        ("LA NEUTRALITE CARBONE", "claim", "NEUTRALITE CARBONE"),
        ("zéro émission nette", "claim", "zéro émission nette"),
        ("compensation carbone de nos vols", "claim", "compensation carbone"),
        ("Evento neutro en carbono", "claim", "neutro en carbono"),
        ("Feria carbono neutral", "claim", "carbono neutral"),
        ("climáticamente neutra", "claim", "climáticamente neutra"),
        ("cero emisiones netas", "claim", "cero emisiones netas"),
        ("(net zero)", "claim", "net zero"),
        ("Write to ana@example.org.", "email_address", "ana@example.org"),
        ("ana (at) example.org", "email_address", "ana (at) example.org"),
        ("ａｎａ＠example.org", "email_address", "ana@example.org"),
        ("see https://example.org/x", "web_address", "https://example.org/x"),
        ("see www.example.org", "web_address", "www.example.org"),
        ("buy at sample-shop.com!", "web_address", "sample-shop.com"),
        ("+49 30 1234567", "telephone", "+49 30 1234567"),
        ("Call (030) 123-456-78", "telephone", "(030) 123-456-78"),
        ("0033 6 12 34 56 78", "telephone", "0033 6 12 34 56 78"),
        ("follow @sample_bakery", "messenger", "@sample_bakery"),
        ("WhatsApp me", "messenger", "WhatsApp"),
        ("What a sh\u0336it", "abuse", "sh\u0336it"),
        ("MERDE!", "abuse", "MERDE"),
        ("hijo-de-puta", "abuse", "hijo-de-puta"),
        ("ab\u202ecd", "characters", "U+202E"),
        ("a\x07b", "characters", "U+0007"),
        ("z\u0300\u0301\u0302\u0303\u0304\u0305algo", "characters", "U+0303"),
    ],
)
def test_it_is_found_as_it_is_written(text: str, rule: str, words: str):
    assert findings(text) == [Finding(rule, words)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "For the sample conference of 2026",
        "Carbonneau Neutralino SA",
        "The neutral carbon atom",
        "Offsetdruck Müller KG",
        "Switzerland is a neutral country",
        "Planetzero",
        "A contribution to climate action",
        "Neutralité bienveillante",
        "Carbonara Neutral",
        "Cinzero Netto",
        "Scunthorpe United, Penistone and Cockfosters",
        "Matsushita, Shitara and Dickinson",
        "Con gracias de Puntarenas, en retard",
        "2025-2026, 23.11.2026 and 2026-11-23",
        "A6.4-MW-001042, 12 345 678 t",
        "St. Gallen, No. 5 and S.A. de C.V.",
        "a @ b",
        "آزمایش می‌شود · हिन्दी · Việt Nam · שָׁלוֹם",
        "One line\nand another",
    ],
)
def test_other_words_are_left_alone(text: str):
    assert findings(text) == []


def test_what_is_harmless_in_another_language_counts_in_its_own_only():
    assert screen("Sale con", "fr") == ["abuse"]
    assert screen("Café con leche", "es") == screen("Café con leche") == []
    assert screen("with no language of ours", "de") == []


def test_each_rule_is_named_once_in_the_order_of_the_table():
    assert screen("@samples, www.example.org: net zero, net zero") == ["claim", "web_address", "messenger"]


@given(st.text(), st.sampled_from(["en", "fr", "es", "de", None]))
def test_any_text_can_be_screened(text: str, language: str | None):
    assert set(screen(text, language)) <= set(RULES)


@given(st.text(), st.text())
def test_a_claim_is_part_of_the_text_around_it(before: str, after: str):
    claims = [found.words for found in findings(f"{before} net zero {after}") if found.rule == "claim"]
    assert claims
    assert all(claim in f"{before} net zero {after}" for claim in claims)
