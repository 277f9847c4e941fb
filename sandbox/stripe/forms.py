"""Stripe's bodies: forms with brackets, `line_items[0][price_data][currency]=eur`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.problems import Problem, wrong
from sandbox.stripe.store import Json

_PARTS = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def read_form(text: str) -> Json:
    """The nested names of a form. Values stay text; `x[0]`, `x[1]` and `x[]` become lists."""
    root: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        parts = _PARTS.findall(name)
        if not parts:
            continue
        inner = root
        for part in parts[:-1]:
            step = inner.setdefault(part, {})
            if not isinstance(step, dict):
                raise wrong(name, f"Invalid parameter: {name}")
            inner = step
        last = parts[-1] or str(len(inner))
        inner[last] = value
    lists: Json = _lists(root)
    return lists


def check_known(asked: Json, known: set[str], prefix: str = "") -> None:
    """Raise what Stripe says to a parameter that it does not have."""
    for name in asked:
        if name not in known:
            full = f"{prefix}[{name}]" if prefix else name
            raise Problem(400, "parameter_unknown", f"Received unknown parameter: {full}", param=full)


def whole_number(value: object, param: str) -> int:
    """A whole number in a form. Raises Problem."""
    if not isinstance(value, str) or not re.fullmatch("-?[0-9]{1,15}", value):
        raise wrong(param, f"Invalid integer: {value}", "parameter_invalid_integer")
    return int(value)


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(part) for name, part in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
