"""What the provider holds in the registry, as the registry says at this moment, and what is earmarked for sale here."""

import structlog
from flask import render_template

from app.domain.catalogue.titles import titles_of
from app.domain.mandates.queries import open_acts, own_mandates
from app.domain.people.permissions import Permission
from app.extensions import database
from app.integrations.errors import TryAgain
from app.web.provider.acting import acting_provider, own_accounts, own_token
from app.web.provider.blueprint import blueprint
from app.web.provider.live import AccountNow, read_accounts
from app.web.support.gate import needs, visitor

log = structlog.get_logger(__name__)


@blueprint.get("/holdings")
@needs(Permission.PROVIDER_HOLDINGS_READ)
def holdings() -> str:
    """Read live; while the registry does not answer, the rest of the page is there all the same."""
    provider = acting_provider()
    own = own_accounts(provider)
    token = own_token()
    accounts: list[AccountNow] | None
    try:
        accounts = read_accounts(token, own)
    except TryAgain as error:
        log.warning("holdings not read", code=error.code)
        accounts = None
    session = database()
    references = {each.block.activity_ref for account in accounts or () for each in account.holdings}
    return render_template(
        "provider/holdings.html",
        provider=provider,
        accounts=accounts,
        titles=titles_of(session, references),
        mandates=own_mandates(session, provider.id, own),
        acts=open_acts(session, provider.id, visitor().person.id),
    )
