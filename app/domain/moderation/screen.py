"""What the public would read, looked through by rules. A rule only says "somebody should look": it refuses nothing."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.domain.moderation.folding import fold
from app.domain.moderation.words import ABUSE, ABUSE_IN, CLAIMS, MESSENGERS

# More marks than this on one letter are no language's, but a tower over the lines around it.
_MOST_MARKS = 3
# What neither a keyboard nor a script needs in a name or a sentence: steers direction, hides, or is nobody's.
_ODD = {"Cc", "Cf", "Co", "Cs"}
_HARMLESS = "\n\r\t\u200c\u200d\u00ad\u200e\u200f"
_FEWEST_DIGITS = 9  # of a telephone number; two years or a date have eight
_FEWEST_ABROAD = 7  # of one that begins with + or 00

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+ ?(?:@|\(at\)|\[at\]) ?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_WEB = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|(?<![\w@.-])[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|info|biz|io|app|shop|online|site|link|me|co|eu|de|fr|es|uk|us|ch|ru|cn)"
    r"(?:/\S*)?(?![\w.@-])",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"(?<!\w)(?:\+|00)?\(?\d[\d ().\-/\u00a0\u202f]{5,}\d(?!\w)")
_HANDLE = re.compile(r"(?<![\w@.])@\w[\w.]{2,}")


@dataclass(frozen=True)
class Finding:
    """Some words of a text that meet a rule."""

    rule: str  # a code of RULES
    words: str  # as they are written


def findings(text: str, language: str | None = None) -> list[Finding]:
    """Everything in `text` that a person should look at before the public reads it, rule by rule.

    `language` (en, fr, es) is the text's; None where it is not known. Any Unicode text is taken.
    """
    return [Finding(code, words) for code, rule in RULES.items() for words in rule(text, language)]


def screen(text: str, language: str | None = None) -> list[str]:
    """The codes of the rules that `text` meets, in the order of RULES, each once. See `findings`."""
    return list(dict.fromkeys(found.rule for found in findings(text, language)))


def _listed(*words: str) -> re.Pattern[str]:
    """Finds these folded words in a folded text, whole words only, the longest first."""
    longest_first = sorted(map(re.escape, set(words)), key=len, reverse=True)
    return re.compile(rf"(?<![^ ])(?:{'|'.join(longest_first)})(?![^ ])")


_CLAIMS = _listed(*CLAIMS)
_MESSENGERS = _listed(*MESSENGERS)
_ABUSE = {None: _listed(*ABUSE)} | {code: _listed(*ABUSE, *words) for code, words in ABUSE_IN.items()}


def _words_of(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    folded, places = fold(text)
    for found in pattern.finditer(folded):
        yield text[places[found.start()] : places[found.end() - 1] + 1]


def _claims(text: str, _language: str | None) -> Iterator[str]:
    return _words_of(_CLAIMS, text)


def _abuse(text: str, language: str | None) -> Iterator[str]:
    return _words_of(_ABUSE.get(language, _ABUSE[None]), text)


def _email_addresses(text: str, _language: str | None) -> Iterator[str]:
    return (found.group() for found in _EMAIL.finditer(_plain(text)))


def _web_addresses(text: str, _language: str | None) -> Iterator[str]:
    plain = _EMAIL.sub(" ", _plain(text))
    return (found.group() for found in _WEB.finditer(plain))


def _telephones(text: str, _language: str | None) -> Iterator[str]:
    for found in _TELEPHONE.finditer(_plain(text)):
        number = found.group()
        digits = sum(character.isdigit() for character in number)
        if digits >= (_FEWEST_ABROAD if number.startswith(("+", "00")) else _FEWEST_DIGITS):
            yield number


def _messengers(text: str, _language: str | None) -> Iterator[str]:
    yield from (found.group() for found in _HANDLE.finditer(_plain(text)))
    yield from _words_of(_MESSENGERS, text)


def _characters(text: str, _language: str | None) -> Iterator[str]:
    """Each odd character as its code point, and each letter under a tower of marks."""
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks == _MOST_MARKS + 1 or (category in _ODD and character not in _HARMLESS):
            yield f"U+{ord(character):04X}"


def _plain(text: str) -> str:
    """Full-width letters and the like as plain ones, and nothing unseen between them."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if unicodedata.category(character) != "Cf"
    )


RULES: dict[str, Callable[[str, str | None], Iterator[str]]] = {
    "claim": _claims,
    "email_address": _email_addresses,
    "web_address": _web_addresses,
    "telephone": _telephones,
    "messenger": _messengers,
    "abuse": _abuse,
    "characters": _characters,
}
