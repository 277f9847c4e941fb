"""Be the second person for a provider's bank details, where the provider has nobody else."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.payments.bank.details import BankDetails
from app.domain.payments.payee_models import PayeeChange
from app.domain.payments.payees.confirm_change import SamePerson, SomebodyElseThere, confirm_change
from app.domain.people.models import Person
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing, given_reason
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.admin.change import Change, change_page, reason_missing
from app.web.support.bank_words import account_rows
from app.web.support.gate import elevated, needs, visitor


@blueprint.get("/payee-changes/<uuid:change>")
@needs(Permission.PLATFORM_PAYMENTS_DECIDE)
@elevated
def payee_change(change: UUID) -> str:
    """What it means, and a reason to give."""
    return change_page(_change(change))


@blueprint.post("/payee-changes/<uuid:change>")
@needs(Permission.PLATFORM_PAYMENTS_DECIDE)
@elevated
def confirm_payee_change(change: UUID) -> Response | tuple[str, int]:
    """Do it."""
    page, session, person = _change(change), database(), visitor().person.id
    try:
        reason = given_reason(request.form.get("reason", ""))
        confirm_change(session, change, person, now(), administrator=True, reason=reason)
        session.commit()
    except ReasonMissing:
        return change_page(page, reason_missing()), 422
    except (SamePerson, SomebodyElseThere):
        session.rollback()
        return change_page(
            page, _("The provider has somebody else who can confirm it, or you asked for it.")
        ), 422
    except IllegalStep:
        session.rollback()
        flash(_("That was done before. How the provider stands is shown below."), "wait")
        return redirect(page.back, 303)
    flash(_("Done. The audit trail says so."), "success")
    return redirect(page.back, 303)


def _change(change_id: UUID) -> Change:
    found = database().get(PayeeChange, change_id)
    if found is None:
        abort(404)
    provider, asker = found.account.provider, database().get_one(Person, found.asked_by)
    details = BankDetails.from_json(found.details)
    numbers = ", ".join(f"{row['label']}: {row['shown']}" for row in account_rows(details))
    return Change(
        _("Confirm the bank details of %(name)s", name=provider.display_name),
        _(
            "%(person)s wants buyers to pay to this account: %(numbers)s. You are the second person only where the "
            "provider has nobody else. Ask the provider by a telephone number you know, and compare with a paper of "
            "the bank’s own.",
            person=asker.name or asker.email,
            numbers=numbers,
        ),
        _("Confirm"),
        url_for("admin.provider", provider=provider.id),
    )
