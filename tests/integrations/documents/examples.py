"""Certificates to render: ordinary ones, and the hardest we could think of."""

from dataclasses import replace
from datetime import UTC, date, datetime

from app.domain.certificates.statements import statements_for
from app.integrations.documents.interface import (
    CertificateData,
    CertificateLine,
    PresentedTo,
    SerialRangeShown,
)


def serial_range(start: int, count: int, prefix: str = "A6.4ER-MW-001042-2024") -> SerialRangeShown:
    end = start + count - 1
    return SerialRangeShown(prefix, start, end, count, f"{prefix}-{start:09d}–{end:09d}")


AER_LINE = CertificateLine(
    activity_ref="A6.4-MW-001042",
    activity_title="Sample efficient cookstoves, Zomba",
    host_party="MW",
    sectoral_scopes=(3,),
    technology="cookstoves",
    issuance_ref="ISS-2025-000317",
    vintage=2024,
    monitoring_start=date(2024, 1, 1),
    monitoring_end=date(2024, 12, 31),
    unit_class="AER",
    authorized_uses=("IMP", "OP"),
    authorization_reference="MW-LOA-2024-07",
    quantity=20,
    serial_ranges=(serial_range(5001, 12), serial_range(7301, 8)),
    registry_cancellation_id="CXL-2026-0004711",
    client_reference="VCP-9f3c1c2e5ab04f58",
    attestation_reference="ATT-2026-0004711",
    cancelled_at=datetime(2026, 11, 23, 14, 5, 7, 250000, tzinfo=UTC),
)
MCER_LINE = replace(
    AER_LINE,
    activity_ref="A6.4-BR-000219",
    activity_title="Sample wind farm, Taíba",
    host_party="BR",
    sectoral_scopes=(1,),
    technology="wind",
    issuance_ref="ISS-2025-000402",
    vintage=2023,
    monitoring_start=date(2023, 3, 1),
    monitoring_end=date(2023, 12, 31),
    unit_class="MCER",
    authorized_uses=(),
    authorization_reference=None,
    quantity=5,
    serial_ranges=(serial_range(88, 5, "A6.4ER-BR-000219-2023"),),
    registry_cancellation_id="CXL-2026-0004712",
    client_reference="VCP-0b77d1a9c3ee4d20",
    attestation_reference="ATT-2026-0004712",
    cancelled_at=datetime(2026, 11, 23, 14, 5, 9, tzinfo=UTC),
)
PRESENTED_TO = PresentedTo("organisation", "public", "Sample Bakery Cooperative", "DE")
CERTIFICATE = CertificateData(
    number="VC000123/2026",
    code="K7QM2XW9PD4HTB6RN8YC",
    version=1,
    language="en",
    issued_at=datetime(2026, 11, 23, 14, 5, 12, tzinfo=UTC),
    order_number="2026-000458",
    presented_to=PRESENTED_TO,
    provider_name="Sample Climate Projects (Pty) Ltd",
    provider_country="MW",
    purpose="voluntary_contribution",
    reason="For the deliveries of our first hundred years",
    quantity=25,
    lines=(AER_LINE, MCER_LINE),
    statements=statements_for((AER_LINE, MCER_LINE), PRESENTED_TO, "en"),
    public_url="https://cancel.example/en/certificates/K7QM2XW9PD4HTB6RN8YC",
)


def in_language(language: str) -> CertificateData:
    """CERTIFICATE as its buyer would have got it in another language."""
    return replace(
        CERTIFICATE, language=language, statements=statements_for(CERTIFICATE.lines, PRESENTED_TO, language)
    )


def for_lines(*lines: CertificateLine, presented_to: PresentedTo = PRESENTED_TO) -> CertificateData:
    """CERTIFICATE over other cancellations or for somebody else."""
    return replace(
        CERTIFICATE,
        lines=lines,
        presented_to=presented_to,
        quantity=sum(line.quantity for line in lines),
        statements=statements_for(lines, presented_to, "en"),
    )
