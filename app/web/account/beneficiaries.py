"""Names that certificates were made out to, to be chosen again."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.account_models import Organisation
from app.domain.people.account_queries import beneficiaries_of, organisations_with
from app.domain.people.forget_beneficiary import forget_beneficiary
from app.domain.people.membership import NotAMember
from app.domain.people.models import PersonKind
from app.domain.people.permissions import Permission
from app.domain.people.save_beneficiary import TooManyBeneficiaries, save_beneficiary
from app.extensions import database, now
from app.web.account.blueprint import blueprint
from app.web.account.forms import BeneficiaryForm
from app.web.support.fields import countries
from app.web.support.gate import needs, visitor


@blueprint.get("/saved-names")
@needs(Permission.OWN_BENEFICIARIES_WRITE)
def beneficiaries() -> str:
    """The list, and a form for a new one."""
    return _page(BeneficiaryForm(_owners(), formdata=None))


@blueprint.post("/saved-names")
@needs(Permission.OWN_BENEFICIARIES_WRITE)
def save() -> Response | tuple[str, int]:
    """Save one, for the visitor or for an organisation of theirs."""
    form, session = BeneficiaryForm(_owners()), database()
    if form.owner.data and form.owner.data not in form.owners:
        raise NotAMember
    if not form.validate():
        return _page(form), 422
    try:
        save_beneficiary(
            session,
            visitor().person.id,
            kind=PersonKind(form.kind.data),
            name=form.name.data,
            country=form.country.data,
            organisation_id=UUID(form.owner.data) if form.owner.data else None,
            now=now(),
        )
    except TooManyBeneficiaries:
        flash(_("The list is full. Forget a name that you do not need any more first."), "wait")
        return redirect(url_for("account.beneficiaries"), 303)
    session.commit()
    flash(_("The name is saved. The checkout offers it from now on."), "success")
    return redirect(url_for("account.beneficiaries"), 303)


@blueprint.post("/saved-names/<uuid:beneficiary>/forget")
@needs(Permission.OWN_BENEFICIARIES_WRITE)
def forget(beneficiary: UUID) -> Response:
    """Take it off the list."""
    forget_beneficiary(database(), visitor().person.id, beneficiary)
    database().commit()
    flash(_("The name is forgotten. Certificates stay as they are."), "success")
    return redirect(url_for("account.beneficiaries"), 303)


def _owners() -> list[str]:
    return [str(each.id) for each in _organisations()]


def _organisations() -> list[Organisation]:
    return organisations_with(database(), visitor().person.id, Permission.ORGANISATION_BENEFICIARIES_WRITE)


def _page(form: BeneficiaryForm) -> str:
    return render_template(
        "account/beneficiaries.html",
        form=form,
        beneficiaries=beneficiaries_of(database(), visitor().person.id),
        organisations=_organisations(),
        countries=countries(),
    )
