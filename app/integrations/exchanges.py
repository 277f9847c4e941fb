"""What went over the wire, for administrators: without secrets, and without what names a person.

    with listen() as heard:
        registry.cancel(...)
    heard  # [Exchanged("registry", "POST /v1/cancellations", 201, ...)]

Only values under the names below are kept; of anything else it is known that it was there.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

HIDDEN = "…"
_SHOWN = frozenset(
    [
        "id",
        "mandate_id",
        "cancellation_id",
        "client_reference",
        "block_id",
        "account_id",
        "activity_ref",
        "custom_id",
        "invoice_id",
        "reference_id",
        "payment_intent",
        "latest_charge",
        "charge",
        "paymentId",
        "client_reference_id",
        "status",
        "state",
        "type",
        "kind",
        "object",
        "code",
        "issue",
        "decline_code",
        "reason_code",
        "failure_code",
        "intent",
        "mode",
        "capture_method",
        "quantity",
        "quantity_remaining",
        "count",
        "start",
        "end",
        "prefix",
        "printed",
        "disclosure",
        "purpose",
        "amount",
        "value",
        "currency",
        "currency_code",
        "amount_total",
        "amount_received",
        "amount_refunded",
        "created",
        "created_at",
        "updated_at",
        "completed_at",
        "issued_at",
        "create_time",
        "update_time",
        "final_capture",
        "captured",
        "paid",
        "livemode",
        "environment",
        "contract_version",
    ]
)
_MOST_ITEMS = 20
_DEEPEST = 8


@dataclass(frozen=True)
class Exchanged:
    """One call. `status` is None where no answer came, and `problem` says why; bodies are redacted JSON."""

    system: str
    call: str  # method and path
    status: int | None
    problem: str | None
    ms: int
    request: Any
    answer: Any


_heard: ContextVar[list[Exchanged] | None] = ContextVar("heard", default=None)


@contextmanager
def listen() -> Iterator[list[Exchanged]]:
    """Every exchange of this thread's from here on, in order."""
    heard: list[Exchanged] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def tell(
    system: str,
    call: str,
    status: int | None,
    problem: str | None,
    ms: int,
    request: bytes,
    answer: bytes,
) -> None:
    """Somebody called a neighbour; `request` and `answer` are bodies as they went over the wire."""
    heard = _heard.get()
    if heard is not None:
        heard.append(Exchanged(system, call, status, problem, ms, _body(request), _body(answer)))


def redacted(value: Any, depth: int = 0) -> Any:
    """The value with everything hidden that is not under a name of the list above."""
    if depth > _DEEPEST:
        return HIDDEN
    if isinstance(value, Mapping):
        return {
            str(name)[:60]: _short(each)
            if name in _SHOWN and not isinstance(each, Mapping | list)
            else redacted(each, depth + 1)
            for name, each in list(value.items())[:100]
        }
    if isinstance(value, list):
        return [redacted(each, depth + 1) for each in value[:_MOST_ITEMS]]
    return value if value is None or isinstance(value, bool) else HIDDEN


def _short(value: Any) -> Any:
    return value[:200] if isinstance(value, str) else value


def _body(body: bytes) -> Any:
    if not body:
        return None
    try:
        return redacted(json.loads(body))
    except (ValueError, RecursionError):
        pass
    try:
        return redacted(dict(parse_qsl(body.decode("ascii"), strict_parsing=True)))
    except ValueError:
        return HIDDEN
