"""The copy of the registry: the newer reading wins, and how far it has come is remembered."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalogue.models import Activity, Block, Mandate, SyncState
from app.domain.catalogue.progress import (
    OVERLAP,
    last_readings,
    read_since,
    record_failure,
    record_progress,
)
from app.domain.catalogue.store import store_activity, store_mandate
from app.integrations.registry.fake_samples import sample_activity, sample_mandate
from app.integrations.registry.interface import Document
from tests.factories import NOW

EARLIER, LATER = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)
REF = "A6.4-MW-001042"
ACTIVITY = sample_activity(REF, NOW)
MANDATE = sample_mandate(
    1, 100, (1001, 1100), NOW, activity_ref=REF, unit_class="AER", uses=("IMP", "OP"), vintage=2025
)


def title(session: Session) -> str:
    return session.execute(select(Activity.title)).scalar_one()


def test_an_activity_is_kept_as_it_was_read(session: Session):
    read = replace(
        ACTIVITY,
        documents=(Document("Monitoring report", "https://registry.test/1"),),
        crediting_start=date(2024, 1, 1),
        status="suspended",
    )
    store_activity(session, read, LATER)
    kept = session.execute(select(Activity)).scalar_one()
    same = ("activity_ref", "title", "summary", "kind", "host_party", "technology", "crediting_start")
    assert [getattr(kept, name) for name in same] == [getattr(read, name) for name in same]
    lists = ("sectoral_scopes", "methodologies", "participants", "sdgs")
    assert [tuple(getattr(kept, name)) for name in lists] == [getattr(read, name) for name in lists]
    assert kept.documents == [{"title": "Monitoring report", "url": "https://registry.test/1"}]
    assert (kept.status, kept.registry_updated_at, kept.read_at) == ("suspended", NOW, LATER)
    assert "malawi" in kept.search_text


def test_the_newer_reading_of_an_activity_wins(session: Session):
    store_activity(session, ACTIVITY, NOW)
    store_activity(session, replace(ACTIVITY, title="older"), EARLIER)
    assert title(session) == ACTIVITY.title
    store_activity(session, replace(ACTIVITY, title="of the same moment"), NOW)
    assert title(session) == "of the same moment"
    store_activity(session, replace(ACTIVITY, title="Taíba"), LATER)
    assert title(session) == "Taíba"
    assert "taiba" in session.execute(select(Activity.search_text)).scalar_one()


def test_the_newer_reading_of_a_mandate_and_its_block_wins(session: Session):
    store_activity(session, ACTIVITY, NOW)
    store_mandate(session, MANDATE, NOW)
    older = replace(MANDATE, quantity_remaining=1, block=replace(MANDATE.block, status="moved"))
    store_mandate(session, older, EARLIER)
    read = select(Mandate.quantity_remaining, Mandate.status, Block.status).join(Block)
    assert session.execute(read).one() == (100, "active", "active")
    newer = replace(
        MANDATE, quantity_remaining=40, status="suspended", block=replace(MANDATE.block, status="frozen")
    )
    store_mandate(session, newer, LATER)
    assert session.execute(read).one() == (40, "suspended", "frozen")


def test_a_mandate_is_kept_as_it_was_read(session: Session):
    store_activity(session, ACTIVITY, NOW)
    store_mandate(session, replace(MANDATE, expires_at=LATER), NOW)
    kept = session.execute(select(Mandate)).scalar_one()
    same = (
        "mandate_id",
        "account_id",
        "quantity",
        "quantity_remaining",
        "status",
        "expires_at",
        "granted_by",
    )
    assert [getattr(kept, name) for name in same] == [
        getattr(replace(MANDATE, expires_at=LATER), name) for name in same
    ]
    block = MANDATE.block
    assert (kept.block.activity_ref, kept.block.vintage, kept.block.unit_class) == (REF, 2025, "AER")
    assert (kept.block.authorization_status, kept.block.authorization_uses) == ("authorized", ["IMP", "OP"])
    assert kept.block.authorization_reference == block.authorization.reference
    assert (kept.block.serial_start, kept.block.serial_end, kept.block.serial_count) == (1001, 1100, 100)
    assert kept.block.serial_printed == block.serial.printed
    assert (kept.block.monitoring_start, kept.block.monitoring_end) == (date(2025, 1, 1), date(2025, 12, 31))


# Progress.


def test_the_first_reading_and_every_full_one_begin_at_the_beginning(session: Session):
    assert read_since(session, "mandates", full=False) is None
    record_progress(session, "mandates", NOW, newest=None, items=0, full=True)
    assert read_since(session, "mandates", full=False) is None, "nothing was seen yet"
    record_progress(session, "mandates", NOW, newest=NOW, items=3, full=True)
    assert read_since(session, "mandates", full=True) is None


def test_the_next_reading_begins_a_little_before_the_newest_change(session: Session):
    record_progress(session, "mandates", LATER, newest=NOW, items=3, full=False)
    assert read_since(session, "mandates", full=False) == NOW - OVERLAP
    assert timedelta(minutes=5) == OVERLAP
    assert read_since(session, "activities", full=False) is None, "each resource for itself"


def test_what_was_seen_does_not_go_back(session: Session):
    for newest in (NOW, None, EARLIER):
        record_progress(session, "mandates", NOW, newest=newest, items=0, full=False)
    assert read_since(session, "mandates", full=False) == NOW - OVERLAP
    record_progress(session, "mandates", NOW, newest=LATER, items=1, full=False)
    assert read_since(session, "mandates", full=False) == LATER - OVERLAP


def test_a_failure_is_remembered_until_the_next_success(session: Session):
    record_progress(session, "mandates", EARLIER, newest=EARLIER, items=3, full=True)
    record_failure(session, "mandates", "away: 503")
    (state,) = last_readings(session)
    assert (state.last_error, state.last_ok_at, state.last_items) == ("away: 503", EARLIER, 3)
    assert state.seen_until == EARLIER
    record_progress(session, "mandates", NOW, newest=None, items=0, full=False)
    assert (state.last_error, state.last_ok_at, state.last_full_at) == (None, NOW, EARLIER)


def test_there_is_a_row_for_each_resource(session: Session):
    record_failure(session, "mandates", "away")
    record_progress(session, "activities", NOW, newest=NOW, items=1, full=True)
    assert [row.resource for row in last_readings(session)] == ["activities", "mandates"]
    assert len(session.execute(select(SyncState)).all()) == 2
