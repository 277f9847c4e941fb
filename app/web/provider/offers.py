"""What the provider has put on sale."""

from flask import render_template, request

from app.domain.catalogue.titles import titles_of
from app.domain.offers.draft_queries import own_drafts
from app.domain.offers.own_offers import own_offers_page, stopped_by_debt
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.provider.acting import acting_provider, own_accounts
from app.web.provider.blueprint import blueprint
from app.web.support.fields import a_uuid
from app.web.support.gate import needs, visitor


@blueprint.get("/offers")
@needs(Permission.PROVIDER_OFFERS_READ)
def offers() -> str:
    """Every offer, with what is left, held and cancelled, and those in the making; `after`: older than this one."""
    provider, at = acting_provider(), now()
    after = a_uuid(request.args.get("after", ""))
    drafts = own_drafts(database(), provider.id, own_accounts(provider))
    return render_template(
        "provider/offers.html",
        provider=provider,
        drafts=drafts,
        titles=titles_of(database(), {draft.activity_ref for draft in drafts}),
        me=visitor().person.id,
        page=own_offers_page(database(), provider.id, at, after),
        first=after is None,
        stopped=stopped_by_debt(database(), provider.id, at),
    )
