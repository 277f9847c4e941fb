"""Add an account at a gateway, or a bank account."""

import re
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.payments.payees.add_bank_account import add_bank_account
from app.domain.payments.payees.draft_account import AccountTaken, Credentials, draft_account
from app.domain.payments.payees.submit_account import submit_account
from app.domain.people.permissions import Permission
from app.extensions import database, now, works
from app.web.provider.acting import acting_provider
from app.web.provider.bank_form import BankForm, bank_page
from app.web.provider.blueprint import blueprint
from app.web.provider.payee_accounts import tell_of_probe
from app.web.provider.payee_lead_in import go_on_there
from app.web.provider.payee_modes import LED_IN, Mode, offered_mode
from app.web.support.gate import elevated, needs, visitor
from app.web.support.typed import take_typed

_MOST = 200  # characters of a key or a name at a gateway


@blueprint.get("/payee-accounts/new")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def new_payee_account() -> str:
    """The form of one way to be paid: `method` and `mode`; of a bank account also its `country`."""
    mode = _mode()
    if mode.gateway == "bank":
        return bank_page("new", request.args.get("country", ""), take_typed())
    return _page(mode, {"currencies": "", **take_typed()}, {})


@blueprint.post("/payee-accounts/new")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def add_payee_account() -> Response | tuple[str, int]:
    """Keep it, and have it tried out or confirmed by a second person."""
    mode = _mode()
    return _add_bank() if mode.gateway == "bank" else _add(mode)


def _add_bank() -> Response | tuple[str, int]:
    form = BankForm(request.form)
    details, choices = form.details(), form.choices()
    if details is None or choices is None:
        return bank_page("new", form.country, request.form, form.errors), 422
    session, provider = database(), acting_provider()
    try:
        account = add_bank_account(
            session, provider.id, details, choices, visitor().person.id, works().sealer, now()
        )
        session.commit()
    except AccountTaken:
        session.rollback()
        return bank_page("new", form.country, request.form, {form.number_field: taken()}), 422
    flash(_("Kept. It is used as soon as a second person has confirmed it."), "success")
    return redirect(url_for("provider.payee_account", account=account.id), 303)


def _add(mode: Mode) -> Response | tuple[str, int]:
    typed = {name: request.form.get(name, "").strip()[:_MOST] for name in (*mode.fields, "currencies")}
    currencies, errors = read_currencies(typed["currencies"]), _missing(mode, typed)
    if not currencies:
        errors["currencies"] = _("Enter the currencies as three letters each, such as EUR, USD.")
    if errors:
        return _page(mode, typed, errors), 422
    session, provider, person = database(), acting_provider(), visitor().person.id
    given = Credentials(typed.get("external_id", ""), typed.get("client_id", ""), typed.get("secret", ""))
    try:
        account = draft_account(
            session, provider.id, mode.gateway, mode.mode, given, currencies, person, works().sealer, now()
        )
    except AccountTaken:
        session.rollback()
        return _page(mode, typed, {"external_id": taken()}), 422
    if mode.mode in LED_IN:
        session.commit()
        return go_on_there(account.id)
    submit_account(session, account.id, person, now())
    session.commit()
    tell_of_probe(account.id)
    return redirect(url_for("provider.payee_account", account=account.id), 303)


def read_currencies(typed: str) -> list[str]:
    """The codes in "USD, eur"; none where one of them is no code."""
    codes = [code for code in re.split(r"[\s,;]+", typed.upper()) if code]
    return codes if all(re.fullmatch("[A-Z]{3}", code) for code in codes) else []


def taken() -> str:
    """What to say beside the name of an account that is here already."""
    return _(
        "This account is on the platform already. If it is yours, it is among your accounts, where it can be "
        "connected again; if it is not, write to the platform’s administrators."
    )


def _mode() -> Mode:
    found = offered_mode(works(), request.values.get("method", ""), request.values.get("mode", ""))
    if found is None:
        abort(404)
    return found


def _missing(mode: Mode, typed: dict[str, str]) -> dict[str, str]:
    words = {
        "external_id": _("Enter the account’s number there."),
        "client_id": _("Enter the client id."),
        "secret": _("Enter the secret key."),
    }
    return {name: words[name] for name in mode.fields if not typed[name]}


def _page(mode: Mode, typed: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template(
        "provider/payees/new.html", provider=acting_provider(), mode=mode, typed=typed, errors=errors
    )
