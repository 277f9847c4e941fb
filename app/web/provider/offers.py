"""What the provider has put on sale."""

from flask import render_template

from app.domain.offers.own_offers import own_offers, stopped_by_debt
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs


@blueprint.get("/offers")
@needs(Permission.PROVIDER_OFFERS_READ)
def offers() -> str:
    """Every offer, with what is left, held and cancelled."""
    provider = acting_provider()
    return render_template(
        "provider/offers.html",
        provider=provider,
        offers=own_offers(database(), provider.id, now()),
        stopped=stopped_by_debt(database(), provider.id, now()),
    )
