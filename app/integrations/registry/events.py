"""The registry's signed events. An event is a hint to read a resource again, never the truth itself."""

import hashlib
import hmac
import json
import re
from datetime import datetime

from app.integrations.registry import fields, words
from app.integrations.registry.interface import Event, EventRefused

SIGNATURE_HEADER = "Registry-Signature"
SECONDS_GOOD = 300
_HEADER = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def verify_event(raw: bytes, header: str, secret: str, now: datetime) -> Event:
    """The event in `raw`, the body exactly as it came; `header` is its Registry-Signature.

    Raises EventRefused: `signature_malformed`, `signature_wrong`, `too_old` (five minutes either way) or
    `event_unreadable`. Removing duplicates, by `event_id`, is the caller's.
    """
    if not secret:
        raise ValueError("an empty event secret would let anybody sign")
    signed = _HEADER.fullmatch(header)
    if signed is None:
        raise EventRefused("signature_malformed")
    seconds, given = signed.groups()
    expected = hmac.new(secret.encode(), seconds.encode() + b"." + raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, given):
        raise EventRefused("signature_wrong")
    if abs(now.timestamp() - int(seconds)) > SECONDS_GOOD:
        raise EventRefused("too_old")
    return _read(raw)


def _read(raw: bytes) -> Event:
    try:
        item = fields.as_object(json.loads(raw))
        return Event(
            event_id=fields.text(item, "event_id"),
            type=fields.word(item, "type", words.EVENT_TYPES),
            resource_id=fields.text(item, "resource_id"),
            occurred_at=fields.moment(item, "occurred_at"),
            raw=item,
        )
    except (fields.Unreadable, ValueError, RecursionError) as error:
        raise EventRefused("event_unreadable") from error
