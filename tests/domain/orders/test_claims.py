"""Claims that a certificate must not repeat are found however they are written, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.orders.claims import unsupported_claim


@pytest.mark.parametrize(
    "text,claim",
    [
        ("Our carbon neutral conference", "carbon neutral"),
        ("CARBON-NEUTRAL", "CARBON-NEUTRAL"),
        ("Carbon  Neutral", "Carbon  Neutral"),
        ("ＣＡＲＢＯＮ　ＮＥＵＴＲＡＬ", "ＣＡＲＢＯＮ　ＮＥＵＴＲＡＬ"),
        ("car\u200dbon neutral", "car\u200dbon neutral"),
        ("CO₂-neutral shipping", "CO₂-neutral"),
        ("climate neutrality by 2030", "climate neutrality"),
        ("On the way to net-zero", "net-zero"),
        ("NetZero 2050", "NetZero"),
        ("to offset our flights", "offset"),
        ("Offsetting", "Offsetting"),
        ("Événement neutre en carbone", "neutre en carbone"),
        ("la neutralité carbone", "neutralité carbone"),
        ("LA NEUTRALITE CARBONE", "NEUTRALITE CARBONE"),
        ("zéro émission nette", "zéro émission nette"),
        ("compensation carbone de nos vols", "compensation carbone"),
        ("Evento neutro en carbono", "neutro en carbono"),
        ("Feria carbono neutral", "carbono neutral"),
        ("climáticamente neutra", "climáticamente neutra"),
        ("cero emisiones netas", "cero emisiones netas"),
        ("(net zero)", "net zero"),
    ],
)
def test_a_claim_is_found_as_it_is_written(text, claim):
    assert unsupported_claim(text) == claim


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
    ],
)
def test_other_words_are_left_alone(text):
    assert unsupported_claim(text) is None


@given(st.text(), st.text())
def test_what_is_found_is_part_of_the_text(before, after):
    text = f"{before} net zero {after}"
    found = unsupported_claim(text)
    assert found is not None
    assert found in text
