"""The certificate as canonical JSON: the record that its PDF carries and that its SHA-256 is taken of.

The schema is written down in docs/certificates.md. RFC 8785: keys sorted, no white space, UTF-8, no floats.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from app.integrations.documents.interface import (
    CertificateData,
    CertificateLine,
    PresentedTo,
    SerialRangeShown,
    Statement,
)

SCHEMA = "a6.4-voluntary-cancellation-certificate/1"

# The largest number that every reader of JSON takes for the same (RFC 8785, 3.2.2.3).
_LARGEST = 2**53 - 1


def to_json(data: CertificateData) -> bytes:
    """The record: the same data always gives the same bytes.

    Moments become RFC 3339 in UTC with `Z`, days ISO 8601. ValueError for a moment without a zone, a number
    beyond 2^53 - 1 or a float, UnicodeEncodeError for half a surrogate pair.
    """
    record = {"schema": SCHEMA} | _plain(asdict(data))
    return json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def from_json(record: bytes) -> CertificateData:
    """What `to_json` was given. ValueError, KeyError or TypeError for anything else."""
    read: dict[str, Any] = json.loads(record)
    if read.pop("schema") != SCHEMA:
        raise ValueError(f"not a {SCHEMA}")
    return CertificateData(
        **read
        | {
            "issued_at": _moment(read["issued_at"]),
            "presented_to": PresentedTo(**read["presented_to"]),
            "lines": tuple(_line(line) for line in read["lines"]),
            "statements": tuple(Statement(**statement) for statement in read["statements"]),
        }
    )


def sha256(record: bytes) -> str:
    """64 lower-case hexadecimal digits, as the PDF prints them."""
    return hashlib.sha256(record).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case datetime():
            if value.tzinfo is None:
                raise ValueError(f"a moment without a zone: {value}")
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case int() if abs(value) > _LARGEST:
            raise ValueError(f"{value} is not the same number to every reader of JSON")
        case None | str() | int():
            return value
    raise ValueError(f"no place for {type(value).__name__} in a record")


def _line(line: dict[str, Any]) -> CertificateLine:
    return CertificateLine(
        **line
        | {
            "sectoral_scopes": tuple(line["sectoral_scopes"]),
            "authorized_uses": tuple(line["authorized_uses"]),
            "serial_ranges": tuple(SerialRangeShown(**shown) for shown in line["serial_ranges"]),
            "monitoring_start": date.fromisoformat(line["monitoring_start"]),
            "monitoring_end": date.fromisoformat(line["monitoring_end"]),
            "cancelled_at": _moment(line["cancelled_at"]),
        }
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
