"""Become a provider: with the registry accounts that the registry says, at this moment, are the person's."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.open_provider import AccountTaken, Holder, open_provider
from app.domain.people.permissions import Permission
from app.domain.people.provider_queries import provider_of, taken_accounts
from app.domain.team.join_team import join_team
from app.extensions import database, neighbours, now
from app.integrations.errors import Refused, TryAgain
from app.integrations.registry.interface import Account
from app.web.provider.acting import NoProvider, TokenRefused, own_token
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs, visitor

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Candidate:
    """An account of the person's, and whether another provider has it."""

    account: Account
    taken: bool

    @property
    def usable(self) -> bool:
        """Only what the registry says is open, and nobody has."""
        return self.account.status == "open" and not self.taken

    @property
    def holder(self) -> Holder:
        return Holder(self.account.holder_name, self.account.holder_country)


@blueprint.get("/open")
@needs(Permission.PROVIDER_PROFILE_READ)
def opening() -> Response | str:
    """The person's accounts, by holder: one provider is one holder."""
    if provider_of(database(), visitor().accounts) is not None:
        return redirect(url_for("provider.home"), 303)
    if not visitor().accounts:
        raise NoProvider
    try:
        candidates = _candidates()
    except TryAgain as error:
        log.warning("accounts not read", code=error.code)
        return render_template("provider/opening.html", candidates=None, holders=[])
    holders = dict.fromkeys(each.holder for each in candidates if each.usable)
    return render_template("provider/opening.html", candidates=candidates, holders=list(holders))


@blueprint.post("/open")
@needs(Permission.PROVIDER_PROFILE_WRITE)
def open_here() -> Response:
    """`account`: one of the holder's. All accounts of this holder that can be used become the provider's."""
    if provider_of(database(), visitor().accounts) is not None:
        return redirect(url_for("provider.home"), 303)
    try:
        candidates = [each for each in _candidates() if each.usable]
    except TryAgain as error:
        log.warning("accounts not read", code=error.code)
        flash(
            _("The registry does not answer at the moment. Nothing was changed; try again in a minute."),
            "wait",
        )
        return redirect(url_for("provider.opening"), 303)
    chosen = next(
        (each for each in candidates if each.account.account_id == request.form.get("account")), None
    )
    if chosen is None:
        abort(404)
    accounts = [each.account.account_id for each in candidates if each.holder == chosen.holder]
    session = database()
    try:
        open_provider(session, chosen.holder, accounts, visitor().person, now())
        join_team(session, visitor().person.id, visitor().accounts, now())
        session.commit()
    except AccountTaken:
        session.rollback()
        flash(_("One of these accounts belongs to a provider by now. Nothing was changed."), "error")
        return redirect(url_for("provider.opening"), 303)
    flash(_("You have begun. What is still missing is listed below."), "success")
    return redirect(url_for("provider.home"), 303)


def _candidates() -> Sequence[Candidate]:
    """What the registry names for the person's own token. TryAgain, TokenRefused.

    Only accounts that the sign-in names, too: those are what the person acts with.
    """
    token = own_token()
    try:
        found = [
            each
            for each in neighbours().delegated_registry.accounts(token)
            if each.account_id in visitor().accounts
        ]
    except Refused as error:
        raise TokenRefused from error
    taken = taken_accounts(database(), [each.account_id for each in found])
    return [Candidate(each, each.account_id in taken) for each in found]
