"""On to the gateway's own sign-up, where the provider connects their account to the platform's."""

from uuid import UUID

import structlog
from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.payments.payees.draft_account import AccountTaken
from app.domain.people.permissions import Permission
from app.extensions import database, works
from app.integrations.errors import NeighbourError
from app.shells.lead_in_account import lead_in_account
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.provider.payee_accounts import own
from app.web.support.gate import elevated, needs, visitor
from app.web.support.order_words import service

log = structlog.get_logger(__name__)


@blueprint.post("/payee-accounts/<uuid:account>/lead-in")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def lead_in(account: UUID) -> Response:
    """Go on where the provider left off."""
    own(account)
    return go_on_there(account)


def go_on_there(account_id: UUID) -> Response:
    """The page that leads on. A link of the gateway's is good once and for minutes: each click has a new one."""
    gateway = own(account_id).gateway
    provider, person = acting_provider(), visitor().person.id
    back = url_for("provider.payee_account", account=account_id)
    come_back = works().settings.public_origin + url_for("provider.back_from_gateway", account=account_id)
    database().rollback()
    try:
        address = lead_in_account(works(), account_id, person, come_back)
    except (NeighbourError, AccountTaken) as error:
        log.warning("no lead-in", account=str(account_id), code=getattr(error, "code", "account_taken"))
        flash(
            _(
                "%(method)s has no sign-up page for you at the moment. What you entered is kept: go on from here later.",
                method=service(gateway),
            ),
            "wait",
        )
        return redirect(back, 303)
    if address is None:
        return redirect(back, 303)
    page = render_template(
        "provider/payees/lead_in.html", provider=provider, gateway=gateway, address=address, back=back
    )
    response = make_response(page)
    # As on the way to pay: the policy's form-action 'self' forbids a redirect of a form to another host.
    response.headers["Refresh"] = f"0; url={address}"
    return response
