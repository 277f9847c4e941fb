"""A certificate's record as the public may read it: without words of its buyer that are not shown at present.

What was frozen does not change: the signed file and its SHA-256 stay, and whoever holds the file can verify it.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.domain.certificates.json_twin import from_json, to_json
from app.domain.certificates.models import Certificate
from app.domain.certificates.statements import unnamed
from app.domain.moderation.models import TextKind
from app.domain.moderation.queries import withheld_of
from app.integrations.documents.interface import CertificateData

# How the record names them.
_FIELDS = {TextKind.BENEFICIARY_NAME: "presented_to.name", TextKind.REASON: "reason"}


@dataclass(frozen=True)
class PublicRecord:
    """What the certificate's page and its JSON say."""

    data: CertificateData
    withheld: tuple[str, ...]  # fields of the record that are not shown, as the record names them
    json: bytes  # the frozen record to the byte where nothing is withheld


def public_record(session: Session, certificate: Certificate) -> PublicRecord:
    """The record without what is withheld now: the name, also in the statements, and the reason become null.

    The JSON then has one member more, `withheld`, which lists them (docs/certificates.md).
    """
    frozen = from_json(certificate.json_twin)
    hidden = withheld_of(session, certificate.order_id)
    withheld = tuple(sorted(_FIELDS[kind] for kind in hidden if kind in _FIELDS))
    if not withheld:
        return PublicRecord(frozen, (), certificate.json_twin)
    data = _without(frozen, hidden)
    shown = json.loads(to_json(data)) | {"withheld": withheld}
    text = json.dumps(shown, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return PublicRecord(data, withheld, text.encode())


def _without(frozen: CertificateData, hidden: Collection[TextKind]) -> CertificateData:
    if TextKind.REASON in hidden:
        frozen = replace(frozen, reason=None)
    if TextKind.BENEFICIARY_NAME in hidden:
        named, language = frozen.presented_to, frozen.language
        frozen = replace(
            frozen,
            presented_to=replace(named, name=None),
            statements=tuple(unnamed(each, named, language) for each in frozen.statements),
        )
    return frozen
