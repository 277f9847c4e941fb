"""One order as administrators see it: how it stands, where its money goes, and what buyer and seller say about that."""

from flask import abort, render_template

from app.domain.audit.queries import read_trail
from app.domain.orders.queries import order_by_number
from app.domain.payments.claims.queries import claim_of
from app.domain.payments.money_map import money_map
from app.domain.payments.proofs import proofs_of
from app.domain.payments.refund_models import ProofKind
from app.domain.payments.standing import standing
from app.domain.people.permissions import Permission
from app.extensions import database
from app.logs import about_order
from app.web.admin.blueprint import blueprint
from app.web.support.gate import needs


@blueprint.get("/orders/<number>")
@needs(Permission.PLATFORM_PAYMENTS_READ)
def order(number: str) -> str:
    """What opens the buyer's page is not on it, nor who the buyer is."""
    session = database()
    found = order_by_number(session, number)
    if found is None:
        abort(404)
    about_order(found.number)
    return render_template(
        "admin/order.html",
        order=found,
        standing=standing(session, found),
        money=money_map(session, found),
        claim=claim_of(session, found.id),
        proofs=proofs_of(session, found.id, ProofKind.TRANSFER),
        trail=read_trail(session, order_id=found.id),
    )
