"""Somebody of a provider's team switches a kind of mails off, by the link in one of them."""

from uuid import UUID

from flask import render_template
from flask_babel import gettext as _

from app.domain.people.models import Person
from app.domain.team.notices import NOTICES, switch_off
from app.extensions import csrf, database, limiter, now, works
from app.sealing import Purpose, SealBroken, Sealer
from app.web.public.blueprint import blueprint
from app.web.support.team_words import notice_kind


@blueprint.get("/notices/<token>")
def notices(token: str) -> str | tuple[str, int]:
    """What the link is for; a button does it, because programs open links, too."""
    found = _opened(token)
    if found is None:
        return _page(_("This link is not whole")), 404
    return _page(_("Switch off: %(kind)s", kind=notice_kind(found[1])), token=token)


@blueprint.post("/notices/<token>")
@csrf.exempt  # mail programs press the button by themselves (RFC 8058); the token is the permission
@limiter.limit("60 per hour")
def switch_notices_off(token: str) -> str | tuple[str, int]:
    """Done, now or before."""
    found = _opened(token)
    if found is None:
        return _page(_("This link is not whole")), 404
    person_id, kind = found
    switch_off(database(), person_id, kind, now())
    database().commit()
    return _page(_("Switched off: %(kind)s", kind=notice_kind(kind)))


def _opened(token: str) -> tuple[UUID, str] | None:
    settings = works().settings
    try:
        text = Sealer(settings.secret_key, Purpose.NOTICES, settings.secret_key_before).open(
            token.encode(errors="replace")
        )
    except SealBroken:
        return None
    person_id, _blank, kind = text.partition(" ")
    if kind not in NOTICES or database().get(Person, UUID(person_id)) is None:
        return None
    return UUID(person_id), kind


def _page(title: str, token: str = "") -> str:
    return render_template("public/notices.html", title=title, token=token)
