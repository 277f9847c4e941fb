"""Other bank details: asked for by one person, confirmed or withdrawn by another. And what is chosen beside them."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.payee_models import ChangeState, PayeeChange
from app.domain.payments.payees.ask_change import ChangeRefused, ask_change
from app.domain.payments.payees.bank_choices import BankChoices, change_bank_choices
from app.domain.payments.payees.confirm_change import SamePerson, confirm_change
from app.domain.payments.payees.draft_account import AccountTaken
from app.domain.payments.payees.queries import bank_details_of, own_change
from app.domain.payments.payees.withdraw_change import withdraw_change
from app.domain.people.models import Person
from app.domain.people.permissions import Permission
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.provider.acting import acting_provider
from app.web.provider.bank_form import BankForm, bank_page, choices_typed, typed_of
from app.web.provider.blueprint import blueprint
from app.web.provider.payee_accounts import own
from app.web.provider.payee_new import taken
from app.web.support.filters import moment
from app.web.support.gate import elevated, needs, visitor
from app.web.support.typed import take_typed


@blueprint.get("/payee-accounts/<uuid:account>/details")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def bank_details(account: UUID) -> str:
    """The form, with what holds now; `country` for an account in another one."""
    details = BankDetails.from_json(_own_bank(account).details)
    asked = request.args.get("country", "").upper()
    typed = take_typed() or ({"country": asked} if asked else typed_of(details))
    return bank_page("change", details.country, typed, account=account)


@blueprint.post("/payee-accounts/<uuid:account>/details")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def change_bank_details(account: UUID) -> Response | tuple[str, int]:
    """Ask for them; nothing changes yet."""
    _own_bank(account)
    form = BankForm(request.form)
    details = form.details()
    if details is None:
        return bank_page("change", form.country, request.form, form.errors, account=account), 422
    session = database()
    try:
        ask_change(session, account, details, visitor().person.id, now())
        session.commit()
    except AccountTaken:
        session.rollback()
        errors = {form.number_field: taken()}
        return bank_page("change", form.country, request.form, errors, account=account), 422
    except ChangeRefused as refused:
        session.rollback()
        if refused.code == "currency":
            errors = {
                "currency": _("An account stays in its currency. Add one in the other currency beside it.")
            }
            return bank_page("change", form.country, request.form, errors, account=account), 422
        flash(
            _("Another change of this account is under way. Withdraw it first, or let it take effect."),
            "wait",
        )
    else:
        flash(_("Asked for. Nothing changes until a second person has confirmed it."), "success")
    return redirect(url_for("provider.payee_account", account=account), 303)


@blueprint.get("/payee-accounts/<uuid:account>/choices")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def bank_choices(account: UUID) -> str:
    """Days, charges that are let pass, and from when two persons confirm a transfer."""
    bank = _own_bank(account)
    details = BankDetails.from_json(bank.details)
    typed = {**choices_typed(BankChoices.of(bank), details.currency), **take_typed()}
    return _choices_page(account, details, typed, {})


@blueprint.post("/payee-accounts/<uuid:account>/choices")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def choose_for_bank(account: UUID) -> Response | tuple[str, int]:
    """In force at once, for new orders."""
    details = BankDetails.from_json(_own_bank(account).details)
    form = BankForm(request.form)
    choices = form.choices(details.currency)
    if choices is None:
        return _choices_page(account, details, dict(request.form), form.errors), 422
    change_bank_choices(database(), account, choices, visitor().person.id, now())
    database().commit()
    flash(_("Kept. Orders that are placed from now on go by it."), "success")
    return redirect(url_for("provider.payee_account", account=account), 303)


@blueprint.get("/payee-changes/<uuid:change>/confirm")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def payee_change(change: UUID) -> str:
    """What would change, for the second person to compare with the bank's own paper."""
    return _change_page(_own_change(change))


@blueprint.post("/payee-changes/<uuid:change>/confirm")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
@elevated
def confirm_payee_change(change: UUID) -> Response | tuple[str, int]:
    """As the second person."""
    found, session = _own_change(change), database()
    account_id = found.account_id
    try:
        done = confirm_change(session, change, visitor().person.id, now())
        session.commit()
    except SamePerson:
        session.rollback()
        problem = _("You asked for it yourself: somebody else has to confirm it.")
        return _change_page(_own_change(change), problem), 422
    except IllegalStep:
        session.rollback()
        flash(_("That was decided before. How the account stands is shown below."), "wait")
    else:
        flash(_told(done), "success")
    return redirect(url_for("provider.payee_account", account=account_id), 303)


@blueprint.post("/payee-changes/<uuid:change>/withdraw")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def withdraw_payee_change(change: UUID) -> Response:
    """Stopping is safe and must be quick: no second factor is asked for."""
    found, session = _own_change(change), database()
    account_id = found.account_id
    try:
        withdraw_change(session, change, visitor().person.id, now())
        session.commit()
        flash(_("Withdrawn. The bank details stay as they are."), "success")
    except IllegalStep:
        session.rollback()
        flash(_("That was decided before. How the account stands is shown below."), "wait")
    return redirect(url_for("provider.payee_account", account=account_id), 303)


def _told(change: PayeeChange) -> str:
    if change.state == ChangeState.APPLIED or change.effective_at is None:
        return _("Confirmed. Buyers can pay to this account now.")
    return _("Confirmed. It takes effect on %(moment)s.", moment=moment(change.effective_at))


def _own_bank(account_id: UUID) -> BankAccount:
    bank = bank_details_of(database(), own(account_id).id)
    if bank is None:
        abort(404)
    return bank


def _own_change(change_id: UUID) -> PayeeChange:
    found = own_change(database(), acting_provider().id, change_id)
    if found is None:
        abort(404)
    return found


def _choices_page(account: UUID, details: BankDetails, typed: dict[str, str], errors: dict[str, str]) -> str:
    shown = {**typed, "currency": details.currency}
    return bank_page(
        "choices", details.country, {**shown, "country": details.country}, errors, account=account
    )


def _change_page(change: PayeeChange, problem: str = "") -> str:
    bank = database().get_one(BankAccount, change.account_id)
    return render_template(
        "provider/payees/change.html",
        provider=acting_provider(),
        change=change,
        asker=database().get(Person, change.asked_by),
        wanted=BankDetails.from_json(change.details),
        now_in_use=BankDetails.from_json(bank.details) if change.account.state == "active" else None,
        me=visitor().person.id,
        problem=problem,
    )
