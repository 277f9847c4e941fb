"""What is kept about a buyer, given out or erased because they have asked an administrator for it."""

import json
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.domain.people.erase_person import ErasureRefused, Obstacles, erase_person
from app.domain.people.export_person import export_person
from app.domain.people.models import Person, Realm
from app.domain.people.on_request import OnRequest
from app.domain.people.permissions import Permission
from app.domain.people.queries import sign_ins_under_way
from app.domain.people.reasons import ReasonMissing, given_reason
from app.extensions import database, now
from app.i18n import request_language
from app.web.admin.blueprint import blueprint
from app.web.admin.change import Change, change_page, reason_missing
from app.web.support.end_there import end_there
from app.web.support.gate import elevated, needs, visitor


@blueprint.get("/people/<uuid:person>/export")
@needs(Permission.PLATFORM_PEOPLE_EXPORT)
@elevated
def person_export(person: UUID) -> str:
    """What it means, and a reason to give."""
    return change_page(_export(_buyer(person)))


@blueprint.post("/people/<uuid:person>/export")
@needs(Permission.PLATFORM_PEOPLE_EXPORT)
@elevated
def export_of_person(person: UUID) -> Response | tuple[str, int]:
    """Everything as a file: docs/accounts.md."""
    found, session = _buyer(person), database()
    try:
        facts = export_person(session, found.id, now(), _on_request())
    except ReasonMissing:
        return change_page(_export(found), reason_missing()), 422
    session.commit()
    return Response(
        json.dumps(facts, ensure_ascii=False, indent=1) + "\n",
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="person-{person}.json"'},
    )


@blueprint.get("/people/<uuid:person>/erase")
@needs(Permission.PLATFORM_PEOPLE_ERASE)
@elevated
def person_erasure(person: UUID) -> str:
    """What it means, and a reason to give."""
    return change_page(_erasure(_buyer(person)))


@blueprint.post("/people/<uuid:person>/erase")
@needs(Permission.PLATFORM_PEOPLE_ERASE)
@elevated
def erase_for_person(person: UUID) -> Response | tuple[str, int]:
    """Forget them, unless something has to be settled first."""
    found, session = _buyer(person), database()
    change = _erasure(found)
    tokens = [each.refresh_sealed for each in sign_ins_under_way(session, found.id)]
    try:
        erase_person(session, found.id, request_language(), now(), _on_request())
    except ReasonMissing:
        return change_page(change, reason_missing()), 422
    except ErasureRefused as refused:
        words = _first(refused.obstacles)
        session.rollback()
        return change_page(change, words), 409
    session.commit()
    end_there(tokens)
    flash(_("Done. The audit trail says so."), "success")
    return redirect(url_for("admin.people"), 303)


def _on_request() -> OnRequest:
    return OnRequest(visitor().person.id, given_reason(request.form.get("reason", "")))


def _buyer(person_id: UUID) -> Person:
    """Somebody of the public realm: whoever signs in through the registry is known there, and kept by it."""
    found = database().get(Person, person_id)
    if found is None or found.erased_at is not None or found.realm != Realm.PUBLIC:
        abort(404)
    return found


def _first(obstacles: Obstacles) -> str:
    """What has to be settled before."""
    if obstacles.orders:
        return ngettext(
            "%(num)d order is still under way: %(numbers)s. Wait until it has ended.",
            "%(num)d orders are still under way: %(numbers)s. Wait until they have ended.",
            len(obstacles.orders),
            numbers=", ".join(order.number for order in obstacles.orders),
        )
    return _(
        "They are the only owner of %(names)s, which others belong to. They have to make somebody else an owner first.",
        names=", ".join(each.name for each in obstacles.organisations),
    )


def _export(found: Person) -> Change:
    return Change(
        _("Export what is kept about %(name)s", name=found.name or found.email),
        _("A JSON file for them alone. Say how you know that they have asked for it."),
        _("Export"),
        url_for("admin.person", person=found.id),
        danger=False,
    )


def _erasure(found: Person) -> Change:
    return Change(
        _("Erase what is kept about %(name)s", name=found.name or found.email),
        _(
            "Nobody can undo it. What the public record and the ledger need stays, without them. Say how you know that "
            "they have asked for it."
        ),
        _("Erase"),
        url_for("admin.person", person=found.id),
    )
