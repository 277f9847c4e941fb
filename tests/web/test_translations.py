"""The catalogues say everything, say it with the right words, and write it as the language is written."""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from scripts import strings
from tests.web.catalogues import PLACEHOLDER, pairs

TAG = re.compile(r"<[^>]*>|&\w+;")
# The word for taking units out of circulation is for nothing else, and is not replaced by a gentler one.
CANCEL = {"en": "cancel", "fr": "annul", "es": "cancel"}
# Words of claims about somebody's emissions: only where English has them, to say what may not be said.
CLAIMS = {"compensat": "compens", "neutral": "neutr"}


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The texts of the code and the templates as they stand."""
    target: Path = tmp_path_factory.mktemp("strings") / "messages.pot"
    strings.collect(target)
    return strings.read(target)


@pytest.mark.parametrize("language", strings.translated())
def test_every_text_is_translated_in_all_its_forms_and_none_is_left_over(language: str, collected: Catalog):
    assert strings.problems(language, collected) == []


@pytest.mark.parametrize("language", strings.translated())
def test_placeholders_tags_and_ends_are_those_of_the_source(language: str):
    assert [pair for pair in pairs(language) if not _same_frame(*pair)] == []


def _same_frame(source: str, text: str) -> bool:
    return (
        set(PLACEHOLDER.findall(source)) == set(PLACEHOLDER.findall(text))
        and Counter(TAG.findall(source)) == Counter(TAG.findall(text))
        and _end(source) == _end(text)
        and text == text.strip()
        and "  " not in text
        and "\n" not in text
    )


def _end(text: str) -> str:
    """The punctuation at the end: a sentence stays a sentence, a label a label."""
    return text[-1:] if text[-1:] in ".:?!…," else ""


@pytest.mark.parametrize("language", strings.translated())
def test_cancelling_is_called_so_and_nothing_else_is(language: str):
    wrong = [
        pair
        for pair in pairs(language)
        if (CANCEL["en"] in pair[0].lower()) != (CANCEL[language] in pair[1].lower())
    ]
    assert wrong == []


@pytest.mark.parametrize("language", strings.translated())
@pytest.mark.parametrize("source,word", CLAIMS.items())
def test_no_claim_is_made_that_the_source_does_not_make(language: str, source: str, word: str):
    wrong = [pair for pair in pairs(language) if (source in pair[0].lower()) != (word in pair[1].lower())]
    assert wrong == []


def test_french_is_set_as_french_is():
    """No-break spaces before high punctuation and inside guillemets; typographic apostrophes. Not in 18:00 or https://."""
    wrong = re.compile(r"[^\u00a0\u202f][;?!»]|[^\u00a0\u202f]:(?!\d\d|//)|«[^\u00a0\u202f]|['\"“”]|\.{3}")
    assert [text for _, text in pairs("fr") if wrong.search(text)] == []


def test_spanish_is_set_as_spanish_is():
    """Questions and exclamations open as they close; guillemets without spaces."""
    wrong = re.compile(r"\s[:;?!»]|«\s|['\"“”]|\.{3}")
    assert [text for _, text in pairs("es") if wrong.search(text)] == []
    assert [text for _, text in pairs("es") if text.count("¿") != text.count("?")] == []
    assert [text for _, text in pairs("es") if text.count("¡") != text.count("!")] == []
