"""The catalogue follows the registry: all of it, then what has changed, and a failure costs nothing that was read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from sqlalchemy import func, select

from app.domain.catalogue.models import Activity, Mandate, SyncState
from app.domain.catalogue.progress import OVERLAP
from app.integrations.errors import TryAgain
from app.integrations.registry import interface as registry
from app.integrations.registry.fake import FakeRegistry
from app.integrations.registry.fake_samples import sample_activity
from app.shells.read_resource import read_resource
from app.shells.sync_registry import sync_registry
from tests.journey import Journey

SEEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def full(journey: Journey) -> Journey:
    """A registry with three activities and a mandate each, read once; nothing has changed since SEEN."""
    for number in range(3):
        granted = journey.registry.grant(100, activity_ref=f"A6.4-MW-00000{number}")
        journey.registry.change_mandate(granted.mandate_id, updated_at=SEEN)
        journey.registry.add_activity(sample_activity(granted.block.activity_ref, SEEN))
    assert sync_registry(journey.works, full=True) == {"activities": 3, "mandates": 3}
    return journey


def titles(journey: Journey) -> list[str]:
    with journey.sessions() as session:
        return list(session.execute(select(Activity.title).order_by(Activity.activity_ref)).scalars())


def progress(journey: Journey, resource: str) -> SyncState:
    with journey.sessions() as session:
        return session.get_one(SyncState, resource)


def rename(journey: Journey, number: int, title: str, at: datetime) -> None:
    activity = sample_activity(f"A6.4-MW-00000{number}", at)
    journey.registry.add_activity(replace(activity, title=title))


def test_everything_is_read(full: Journey):
    assert titles(full) == [f"Sample cookstoves, A6.4-MW-00000{number}" for number in range(3)]
    with full.sessions() as session:
        assert session.execute(select(func.sum(Mandate.quantity_remaining))).scalar_one() == 300
    for resource in ("activities", "mandates"):
        state = progress(full, resource)
        assert (state.seen_until, state.last_items, state.last_error) == (SEEN, 3, None)
        assert state.last_full_at == state.last_ok_at
        assert state.last_ok_at is not None


def test_after_that_only_what_has_changed_with_a_little_overlap(full: Journey):
    rename(full, 0, "changed", SEEN + timedelta(hours=1))
    rename(full, 1, "changed late", SEEN - OVERLAP)
    rename(full, 2, "not told as changed", SEEN - OVERLAP - timedelta(seconds=1))
    first = progress(full, "activities").last_full_at
    assert sync_registry(full.works, full=False)["activities"] == 2
    assert titles(full) == ["changed", "changed late", "Sample cookstoves, A6.4-MW-000002"]
    state = progress(full, "activities")
    assert (state.seen_until, state.last_full_at) == (SEEN + timedelta(hours=1), first)
    assert sync_registry(full.works, full=True)["activities"] == 3
    assert titles(full)[2] == "not told as changed"
    again = progress(full, "activities").last_full_at
    assert again is not None
    assert first is not None
    assert again > first


def test_a_failure_is_recorded_and_what_was_read_before_stays(full: Journey):
    rename(full, 0, "changed", SEEN + timedelta(hours=1))
    full.registry.fail_next("mandates", TryAgain("away", "503"))
    before = progress(full, "mandates")
    with pytest.raises(TryAgain):
        sync_registry(full.works, full=False)
    assert titles(full)[0] == "changed", "the activities were read before"
    after = progress(full, "mandates")
    assert after.last_error == "away: 503"
    assert (after.seen_until, after.last_ok_at, after.last_items) == (
        before.seen_until,
        before.last_ok_at,
        before.last_items,
    )
    assert progress(full, "activities").last_error is None
    with full.sessions() as session:
        assert session.execute(select(func.count()).select_from(Mandate)).scalar_one() == 3
    sync_registry(full.works, full=False)
    assert progress(full, "mandates").last_error is None


class BreaksOff(FakeRegistry):
    """Answers with some pages of activities, and then no more."""

    def activities(self, updated_since: datetime | None = None) -> Iterator[registry.Activity]:
        yield from islice(super().activities(updated_since), 130)
        raise TryAgain("away")


def test_a_reading_that_breaks_off_keeps_whole_batches_and_begins_anew(settings, engine):
    journey = Journey(settings, engine, registry=BreaksOff())
    for number in range(140):
        journey.registry.add_activity(sample_activity(f"A6.4-MW-{number:06d}", SEEN))
    with pytest.raises(TryAgain):
        sync_registry(journey.works, full=False)
    assert len(titles(journey)) == 100
    state = progress(journey, "activities")
    assert (state.seen_until, state.last_full_at, state.last_error) == (None, None, "away")


# One resource that an event named.


def test_a_mandate_is_read_again(full: Journey):
    mandate_id = next(iter(full.registry.mandates())).mandate_id
    full.registry.change_mandate(mandate_id, status="suspended", quantity_remaining=40)
    full.registry.calls.clear()
    read_resource(full.works, "mandate", mandate_id)
    with full.sessions() as session:
        mandate = session.get_one(Mandate, mandate_id)
        assert (mandate.status, mandate.quantity_remaining) == ("suspended", 40)
    assert full.registry.calls == ["mandate"]


def test_a_mandate_of_an_activity_that_was_never_read_brings_the_activity(full: Journey):
    granted = full.registry.grant(7, activity_ref="A6.4-BR-000009")
    read_resource(full.works, "mandate", granted.mandate_id)
    with full.sessions() as session:
        assert session.get_one(Mandate, granted.mandate_id).block.activity_ref == "A6.4-BR-000009"


def test_a_changed_activity_is_read_with_the_changes(full: Journey):
    rename(full, 1, "changed", SEEN + timedelta(hours=1))
    read_resource(full.works, "activity", "A6.4-MW-000001")
    assert titles(full)[1] == "changed"
    assert progress(full, "activities").last_items == 3


def test_a_registry_that_is_away_is_asked_again(full: Journey):
    full.registry.fail_next("mandate", TryAgain("away"))
    full.registry.fail_next("cancellation", TryAgain("away"))
    for kind in ("mandate", "cancellation"):
        with pytest.raises(TryAgain):
            read_resource(full.works, kind, "any")
