"""Keep what the registry said of an activity or a mandate, as last read. The newer reading wins."""

from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from app.domain.base import Base
from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.catalogue.search_text import search_text
from app.integrations.registry import interface as registry


def store_activity(session: Session, activity: registry.Activity, now: datetime) -> None:
    """Insert or update one activity."""
    _upsert(
        session,
        Activity,
        "activity_ref",
        {
            "activity_ref": activity.activity_ref,
            "title": activity.title,
            "summary": activity.summary,
            "kind": activity.kind,
            "host_party": activity.host_party,
            "sectoral_scopes": list(activity.sectoral_scopes),
            "technology": activity.technology,
            "methodologies": list(activity.methodologies),
            "participants": list(activity.participants),
            "sdgs": list(activity.sdgs),
            "crediting_start": activity.crediting_start,
            "crediting_end": activity.crediting_end,
            "documents": [asdict(document) for document in activity.documents],
            "status": activity.status,
            "registry_updated_at": activity.updated_at,
            "read_at": now,
            "search_text": search_text(activity),
        },
    )


def store_mandate(session: Session, mandate: registry.Mandate, now: datetime) -> None:
    """Insert or update one mandate and the block behind it. Its activity must be stored before."""
    block = mandate.block
    _upsert(
        session,
        Block,
        "block_id",
        {
            "block_id": block.block_id,
            "activity_ref": block.activity_ref,
            "issuance_ref": block.issuance_ref,
            "monitoring_start": block.monitoring_start,
            "monitoring_end": block.monitoring_end,
            "vintage": block.vintage,
            "unit_class": block.unit_class,
            "authorization_status": block.authorization.status,
            "authorization_uses": list(block.authorization.uses),
            "authorization_reference": block.authorization.reference,
            "first_transfer": block.authorization.first_transfer,
            "first_transferred_at": block.first_transferred_at,
            "serial_prefix": block.serial.prefix,
            "serial_start": block.serial.start,
            "serial_end": block.serial.end,
            "serial_count": block.serial.count,
            "serial_printed": block.serial.printed,
            "quantity_available": block.quantity_available,
            "status": block.status,
            "read_at": now,
        },
    )
    _upsert(
        session,
        Mandate,
        "mandate_id",
        {
            "mandate_id": mandate.mandate_id,
            "account_id": mandate.account_id,
            "block_id": block.block_id,
            "quantity": mandate.quantity,
            "quantity_remaining": mandate.quantity_remaining,
            "status": mandate.status,
            "expires_at": mandate.expires_at,
            "granted_by": mandate.granted_by,
            "registry_updated_at": mandate.updated_at,
            "read_at": now,
        },
    )


def _upsert(session: Session, model: type[Base], key: str, values: dict[str, object]) -> None:
    session.execute(_statement(model, key, tuple(values)), values)


@cache
def _statement(model: type[Base], key: str, names: tuple[str, ...]) -> Insert:
    """Built once: a reading stores hundreds of rows, and building takes longer than storing."""
    table = cast("Table", model.__table__)
    statement = insert(table)
    # Two readings may arrive out of order: the one that was made later stays.
    return statement.on_conflict_do_update(
        index_elements=[key],
        set_={name: statement.excluded[name] for name in names if name != key},
        where=table.c.read_at <= statement.excluded.read_at,
    )
