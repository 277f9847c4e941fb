"""Getting paid: the accounts that buyers pay to, how each fares, and trying one out now."""

from dataclasses import dataclass
from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payee_models import PayeeChange
from app.domain.payments.payees.queries import (
    accounts_of_provider,
    bank_details_of,
    is_alone,
    open_change_of,
    own_payee_account,
)
from app.domain.payments.trials.queries import latest_trials
from app.domain.people.models import Person
from app.domain.people.permissions import Permission
from app.extensions import database, works
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.money import Money
from app.shells.probe_account import probe_account
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.provider.payee_modes import LED_IN, offered_modes
from app.web.support.gate import needs, visitor
from app.web.support.order_words import service


@dataclass(frozen=True)
class Shown:
    """An account as its provider sees it. `change`: of its bank details, under way; `asker`: who asked for it."""

    account: ProviderPayeeAccount
    bank: BankAccount | None
    change: PayeeChange | None
    asker: Person | None

    @property
    def details(self) -> BankDetails | None:
        """Of a bank account that nobody has confirmed yet, what it shall be."""
        if self.bank is None:
            return None
        wanted = self.change if self.change and self.account.state == AccountState.VERIFYING else None
        return BankDetails.from_json(wanted.details if wanted else self.bank.details)

    @property
    def wanted(self) -> BankDetails | None:
        """What the change that is under way asks for."""
        return BankDetails.from_json(self.change.details) if self.change else None

    def money(self, minor: int) -> Money:
        """An amount in the bank account's currency."""
        return Money(minor, self.account.currencies[0])

    @property
    def name(self) -> str:
        """What tells it from the provider's others: the end of its number, or its name at the service."""
        return f"…{self.details.tail}" if self.details else self.account.external_id


@blueprint.get("/payee-accounts")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def payee_accounts() -> str:
    """Every account of the provider, those in use first, and the ways that can be added."""
    provider = acting_provider()
    accounts = accounts_of_provider(database(), provider.id)
    shown = [shown_account(each) for each in accounts]
    return render_template(
        "provider/payees/list.html",
        provider=provider,
        shown=[each for each in shown if each.account.state != AccountState.REVOKED],
        gone=[each for each in shown if each.account.state == AccountState.REVOKED],
        modes=offered_modes(works()),
        me=visitor().person.id,
    )


@blueprint.get("/payee-accounts/<uuid:account>")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def payee_account(account: UUID) -> str:
    """One of them."""
    found = own(account)
    me = visitor().person.id
    return render_template(
        "provider/payees/account.html",
        provider=acting_provider(),
        shown=shown_account(found),
        me=me,
        alone=is_alone(database(), found.provider_id, me),
        led_in=found.mode in LED_IN,
        trial=latest_trials(database(), [found.id]).get(found.id),
    )


@blueprint.post("/payee-accounts/<uuid:account>/probe")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def try_payee_account(account: UUID) -> Response:
    """Ask the gateway now."""
    own(account)
    tell_of_probe(account)
    return redirect(url_for("provider.payee_account", account=account), 303)


@blueprint.get("/payee-accounts/<uuid:account>/back")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def back_from_gateway(account: UUID) -> Response:
    """Where the gateway's own sign-up leads back to. Whether the provider is through, the gateway says."""
    own(account)
    tell_of_probe(account)
    return redirect(url_for("provider.payee_account", account=account), 303)


def own(account_id: UUID) -> ProviderPayeeAccount:
    """An account of the provider for which the person acts; anybody else's is not found."""
    found = own_payee_account(database(), acting_provider().id, account_id)
    if found is None:
        abort(404)
    return found


def shown_account(account: ProviderPayeeAccount) -> Shown:
    """With what else there is of it."""
    session = database()
    change = open_change_of(session, account.id) if account.gateway == "bank" else None
    asker = session.get(Person, change.asked_by) if change is not None else None
    return Shown(account, bank_details_of(session, account.id), change, asker)


def tell_of_probe(account_id: UUID) -> None:
    """Try the account out and leave a message. Ends the request's transaction, as the network is waited for."""
    gateway = own(account_id).gateway
    database().rollback()
    try:
        state = probe_account(works(), account_id)
    except (TryAgain, OutcomeUnknown):
        flash(
            _(
                "%(method)s cannot be reached at the moment. Nothing has changed; we try again by ourselves.",
                method=service(gateway),
            ),
            "wait",
        )
    except Refused:
        flash(_("%(method)s does not let us try it out.", method=service(gateway)), "error")
    else:
        if state == AccountState.ACTIVE:
            flash(_("Your account there can receive payments."), "success")
        elif state in {AccountState.VERIFYING, AccountState.DEGRADED}:
            flash(_("Tried out: buyers cannot pay you there yet. The reason is below."), "wait")
