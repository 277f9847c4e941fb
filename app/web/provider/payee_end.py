"""Take an account off the platform, or connect it again."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.payments.payees.ask_change import ChangeRefused
from app.domain.payments.payees.draft_account import AccountTaken
from app.domain.payments.payees.reconnect_account import reconnect_account
from app.domain.payments.payees.revoke_account import LastBankAccount, revoke_account
from app.domain.people.permissions import Permission
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.provider.payee_accounts import own, shown_account, tell_of_probe
from app.web.support.gate import elevated, needs, visitor


@blueprint.get("/payee-accounts/<uuid:account>/<any(revoke, reconnect):step>")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def payee_step(account: UUID, step: str) -> str:
    """What it means, before it happens."""
    return _page(account, step)


@blueprint.post("/payee-accounts/<uuid:account>/<any(revoke, reconnect):step>")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def take_payee_step(account: UUID, step: str) -> Response | tuple[str, int]:
    """Do it."""
    found, session, person = own(account), database(), visitor().person.id
    act = revoke_account if step == "revoke" else reconnect_account
    try:
        act(session, found.id, person, now())
        session.commit()
    except LastBankAccount as last:
        session.rollback()
        return _page(account, step, _last(last.currencies)), 422
    except AccountTaken:
        session.rollback()
        return _page(account, step, _("By now this account is on the platform as another one.")), 422
    except (IllegalStep, ChangeRefused):
        session.rollback()
        flash(_("That was done before. How the account stands is shown below."), "wait")
    else:
        if step == "revoke":
            flash(_("Taken off. Buyers are not offered it any more."), "success")
        elif found.gateway == "bank":
            flash(_("It is used again as soon as a second person has confirmed it."), "success")
        else:
            tell_of_probe(account)
    return redirect(url_for("provider.payee_account", account=account), 303)


def _last(currencies: list[str]) -> str:
    return _(
        "This is your last bank account in %(currencies)s, and you have offers in it. Bank transfer is what every "
        "buyer can use: add another bank account first, or change the details of this one.",
        currencies=", ".join(currencies),
    )


def _page(account_id: UUID, step: str, problem: str = "") -> str:
    return render_template(
        "provider/payees/step.html",
        provider=acting_provider(),
        shown=shown_account(own(account_id)),
        step=step,
        problem=problem,
    )
