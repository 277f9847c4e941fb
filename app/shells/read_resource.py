"""The registry hinted that something changed: read it again."""

from uuid import UUID

from app.domain.cancellations.models import Cancellation
from app.domain.cancellations.queries import is_closed
from app.domain.cancellations.record_receipt import record_receipt
from app.domain.catalogue.models import Activity
from app.domain.catalogue.store import store_mandate
from app.domain.offers.draft_queries import draft_of_mandate
from app.domain.offers.offer_granted_units import offer_granted_units
from app.shells.sync_registry import sync_registry
from app.shells.works import Works


def read_resource(works: Works, kind: str, resource_id: str) -> None:
    """Read one cancellation, mandate or activity that an event named. Raises TryAgain."""
    if kind == "cancellation":
        _read_cancellation(works, resource_id)
    elif kind == "mandate":
        _read_mandate(works, resource_id)
    else:
        sync_registry(works, full=False)


def _read_cancellation(works: Works, registry_id: str) -> None:
    with works.sessions() as session:
        if is_closed(session, registry_id):
            return  # the answer to our request was here before the event
    receipt = works.neighbours.registry.cancellation(registry_id)
    try:
        cancellation_id = UUID(receipt.client_reference)
    except ValueError:
        return  # not one of ours: the platform's references are UUIDs
    with works.sessions.begin() as session:
        if session.get(Cancellation, cancellation_id) is not None:
            record_receipt(session, cancellation_id, receipt, works.now())


def _read_mandate(works: Works, mandate_id: str) -> None:
    mandate = works.neighbours.registry.mandate(mandate_id)
    with works.sessions.begin() as session:
        known = session.get(Activity, mandate.block.activity_ref) is not None
        if known:
            store_mandate(session, mandate, works.now())
    if not known:
        sync_registry(works, full=False)
    # By itself, as a draft is locked before its mandate: an offer may have waited for this reading.
    with works.sessions.begin() as session:
        draft = draft_of_mandate(session, mandate_id)
        if draft is not None:
            offer_granted_units(session, draft, works.now())
