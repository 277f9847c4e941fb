"""Strict reading of decoded JSON, one function per type of field.

Each takes the object and the name of a field, and raises `Unreadable` when the field is missing or
not what the contract says. `Unreadable` names the field and never quotes its content.
"""

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
Json = dict[str, Any]
Reader = Callable[[Json, str], T]

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


class Unreadable(Exception):
    """The answer does not keep the contract."""


def as_object(value: object) -> Json:
    """`value` itself when it is a JSON object."""
    if not isinstance(value, dict):
        raise Unreadable("not an object")
    return value


def required(item: Json, name: str) -> Any:
    """The field, whatever it is."""
    if name not in item:
        raise Unreadable(f"{name} is missing")
    return item[name]


def absent_or(item: Json, name: str, read: Reader[T], default: T) -> T:
    """An optional field that may not be null."""
    return read(item, name) if name in item else default


def nullable(item: Json, name: str, read: Reader[T]) -> T | None:
    """A field that may be absent or null."""
    return None if item.get(name) is None else read(item, name)


def inner(item: Json, name: str) -> Json:
    """An object inside the object."""
    value = required(item, name)
    if not isinstance(value, dict):
        raise Unreadable(f"{name} is no object")
    return value


def inners(item: Json, name: str) -> list[Json]:
    """A list of objects."""
    values = _list(item, name)
    if not all(isinstance(value, dict) for value in values):
        raise Unreadable(f"{name} is no list of objects")
    return values


def text(item: Json, name: str) -> str:
    """Text that can be kept: no NUL and no half surrogate pair, which no database column takes."""
    return _text(required(item, name), name)


def texts(item: Json, name: str) -> tuple[str, ...]:
    return tuple(_text(value, name) for value in _list(item, name))


def word(item: Json, name: str, words: Collection[str]) -> str:
    """One of `words`."""
    value = text(item, name)
    if value not in words:
        raise Unreadable(f"{name} is none of its words")
    return value


def words(item: Json, name: str, allowed: Collection[str]) -> tuple[str, ...]:
    values = texts(item, name)
    if not set(values) <= set(allowed):
        raise Unreadable(f"{name} holds a word that is none of its own")
    return values


def country(item: Json, name: str) -> str:
    """ISO 3166-1 alpha-2, in capitals."""
    value = text(item, name)
    if len(value) != 2 or not (value.isascii() and value.isalpha() and value.isupper()):
        raise Unreadable(f"{name} is no country code")
    return value


def whole(item: Json, name: str, least: int = 0) -> int:
    """A whole number, `least` or more."""
    return _whole(required(item, name), name, least)


def wholes(item: Json, name: str, least: int, most: int) -> tuple[int, ...]:
    """Whole numbers from `least` to `most`."""
    values = tuple(_whole(value, name, least) for value in _list(item, name))
    if any(value > most for value in values):
        raise Unreadable(f"{name} holds too large a number")
    return values


def moment(item: Json, name: str) -> datetime:
    """A date-time with its offset (RFC 3339), as an aware UTC datetime."""
    value = text(item, name)
    if not _RFC3339.fullmatch(value):
        raise Unreadable(f"{name} is no date-time with an offset")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{name} is no date-time") from error


def day(item: Json, name: str) -> date:
    """A full date (RFC 3339)."""
    value = text(item, name)
    try:
        parsed = date.fromisoformat(value)
    except ValueError as error:
        raise Unreadable(f"{name} is no date") from error
    if parsed.isoformat() != value:  # fromisoformat also takes 20261123 and 2026-W48-1
        raise Unreadable(f"{name} is no date")
    return parsed


def link(item: Json, name: str) -> str | None:
    """A web address that is safe to put into a page; None for any other scheme."""
    value = text(item, name)
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and parts.netloc else None


def _list(item: Json, name: str) -> list[Any]:
    value = required(item, name)
    if not isinstance(value, list):
        raise Unreadable(f"{name} is no list")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise Unreadable(f"{name} is no text")
    try:
        encoded = value.encode()
    except UnicodeEncodeError as error:
        raise Unreadable(f"{name} is no proper text") from error
    if b"\0" in encoded:
        raise Unreadable(f"{name} is no proper text")
    return value


def _whole(value: object, name: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Unreadable(f"{name} is no whole number from {least}")
    return value
