"""Ask the registry to cancel units: exactly once, whatever crashes, repeats or times out."""

from uuid import UUID

from app.domain.cancellations.begin_attempt import AttemptToCancel, begin_attempt
from app.domain.cancellations.models import CancellationState
from app.domain.cancellations.record_receipt import record_receipt, record_refusal, record_unknown
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.registry.interface import Cancellation
from app.logs import about_order
from app.shells.works import Works

# The registry's final answers about these units. Any other refusal (an expired token, a scope taken
# away) is about us, not about the units: somebody mends it, and the same request is sent again.
_FINAL = frozenset(
    {
        "account_suspended",
        "block_not_available",
        "insufficient_units",
        "mandate_revoked",
        "not_found",
        "purpose_not_authorized",
        "validation_error",
    }
)


class StillOpen(TryAgain):
    """The registry has accepted the cancellation and not yet completed it."""


def request_cancellation(works: Works, cancellation_id: UUID) -> None:
    """One attempt, or nothing if the cancellation is done.

    Raises TryAgain, OutcomeUnknown or StillOpen for another attempt later: it begins by reading back.
    """
    with works.sessions.begin() as session:
        attempt = begin_attempt(session, cancellation_id, works.now())
    if attempt is None:
        return
    about_order(attempt.order_number)
    try:
        receipt = _ask(works, attempt)
    except OutcomeUnknown as unknown:
        with works.sessions.begin() as session:
            record_unknown(session, cancellation_id, unknown.code, works.now())
        raise
    except Refused as refusal:
        if refusal.code not in _FINAL:
            raise
        with works.sessions.begin() as session:
            record_refusal(session, cancellation_id, refusal.code, refusal.detail, works.now())
        return
    with works.sessions.begin() as session:
        state = record_receipt(session, cancellation_id, receipt, works.now())
    if state == CancellationState.SUBMITTED:
        raise StillOpen("accepted", "the registry has not completed it yet")


def _ask(works: Works, attempt: AttemptToCancel) -> Cancellation:
    registry = works.neighbours.registry
    if attempt.asked_before:
        found = registry.cancellation_by_reference(attempt.request.client_reference)
        if found is not None:
            return found
    try:
        return registry.cancel(attempt.request, attempt.key)
    except Refused as refusal:
        if refusal.code == "duplicate_client_reference":
            # Our own earlier call has arrived after all: the next attempt reads it back.
            raise OutcomeUnknown("duplicate_client_reference", refusal.detail) from refusal
        raise
