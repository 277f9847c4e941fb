"""What the provider has put on sale."""

from flask import render_template, request

from app.domain.offers.own_offers import own_offers_page, stopped_by_debt
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.fields import a_uuid
from app.web.support.gate import needs


@blueprint.get("/offers")
@needs(Permission.PROVIDER_OFFERS_READ)
def offers() -> str:
    """Every offer, with what is left, held and cancelled; `after`: older than this one."""
    provider = acting_provider()
    after = a_uuid(request.args.get("after", ""))
    return render_template(
        "provider/offers.html",
        provider=provider,
        page=own_offers_page(database(), provider.id, now(), after),
        first=after is None,
        stopped=stopped_by_debt(database(), provider.id, now()),
    )
