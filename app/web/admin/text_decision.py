"""Show or take down words of a buyer or of an offer; show or refuse a piece of a project's page."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.content.decide_content import Act as ContentAct
from app.domain.content.decide_content import decide_content
from app.domain.content.models import ActivityContent, ContentState
from app.domain.moderation.decide_text import Act, NoSuchText, decide_text
from app.domain.moderation.models import ModerationState, TextKind
from app.domain.moderation.queries import moderated_text
from app.domain.orders.models import Order
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.admin.change import Change, change_page, reason_missing
from app.web.support.gate import elevated, needs, visitor
from app.web.support.text_words import content_kind, text_kind

_KINDS = {"name": TextKind.BENEFICIARY_NAME, "reason": TextKind.REASON, "offer-text": TextKind.OFFER_TEXT}
_TEXTS = "<any(name, reason, 'offer-text'):kind>/<entity>/<any(show, 'take-down'):act>"


@blueprint.get(f"/texts/{_TEXTS}")
@needs(Permission.PLATFORM_TEXTS_MODERATE)
@elevated
def text_decision(kind: str, entity: str, act: str) -> str:
    """What it means, and a reason to give. `entity` is the order's id, or an offer's text."""
    return change_page(_text_change(_KINDS[kind], entity, Act(act)))


@blueprint.post(f"/texts/{_TEXTS}")
@needs(Permission.PLATFORM_TEXTS_MODERATE)
@elevated
def decide_about_text(kind: str, entity: str, act: str) -> Response | tuple[str, int]:
    """Do it."""
    session, change = database(), _text_change(_KINDS[kind], entity, Act(act))
    reason, person = request.form.get("reason", ""), visitor().person.id
    try:
        decide_text(session, _KINDS[kind], entity, Act(act), reason, person, now())
        session.commit()
    except ReasonMissing:
        return change_page(change, reason_missing()), 422
    except NoSuchText:
        abort(404)
    except IllegalStep:
        return _done_before(change)
    return _done(change)


@blueprint.get("/content/<uuid:content>/<any(show, refuse):act>")
@needs(Permission.PLATFORM_TEXTS_MODERATE)
@elevated
def content_decision(content: UUID, act: str) -> str:
    """What it means, and a reason to give."""
    return change_page(_content_change(content, ContentAct(act)))


@blueprint.post("/content/<uuid:content>/<any(show, refuse):act>")
@needs(Permission.PLATFORM_TEXTS_MODERATE)
@elevated
def decide_about_content(content: UUID, act: str) -> Response | tuple[str, int]:
    """Do it."""
    session, change = database(), _content_change(content, ContentAct(act))
    reason, person = request.form.get("reason", ""), visitor().person.id
    try:
        decide_content(session, content, ContentAct(act), reason, person, now())
        session.commit()
    except ReasonMissing:
        return change_page(change, reason_missing()), 422
    except IllegalStep:
        return _done_before(change)
    return _done(change)


def _done(change: Change) -> Response:
    flash(_("Done. The audit trail says so."), "success")
    return redirect(change.back, 303)


def _done_before(change: Change) -> Response:
    database().rollback()
    flash(_("That was done before. How it stands is shown below."), "wait")
    return redirect(change.back, 303)


def _text_change(kind: TextKind, entity: str, act: Act) -> Change:
    row = moderated_text(database(), kind, entity)
    order = _order(entity) if kind != TextKind.OFFER_TEXT else None
    if order is None and row is None:
        abort(404)
    waits = row is not None and row.state == ModerationState.WAITING
    queue = waits or order is None
    back = url_for("admin.texts", find=None if queue or order is None else order.number)
    what = text_kind(kind)
    if order is not None:
        what = f"{what} · {_('Order %(number)s', number=order.number)}"
    if act is Act.SHOW:
        return Change(
            _("Show it: %(what)s", what=what),
            _("Everybody can read these words."),
            _("Show"),
            back,
            danger=False,
        )
    return Change(
        _("Take it down: %(what)s", what=what),
        _(
            "The public reads these words no more. What the registry has recorded stays as it is, and so does the signed "
            "file that the buyer has. Whoever wrote them is told by mail, with your reason."
        ),
        _("Take down"),
        back,
    )


def _content_change(content_id: UUID, act: ContentAct) -> Change:
    found = database().get(ActivityContent, content_id)
    if found is None:
        abort(404)
    waits = found.state == ContentState.WAITING
    back = url_for("admin.texts", find=None if waits else found.activity_ref)
    what = f"{content_kind(found.kind)} · {found.activity_ref}"
    if act is ContentAct.SHOW:
        return Change(
            _("Show it: %(what)s", what=what),
            _(
                "It stands on the project’s page, as what the seller says. A summary takes the place of the one before it."
            ),
            _("Show"),
            back,
            danger=False,
        )
    return Change(
        _("Do not show it: %(what)s", what=what),
        _(
            "The project’s page does not show it, or not any more. Its provider is told by mail, with your reason."
        ),
        _("Do not show it"),
        back,
    )


def _order(entity: str) -> Order | None:
    try:
        return database().get(Order, UUID(entity))
    except ValueError:
        return None
