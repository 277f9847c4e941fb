"""The provider's people: their roles, and which mails each of them wants."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.permissions import Permission
from app.domain.team.change_team_role import LastOwner, change_team_role
from app.domain.team.models import TeamRole
from app.domain.team.notices import NOTICES, choose_notices
from app.domain.team.queries import notices_off, role_in_team, team_of
from app.extensions import database, now
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import held_permissions, needs, visitor


@blueprint.get("/team")
@needs(Permission.PROVIDER_TEAM_READ)
def team() -> str:
    """Who is in it; the visitor's own notices."""
    provider, me = acting_provider(), visitor().person
    members = team_of(database(), provider.id)
    role = next((each.role for each in members if each.person_id == me.id), TeamRole.OWNER)
    return render_template(
        "provider/team.html",
        provider=provider,
        members=members,
        roles=list(TeamRole),
        manages=Permission.PROVIDER_TEAM_WRITE in held_permissions(),
        me=me,
        notices=[code for code, notice in NOTICES.items() if role in notice.roles],
        off=notices_off(database(), me.id),
    )


@blueprint.post("/team/<uuid:person>")
@needs(Permission.PROVIDER_TEAM_WRITE)
def change_role(person: UUID) -> Response:
    """`role`: what they can do from now on."""
    provider, session = acting_provider(), database()
    if all(each.person_id != person for each in team_of(session, provider.id)):
        abort(404)
    try:
        role = TeamRole(request.form.get("role", ""))
        change_team_role(session, provider.id, person, role, by=visitor().person.id, now=now())
    except ValueError:
        abort(400)
    except LastOwner:
        session.rollback()
        flash(_("Somebody has to be an owner. Make somebody else one first."), "error")
        return redirect(url_for("provider.team"), 303)
    session.commit()
    flash(_("The role is changed."), "success")
    return redirect(url_for("provider.team"), 303)


@blueprint.post("/notices")
@needs(Permission.OWN_CONSOLE_OPEN)
def choose() -> Response:
    """`notice`: the kinds of mails that the visitor wants."""
    session, me = database(), visitor().person
    role = role_in_team(session, me.id, visitor().accounts)
    # What the page has not offered, as it is not for that role, is not switched off by it.
    others = {code for code, notice in NOTICES.items() if role not in notice.roles}
    choose_notices(session, me.id, {*request.form.getlist("notice"), *others}, now())
    session.commit()
    flash(_("Saved."), "success")
    return redirect(url_for("provider.team"), 303)
