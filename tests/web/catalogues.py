"""The catalogues of translations/, for tests to look at."""

import re
from functools import cache

from babel.messages.catalog import Catalog

from scripts import strings

PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")

Pair = tuple[str, str]


def catalogue(language: str) -> Catalog:
    return strings.read(strings.FOLDER / language / "LC_MESSAGES" / "messages.po")


@cache
def pairs(language: str) -> list[Pair]:
    """Every text and its translation; the forms of a plural one by one."""
    found = []
    for message in catalogue(language):
        if not message.id:
            continue
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        # A language may have more forms than English: the last one stands for them all.
        found += [(sources[min(index, len(sources) - 1)], text) for index, text in enumerate(texts)]
    assert len(found) > 500, "the catalogue was not read"
    return found
