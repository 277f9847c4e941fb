"""The canonical record."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.certificates.json_twin import SCHEMA, from_json, sha256, to_json
from app.integrations.documents.interface import CertificateData
from tests.integrations.documents.examples import AER_LINE, CERTIFICATE, MCER_LINE

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3, minutes=-30))]))
NUMBERS = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)


@st.composite
def certificates(draw: st.DrawFn) -> CertificateData:
    line = replace(
        draw(st.sampled_from([AER_LINE, MCER_LINE])),
        activity_title=draw(TEXTS),
        quantity=draw(NUMBERS),
        cancelled_at=draw(MOMENTS),
        monitoring_start=draw(st.dates()),
        sectoral_scopes=tuple(draw(st.lists(st.integers(1, 16)))),
        attestation_reference=draw(st.none() | TEXTS),
        serial_ranges=tuple(draw(st.lists(st.sampled_from(AER_LINE.serial_ranges)))),
    )
    return replace(CERTIFICATE, reason=draw(st.none() | TEXTS), issued_at=draw(MOMENTS), lines=(line,))


@given(certificates())
def test_it_comes_back_as_it_was(data: CertificateData) -> None:
    record = to_json(data)
    assert from_json(record) == data
    assert to_json(from_json(record)) == record


def test_it_is_canonical() -> None:
    record = to_json(replace(CERTIFICATE, reason='Ünï "q" \\ / \x1f \u2028 \x7f 😀'))
    assert rb'"reason":"' + 'Ünï \\"q\\" \\\\ / \\u001f \u2028 \x7f 😀"'.encode() in record
    assert record.startswith(
        b'{"code":"K7QM2XW9PD4HTB6RN8YC","issued_at":"2026-11-23T14:05:12Z","language":"en",'
    )
    read: dict[str, Any] = json.loads(record, parse_float=pytest.fail)
    assert list(read) == sorted(read)
    assert list(read["lines"][0]) == sorted(read["lines"][0])


def test_its_names_are_stable() -> None:
    read = json.loads(to_json(CERTIFICATE))
    assert read["schema"] == SCHEMA == "a6.4-voluntary-cancellation-certificate/1"
    assert set(read) == {
        "schema", "number", "code", "version", "language", "issued_at", "order_number", "presented_to",
        "provider_name", "provider_country", "purpose", "reason", "quantity", "lines", "statements", "public_url",
    }  # fmt: skip
    assert set(read["presented_to"]) == {"type", "disclosure", "name", "country"}
    assert set(read["statements"][0]) == {"unit_class", "version", "text"}
    assert set(read["lines"][0]) == {
        "activity_ref", "activity_title", "host_party", "sectoral_scopes", "technology", "issuance_ref", "vintage",
        "monitoring_start", "monitoring_end", "unit_class", "authorized_uses", "authorization_reference", "quantity",
        "serial_ranges", "registry_cancellation_id", "client_reference", "attestation_reference", "cancelled_at",
    }  # fmt: skip
    assert read["lines"][0]["serial_ranges"][0] == {
        "prefix": "A6.4ER-MW-001042-2024",
        "start": 5001,
        "end": 5012,
        "count": 12,
        "printed": "A6.4ER-MW-001042-2024-000005001–000005012",
    }
    assert read["lines"][0]["cancelled_at"] == "2026-11-23T14:05:07.250000Z"
    assert read["lines"][0]["monitoring_start"] == "2024-01-01"


def test_the_same_moment_in_another_zone_is_the_same_record() -> None:
    there = CERTIFICATE.issued_at.astimezone(timezone(timedelta(hours=5)))
    assert to_json(replace(CERTIFICATE, issued_at=there)) == to_json(CERTIFICATE)


@pytest.mark.parametrize(
    "change, why",
    [
        ({"issued_at": datetime(2026, 11, 23)}, "without a zone"),
        ({"quantity": 2**53}, "not the same number"),
        ({"quantity": 2.5}, "no place for float"),
    ],
)
def test_what_has_no_canonical_form_is_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        to_json(replace(CERTIFICATE, **change))


def test_another_schema_is_not_read() -> None:
    with pytest.raises(ValueError, match=SCHEMA):
        from_json(to_json(CERTIFICATE).replace(SCHEMA.encode(), b"something-else/2"))


def test_the_digest() -> None:
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
