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
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            said = {each.arg for each in call.keywords if each.arg} - _OF_THE_ROW
            more = any(each.arg is None for each in call.keywords)
            where = f"{name(path)}:{call.lineno}"
            if call.func.id in steps:
                yield where, steps[call.func.id], said | _OF_A_STEP, more
            elif call.func.id in {"record", "take_step"} and (event := _event(call)):
                yield where, event, said | (_OF_A_STEP if call.func.id == "take_step" else set()), more


def _steps(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The functions that this module takes steps with, by the names it has for them, and the event of each."""
    for line in ast.walk(tree):
        if isinstance(line, ast.ImportFrom) and line.module and line.module.endswith("states"):
            for each in line.names:
                if each.name == "step":
                    states = Path(importlib.import_module(line.module).__file__ or "")
                    taken = [
                        call
                        for call in ast.walk(ast.parse(states.read_text(encoding="utf-8")))
                        if isinstance(call, ast.Call)
                    ]
                    [event] = filter(None, map(_event, taken))
                    yield each.asname or each.name, event


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
