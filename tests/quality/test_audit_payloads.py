"""Every call that writes the audit trail says what app/domain/audit/payloads.py has for its event.

What only shows while it runs (`**said`) is checked by `record` itself.
"""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from app.domain.audit.payloads import PAYLOADS
from app.domain.audit.record import Event
from tests.quality.tree import files, name

_OF_THE_ROW = {"order_id", "actor", "person_id"}
_OF_A_STEP = {"step", "before", "after"}


def calls() -> Iterator[tuple[str, str, set[str], bool]]:
    """Where; the event; the names it says there; whether more come while it runs."""
    for path in files("app/*.py"):
        source = path.read_text(encoding="utf-8")
        if "record(" not in source and "step(" not in source:
            continue
        tree = ast.parse(source)
        steps = dict(_steps(tree))
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call):
                continue
            called = ast.unparse(call.func)
            said = {each.arg for each in call.keywords if each.arg} - _OF_THE_ROW
            more = any(each.arg is None for each in call.keywords)
            where = f"{name(path)}:{call.lineno}"
            if called in steps:
                event, always = steps[called]
                yield where, event, said | always, more
            elif called in {"record", "take_step"} and (event := _event(call) or ""):
                yield where, event, said | (_OF_A_STEP if called == "take_step" else set()), more


def _steps(tree: ast.Module) -> Iterator[tuple[str, tuple[str, set[str]]]]:
    """The functions that this module takes steps with, as it calls them: their event, and what they say by themselves."""
    for line in ast.walk(tree):
        if not isinstance(line, ast.ImportFrom) or not line.module:
            continue
        for each in line.names:
            called = each.asname or each.name
            if line.module.endswith("states") and each.name == "step":
                yield called, _what_it_says(line.module)
            elif each.name.endswith("states"):
                yield f"{called}.step", _what_it_says(f"{line.module}.{each.name}")


def _what_it_says(states: str) -> tuple[str, set[str]]:
    source = Path(importlib.import_module(states).__file__ or "").read_text(encoding="utf-8")
    [(event, call)] = [
        (event, call)
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and (event := _event(call))
    ]
    return event, ({each.arg for each in call.keywords if each.arg} - _OF_THE_ROW) | _OF_A_STEP


def _event(call: ast.Call) -> str | None:
    for argument in call.args:
        if isinstance(argument, ast.Attribute) and ast.unparse(argument.value) == "Event":
            return Event[argument.attr].value
    return None


def test_every_call_says_what_its_event_says() -> None:
    seen = list(calls())
    assert len(seen) > 100, "this test finds the calls"
    wrong = []
    for where, event, said, more in seen:
        line = PAYLOADS.get(event)
        if line is None:
            wrong.append(f"{where}: {event} has no line")
            continue
        if strange := said - line.required - line.optional:
            wrong.append(f"{where}: {event} does not say {sorted(strange)}")
        if not more and (missing := line.required - said):
            wrong.append(f"{where}: {event} says {sorted(missing)}, too")
    assert wrong == []


def test_only_events_have_lines_and_every_event_that_is_written_has_one() -> None:
    assert set(PAYLOADS) <= set(Event)
    assert {event for _, event, _, _ in calls()} <= set(PAYLOADS)
