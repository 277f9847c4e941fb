"""What somebody who is signed in finds on the way to an order: who they are, for whom they buy, names saved before.

Guests have none of it (None), and for them nothing is asked of the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, flash, request
from flask_babel import gettext as _

from app.domain.orders.buyer import Buyer
from app.domain.orders.details import Details
from app.domain.people.account_models import Organisation, SavedBeneficiary
from app.domain.people.account_queries import beneficiaries_of, organisations_with
from app.domain.people.models import Person, PersonKind, Realm
from app.domain.people.permissions import Permission
from app.domain.people.save_beneficiary import TooManyBeneficiaries, save_beneficiary
from app.extensions import database, now
from app.web.support.signed_in import signed_in

MYSELF = "myself"


@dataclass(frozen=True)
class Choices:
    """What was chosen beside the certificate's details."""

    organisation_id: UUID | None = None  # None: for themselves
    beneficiary: SavedBeneficiary | None = None  # None: as typed
    save: bool = False


@dataclass(frozen=True)
class Account:
    """Somebody who is signed in."""

    person: Person
    organisations: Sequence[Organisation]  # for which they may buy
    beneficiaries: Sequence[SavedBeneficiary]

    def known(self) -> dict[str, Any]:
        """What the form need not ask."""
        facts = {
            "email": self.person.email,
            "beneficiary_type": self.person.kind,
            "beneficiary_country": self.person.country,
        }
        return {name: value for name, value in facts.items() if value}

    def choices(self) -> Choices:
        """What the form that was sent says. 404 for what is not theirs to choose."""
        return Choices(
            self._organisation(request.form.get("buying_for", MYSELF)),
            self._beneficiary(request.form.get("saved_beneficiary", "")),
            request.form.get("save_beneficiary") == "yes",
        )

    def buyer(self, organisation_id: UUID | None) -> Buyer | None:
        """Who places the order; None if they may not (any more) do it for the organisation."""
        if organisation_id is not None and self.organisation(organisation_id) is None:
            return None
        return Buyer(self.person.id, organisation_id)

    def organisation(self, organisation_id: UUID | None) -> Organisation | None:
        """One of the organisations for which they may buy."""
        return next((each for each in self.organisations if each.id == organisation_id), None)

    def keep(self, details: Details, choices: Choices) -> None:
        """Save the name for the next time, if that was asked for and one is named. The caller commits."""
        if not choices.save or details.beneficiary_name is None:
            return
        try:
            save_beneficiary(
                database(),
                self.person.id,
                kind=PersonKind(details.beneficiary_type),
                name=details.beneficiary_name,
                country=details.beneficiary_country,
                organisation_id=choices.organisation_id,
                now=now(),
            )
        except TooManyBeneficiaries:
            flash(_("The name was not saved: the list of saved names is full."), "wait")

    def _organisation(self, chosen: str) -> UUID | None:
        if chosen == MYSELF:
            return None
        found = next((each.id for each in self.organisations if str(each.id) == chosen), None)
        if found is None:
            abort(404)
        return found

    def _beneficiary(self, chosen: str) -> SavedBeneficiary | None:
        if not chosen:
            return None
        found = next((each for each in self.beneficiaries if str(each.id) == chosen), None)
        if found is None:
            abort(404)
        return found


def account_here() -> Account | None:
    """Who is signed in at this browser; None for guests."""
    here = signed_in(Realm.PUBLIC)
    if here is None:
        return None
    session, person = database(), here.person
    return Account(
        person,
        organisations_with(session, person.id, Permission.ORGANISATION_ORDERS_PLACE),
        beneficiaries_of(session, person.id),
    )
