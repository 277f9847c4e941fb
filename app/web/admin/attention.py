"""What needs a person: orders, refunds, payments that nobody confirms, accounts that cannot be paid."""

from flask import render_template

from app.domain.orders.attention import orders_for_a_person, orders_in_dispute
from app.domain.payments.claims.queries import escalated_claims
from app.domain.payments.payees.queries import accounts_out_of_order, changes_for_administrators
from app.domain.payments.refunds.queries import refunds_for_people
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.support.gate import needs


@blueprint.get("/attention")
@needs(Permission.PLATFORM_PAYMENTS_READ)
def attention() -> str:
    """Orders that somebody has to decide about, where to mediate, then what others have been told of."""
    session = database()
    return render_template(
        "admin/attention.html",
        waiting=orders_for_a_person(session, now()),
        disputed=orders_in_dispute(session),
        refunds=refunds_for_people(session),
        claims=escalated_claims(session),
        accounts=accounts_out_of_order(session),
        changes=changes_for_administrators(session),
    )
