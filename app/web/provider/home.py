"""The provider's first page: how sales stand, and what waits for somebody."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.domain.mandates.queries import open_acts
from app.domain.orders.own_orders import latest_orders, own_figures
from app.domain.payments.payees.queries import accounts_of_provider, changes_waiting
from app.domain.payments.standing import standings
from app.domain.people.models import ProviderState
from app.domain.people.onboarding import checklist
from app.domain.people.permissions import Permission, Role, roles_of
from app.domain.sales.service_record import service_record
from app.domain.threads.queries import orders_to_answer
from app.extensions import database, now
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs, visitor

_LATEST = 5


@blueprint.get("")
@needs(Permission.OWN_CONSOLE_OPEN)
def home() -> Response | str:
    """The overview, or what is missing before there can be one; administrators who sell nothing go on to their own."""
    person = visitor()
    if Role.PROVIDER not in roles_of(person.person.realm, person.roles):
        return redirect(url_for("admin.home"), 303)
    provider = acting_provider()
    if provider.state in {ProviderState.ONBOARDING, ProviderState.IN_REVIEW}:
        return render_template(
            "provider/checklist.html",
            provider=provider,
            asked=checklist(database(), provider),
            changes=changes_waiting(database(), provider.id),
        )
    orders = latest_orders(database(), provider.id, _LATEST)
    return render_template(
        "provider/home.html",
        provider=provider,
        figures=own_figures(database(), provider.id),
        orders=orders,
        record=service_record(database(), provider.id, now()),
        asked=orders_to_answer(database(), provider.id, _LATEST),
        standings=standings(database(), orders),
        accounts=accounts_of_provider(database(), provider.id),
        changes=changes_waiting(database(), provider.id),
        acts=open_acts(database(), provider.id, person.person.id),
    )
