"""Somebody opens the link of an invitation: what it is, and whether it is for them."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.accept_invitation import (
    InvitationRefused,
    UnknownInvitation,
    accept_invitation,
    check_invitation,
    invitation_by_token,
)
from app.domain.people.account_models import Invitation
from app.domain.people.account_queries import person_now
from app.domain.people.permissions import Permission
from app.extensions import database, limiter, now
from app.web.account.blueprint import blueprint
from app.web.support.gate import needs, visitor


@blueprint.get("/invitations/<token>")
@needs(Permission.OWN_INVITATIONS_ACCEPT)
@limiter.limit("60 per hour")
def invitation(token: str) -> Response | str | tuple[str, int]:
    """What is offered, by whom to which address; for anybody else only why it is not for them."""
    found = _find(token)
    try:
        check_invitation(found, person_now(database(), visitor().person.id), now())
    except InvitationRefused as refused:
        return _page(token, found, refused.code), 403
    if found.accepted_at is not None:
        return redirect(url_for("account.organisation", organisation=found.organisation_id), 303)
    return _page(token, found, "")


@blueprint.post("/invitations/<token>")
@needs(Permission.OWN_INVITATIONS_ACCEPT)
@limiter.limit("60 per hour")
def accept(token: str) -> Response | tuple[str, int]:
    """Join."""
    found = _find(token)
    try:
        accept_invitation(database(), token, visitor().person.id, now())
    except InvitationRefused as refused:
        database().rollback()
        return _page(token, found, refused.code), 403
    database().commit()
    flash(_("Welcome to %(organisation)s.", organisation=found.organisation.name), "success")
    return redirect(url_for("account.organisation", organisation=found.organisation_id), 303)


def _find(token: str) -> Invitation:
    try:
        return invitation_by_token(database(), token)
    except UnknownInvitation:
        abort(404)


def _page(token: str, found: Invitation, refused: str) -> str:
    return render_template(
        "account/invitation.html",
        token=token,
        invitation=found,
        refused=refused,
        person=visitor().person,
        meant_for=_veiled(found.email),
    )


def _veiled(email: str) -> str:
    """Enough for its owner to recognise it, too little for anybody else: o…@example.org."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}…{at}{domain}"
