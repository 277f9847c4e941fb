"""People: found by their whole e-mail address, and one of them; administrators in a list."""

from uuid import UUID

from flask import abort, render_template, request

from app.domain.audit.queries import read_trail
from app.domain.people.administrators import administrators, last_acts
from app.domain.people.models import Person
from app.domain.people.permissions import Permission
from app.domain.people.person_queries import people_with_address
from app.domain.people.queries import sign_ins_under_way
from app.extensions import database
from app.web.admin.blueprint import blueprint
from app.web.support.gate import needs, visitor

_EMAIL_MAX = 254


@blueprint.get("/people")
@needs(Permission.PLATFORM_PEOPLE_READ)
def people() -> str:
    """`email`: exactly this address, in both realms. There is no list to browse."""
    email = request.args.get("email", "").strip()[:_EMAIL_MAX]
    found = people_with_address(database(), email) if email else []
    return render_template(
        "admin/people.html",
        email=email,
        people=found,
        administrators=[(each, last_acts(database(), each.id)) for each in administrators(database())],
    )


@blueprint.get("/people/<uuid:person>")
@needs(Permission.PLATFORM_PEOPLE_READ)
def person(person: UUID) -> str:
    """One person: where they are signed in, and what happened."""
    session = database()
    found = session.get(Person, person)
    if found is None or found.erased_at is not None:
        abort(404)
    return render_template(
        "admin/person.html",
        person=found,
        oneself=found.id == visitor().person.id,
        sign_ins=sign_ins_under_way(session, found.id),
        acts=[(act, found) for act in last_acts(session, found.id)],
        trail=read_trail(session, entity_id=str(found.id)),
    )
