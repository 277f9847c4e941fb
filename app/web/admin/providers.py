"""Providers, and one of them."""

from uuid import UUID

from flask import abort, render_template

from app.domain.audit.queries import read_trail
from app.domain.four_eyes.queries import open_proposal_about, proposals_about
from app.domain.offers.own_offers import own_offers
from app.domain.orders.own_orders import own_figures
from app.domain.payments.payees.queries import accounts_of_provider, changes_waiting
from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.domain.people.provider_queries import all_providers
from app.domain.sales.service_record import service_record
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.admin.proposal_words import proposal_state, proposal_title
from app.web.support.gate import needs


@blueprint.get("/providers")
@needs(Permission.PLATFORM_PROVIDERS_READ)
def providers() -> str:
    """All of them, by name."""
    return render_template("admin/providers.html", providers=all_providers(database()))


@blueprint.get("/providers/<uuid:provider>")
@needs(Permission.PLATFORM_PROVIDERS_READ)
def provider(provider: UUID) -> str:
    """One, with its offers and what happened to it."""
    session = database()
    found = session.get(Provider, provider)
    if found is None:
        abort(404)
    return render_template(
        "admin/provider.html",
        provider=found,
        figures=own_figures(session, found.id),
        record=service_record(session, found.id, now()),
        offers=own_offers(session, found.id, now()),
        waiting=changes_waiting(session, found.id),
        payees=accounts_of_provider(session, found.id),
        proposals=proposals_about(session, found.id),
        proposal=open_proposal_about(session, found.id),
        proposal_title=proposal_title,
        state_words=proposal_state,
        trail=read_trail(session, entity_id=str(found.id)),
    )
