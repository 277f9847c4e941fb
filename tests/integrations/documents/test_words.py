"""The words of the three languages belong together, and each has its place."""

import json
import re
from pathlib import Path

import pytest

from app.integrations.documents import printed
from app.integrations.documents.fonts import MissingFonts, load_fonts

LANGUAGES = ("en", "fr", "es")


def words(language: str) -> dict[str, object]:
    read: dict[str, object] = json.loads(
        (printed.TEMPLATES / "words" / f"{language}.json").read_text("utf-8")
    )
    return read


def shape(value: object) -> object:
    """The keys, and the places to fill in, in any order."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    return sorted(re.findall(r"\{\w+\}", str(value)))


@pytest.mark.parametrize("language", ["fr", "es"])
def test_they_have_the_same_words_and_places(language: str) -> None:
    assert shape(words(language)) == shape(words("en"))


def test_every_word_has_a_use() -> None:
    source = Path(printed.__file__).read_text("utf-8")
    unused = {
        key
        for key in words("en")
        if f"[{key}]" not in source.translate({34: None, 39: None}) and f'"{key}"' not in source
    }
    # Chosen by who it is presented to.
    assert {key for key in unused if not key.startswith("an_")} == set()


def test_all_scopes_of_the_mechanism_have_a_name() -> None:
    scopes = words("en")["scopes"]
    assert isinstance(scopes, dict)
    assert list(scopes) == [str(number) for number in range(1, 17)]


def test_fonts_that_are_not_installed_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingFonts, match="npm ci"):
        load_fonts(tmp_path)
