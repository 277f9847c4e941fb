"""The visitor wants to be forgotten: what that means, typed confirmation, and goodbye."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.payments.standing import standings
from app.domain.people.account_queries import person_now
from app.domain.people.erase_person import ErasureRefused, Obstacles, erase_person, erasure_obstacles
from app.domain.people.models import Realm
from app.domain.people.permissions import Permission
from app.domain.people.queries import sign_ins_under_way
from app.extensions import database, now, works
from app.i18n import request_language
from app.links import identity_account_url
from app.web.account.blueprint import blueprint
from app.web.support.end_there import end_there
from app.web.support.gate import needs, open_to_all, visitor
from app.web.support.signed_in import forget_browser


@blueprint.get("/erase")
@needs(Permission.OWN_DATA_ERASE)
def erase() -> str:
    """What goes, what stays and why, and what has to be settled first."""
    return _page(erasure_obstacles(database(), person_now(database(), visitor().person.id)))


@blueprint.post("/erase")
@needs(Permission.OWN_DATA_ERASE)
def erase_everything() -> Response | tuple[str, int]:
    """`word`: typed by hand, so that no slip of the finger does it."""
    session, person_id = database(), visitor().person.id
    if request.form.get("word", "").strip().casefold() != _word().casefold():
        obstacles = erasure_obstacles(session, person_now(session, person_id))
        return _page(obstacles, {"word": _("Type the word exactly as it stands above the field.")}), 422
    under_way = sign_ins_under_way(session, person_id)
    tokens = [each.refresh_sealed for each in under_way]
    try:
        erase_person(session, person_id, request_language(), now())
    except ErasureRefused as refused:
        page = _page(refused.obstacles)
        session.rollback()
        return page, 409
    session.commit()
    end_there(tokens)
    response = redirect(url_for("account.erased"), 303)
    forget_browser(response, Realm.PUBLIC)
    return response


@blueprint.get("/erased")
@open_to_all
def erased() -> str:
    """That it is done. It knows nobody, so anybody may read it."""
    return render_template("account/erased.html", identity_account=_identity_account())


def _word() -> str:
    """What has to be typed."""
    return _("erase")


def _identity_account() -> str:
    return identity_account_url(works().settings.public_realm_url)


def _page(obstacles: Obstacles, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "account/erase.html",
        obstacles=obstacles,
        standings=standings(database(), obstacles.orders),
        errors=errors or {},
        word=_word(),
        identity_account=_identity_account(),
    )
