"""Orders that need a person: the list."""

from flask import render_template

from app.domain.orders.attention import orders_for_a_person, orders_in_dispute
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.support.gate import needs


@blueprint.get("/attention")
@needs(Permission.PLATFORM_PAYMENTS_READ)
def attention() -> str:
    """Those that somebody has to decide about, then those whose payment is disputed."""
    session = database()
    return render_template(
        "admin/attention.html",
        waiting=orders_for_a_person(session, now()),
        disputed=orders_in_dispute(session),
    )
