"""Free text is compared without case and accents, and finds an activity by what people call it."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.catalogue.search_text import fold, search_text
from app.integrations.registry.fake_samples import sample_activity
from tests.factories import NOW


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Taíba", "taiba"),
        ("TAI\u0301BA", "taiba"),
        ("éolienne ÉOLIENNE", "eolienne eolienne"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("ＷＩＮＤ", "wind"),
        ("Sample™", "sampletm"),
        ("CO₂", "co2"),
        ("A6.4-MW-001042", "a6.4-mw-001042"),
        ("Ñandú", "nandu"),
        ("مصر", "مصر"),
    ],
)
def test_examples(text: str, folded: str):
    assert fold(text) == folded


@given(st.text())
@example("ℌ")
@example("ᾼ")
@example("ᏸ")
def test_folding_twice_is_folding_once(text: str):
    assert fold(fold(text)) == fold(text)


@given(st.text())
@example("™")
def test_case_and_accents_are_gone(text: str):
    folded = fold(text)
    assert not any(unicodedata.combining(character) for character in folded)
    assert folded == folded.casefold()


def test_an_activity_is_found_by_everything_it_is_called():
    text = search_text(
        replace(
            sample_activity("A6.4-BR-001042", NOW),
            title="Sample wind farm, Taíba",
            summary="Twelve turbines.",
            technology="wind",
            methodologies=("AMS-I.D",),
            participants=("Energía Ñandú S.A.",),
        )
    )
    found = [
        "taiba",
        "turbines",
        "a6.4-br-001042",
        "eolica",
        "eolien",
        "ams-i.d",
        "nandu",
        "brazil",
        "bresil",
        "brasil",
    ]
    assert [word for word in found if word not in text] == []
    assert fold(text) == text


def test_an_unknown_technology_is_found_by_its_code():
    text = search_text(
        replace(sample_activity("A6.4-XX-000001", NOW), technology="tidal-power", host_party="XX")
    )
    assert "tidal power" in text
