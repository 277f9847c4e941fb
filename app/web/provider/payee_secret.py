"""Replace an account's credentials. What is kept is never shown again."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.people.permissions import Permission
from app.extensions import database, works
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.shells.rotate_secret import rotate_secret
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.provider.payee_accounts import own
from app.web.provider.payee_modes import Mode
from app.web.support.gate import elevated, needs, visitor
from app.web.support.order_words import payee_problem, service
from app.web.support.typed import take_typed

_MOST = 200
_WITH_SECRET = frozenset({AccountState.VERIFYING, AccountState.ACTIVE, AccountState.DEGRADED})


@blueprint.get("/payee-accounts/<uuid:account>/secret")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def payee_secret(account: UUID) -> str:
    """The form, empty."""
    return _page(_own(account), take_typed().get("client_id", ""), {})


@blueprint.post("/payee-accounts/<uuid:account>/secret")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def replace_payee_secret(account: UUID) -> Response | tuple[str, int]:
    """The new one is tried out before the old one is let go."""
    found = _own(account)
    client_id = request.form.get("client_id", "").strip()[:_MOST]
    secret = request.form.get("secret", "").strip()[:_MOST]
    if not secret:
        return _page(found, client_id, {"secret": _("Enter the secret key.")}), 422
    gateway, person = service(found.gateway), visitor().person.id
    database().rollback()
    try:
        rotate_secret(works(), account, client_id, secret, person)
    except (TryAgain, OutcomeUnknown):
        error = _(
            "%(method)s cannot be reached at the moment. The old one stays; try again later.", method=gateway
        )
        return _page(_own(account), client_id, {"secret": error}), 422
    except Refused as refused:
        error = payee_problem(refused.code) + " " + _("The old one stays.")
        return _page(_own(account), client_id, {"secret": error}), 422
    flash(_("Replaced, and tried out. Nothing was interrupted."), "success")
    return redirect(url_for("provider.payee_account", account=account), 303)


def _own(account_id: UUID) -> ProviderPayeeAccount:
    found = own(account_id)
    if "secret" not in Mode(found.gateway, found.mode).fields or found.state not in _WITH_SECRET:
        abort(404)
    return found


def _page(account: ProviderPayeeAccount, client_id: str, errors: dict[str, str]) -> str:
    return render_template(
        "provider/payees/secret.html",
        provider=acting_provider(),
        account=account,
        client_id=client_id,
        fields=Mode(account.gateway, account.mode).fields,
        errors=errors,
    )
