"""What a caller sent, checked against the contract. Every failure is Problem `validation_error` naming the field."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import json, request

from sandbox.registry.problems import invalid
from sandbox.registry.store import stamp

RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def json_body() -> dict[str, Any]:
    """The JSON object in the request's body."""
    if request.mimetype != "application/json":
        raise invalid("body", "must be application/json")
    try:
        body = json.loads(request.get_data(), parse_constant=_no_constant)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:  # a half surrogate fails to encode with a ValueError too
        raise invalid("body", "is not valid JSON") from error
    if not isinstance(body, dict):
        raise invalid("body", "must be an object")
    return body


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def fields(where: str, body: dict[str, Any], required: set[str], optional: set[str]) -> None:
    """Nothing missing, nothing unknown."""
    for name in sorted(required - body.keys()):
        raise invalid(where + name, "is required")
    for name in sorted(body.keys() - required - optional):
        raise invalid(where + name, "is not known")


def text(field: str, value: Any, shortest: int = 0, longest: int | None = None) -> str:
    if not isinstance(value, str):
        raise invalid(field, "must be text")
    if len(value) < shortest or (longest is not None and len(value) > longest):
        raise invalid(field, f"must have {shortest} to {longest} characters")
    return value


def optional_text(field: str, value: Any, shortest: int = 0, longest: int | None = None) -> str | None:
    return None if value is None else text(field, value, shortest, longest)


def one_of(field: str, value: Any, allowed: set[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise invalid(field, f"must be one of {', '.join(sorted(allowed))}")
    return value


def quantity(field: str, value: Any) -> int:
    """Whole units, at least 1. JSON knows no difference between 1 and 1.0, Python's bool is an int: hence this."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise invalid(field, "must be a whole number")
    if value < 1:
        raise invalid(field, "must be at least 1")
    return int(value)


def moment(field: str, value: Any) -> str:
    """An RFC 3339 time as the books hold it."""
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise invalid(field, "must be a date and time with zone, e.g. 2026-11-23T10:00:00Z")
    try:
        return stamp(datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value.upper())))
    except OverflowError:  # within a day of year 1 or 9999: no change is older or newer
        return stamp(datetime.min.replace(tzinfo=UTC) if value < "5" else datetime.max.replace(tzinfo=UTC))
    except ValueError as error:
        raise invalid(field, "is not a time") from error


def query_moment(name: str) -> str | None:
    value = request.args.get(name)
    return None if value is None else moment(name, value)


def query_limit() -> int:
    value = request.args.get("limit", "100")
    if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= 500:
        raise invalid("limit", "must be a whole number from 1 to 500")
    return int(value)


def idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= 255:
        raise invalid("Idempotency-Key", "must have 1 to 255 characters")
    return key
