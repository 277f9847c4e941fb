"""The words that certificates are issued with: those that administrators have set, else those of the platform."""

from typing import Any

from sqlalchemy.orm import Session

from app.domain.certificates.statements import StatementWords, shipped_words
from app.domain.settings.queries import texts
from app.domain.settings.texts import WORDS


def words_in_force(session: Session, language: str) -> StatementWords:
    """What a certificate that is issued now says. KeyError for a language without words."""
    found = texts(session, "statements", language)
    return with_words(language, found.label, found.words) if found is not None else shipped_words(language)


def with_words(language: str, version: str, flat: dict[str, str]) -> StatementWords:
    """The platform's own words of a language with these in the place of theirs; how words are joined stays as it is."""
    known = shipped_words(language).words
    classes: dict[str, dict[str, str]] = {}
    uses: dict[str, str] = {}
    for name, text in flat.items():
        part, _, key = name.partition(".")
        if part == "uses":
            uses[key] = text
        else:
            classes.setdefault(part, {})[key] = text
    return StatementWords(version, {**known, "classes": classes, "uses": uses})


def shipped_statements(languages: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Language → word → text, as the platform has them: for administrators to change."""
    return {language: _flat(shipped_words(language).words) for language in languages}


def _flat(known: Any) -> dict[str, str]:
    flat = {}
    for name in WORDS["statements"]:
        part, _, key = name.partition(".")
        flat[name] = known["uses"][key] if part == "uses" else known["classes"][part][key]
    return flat
