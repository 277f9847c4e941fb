"""Pay an order in another way: first ask how the present way stands, then change, then close what was left."""

from uuid import UUID

import structlog

from app.domain.payments.change_method import BothMayBeTaken, change_method
from app.domain.payments.models import PaymentState
from app.domain.payments.queries import open_payment_of
from app.integrations.errors import NeighbourError
from app.shells.look_at_payment import look_at_payment
from app.shells.works import Works

log = structlog.get_logger(__name__)


def change_order_method(
    works: Works, order_id: UUID, method: str, consent: BothMayBeTaken | None = None
) -> bool:
    """See `change_method`, whose errors are raised. False where nothing had to change.

    What the buyer has done at the gateway a moment ago is seen before it is given up: who has paid need not pay again.
    A gateway that does not answer stops nobody; its money still counts if it comes.
    """
    with works.sessions() as session:
        left = open_payment_of(session, order_id)
        begun = left is not None and left.state == PaymentState.STARTED and left.external_id is not None
        left_id = left.id if left is not None else None
    if begun and left_id is not None:
        _look(works, left_id)
    with works.sessions.begin() as session:
        changed = change_method(session, order_id, method, works.now(), consent=consent)
    if changed and begun and left_id is not None:
        _look(works, left_id)  # an abandoned attempt is closed there; a job does it should this one not
    return changed


def _look(works: Works, payment_id: UUID) -> None:
    try:
        look_at_payment(works, payment_id)
    except NeighbourError as error:
        log.info("gateway not asked before a change of method", error=type(error).__name__)
