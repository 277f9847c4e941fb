"""What the provider shows of its activities, beside what the registry says: everything is looked at before it is shown."""

from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.domain.catalogue.models import Activity
from app.domain.content.add_content import SUMMARY_MAX, TEXT_MAX, add_content
from app.domain.content.check_document import Document, check_document
from app.domain.content.check_picture import Picture, check_picture
from app.domain.content.models import ActivityContent, ContentKind
from app.domain.content.move_picture import move_picture
from app.domain.content.queries import content_for_provider, is_own_activity, own_activities, own_content
from app.domain.content.refused import ContentRefused
from app.domain.content.remove_content import remove_content
from app.domain.people.permissions import Permission
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.i18n import LANGUAGES, language_name, request_language
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.content_files import content_problem, private_file
from app.web.support.gate import needs, visitor
from app.web.support.uploads import read_upload

_KINDS = {"summary": ContentKind.SUMMARY, "pictures": ContentKind.PICTURE, "documents": ContentKind.DOCUMENT}


@blueprint.get("/activities")
@needs(Permission.PROVIDER_CONTENT_WRITE)
def activities() -> str:
    """Every activity of which the provider has a mandate or an offer, and what it shows of it."""
    provider = acting_provider()
    return render_template(
        "provider/activities.html", provider=provider, activities=own_activities(database(), provider.id)
    )


@blueprint.get("/activities/<activity_ref>")
@needs(Permission.PROVIDER_CONTENT_WRITE)
def activity(activity_ref: str) -> str:
    """One of them: what is shown, what waits, what was refused and why, and forms to add to it."""
    return _page(activity_ref)


@blueprint.post("/activities/<activity_ref>/<any(summary, pictures, documents):part>")
@needs(Permission.PROVIDER_CONTENT_WRITE)
def add_to_activity(activity_ref: str, part: str) -> AnyResponse | tuple[str, int]:
    """`language`, `text`, and for a picture or a document `file`."""
    session, kind, provider = database(), _KINDS[part], acting_provider()
    language = request.form.get("language", "")
    if not is_own_activity(session, provider.id, activity_ref):
        abort(404)
    if language not in LANGUAGES:
        abort(400)
    try:
        add_content(
            session,
            provider.id,
            activity_ref,
            kind,
            language,
            request.form.get("text", ""),
            visitor().person.id,
            now(),
            file=_file(kind),
        )
        session.commit()
    except ContentRefused as refused:
        session.rollback()
        field = "text" if refused.code.startswith("text_") else "file"
        return _page(activity_ref, part, {f"{part}-{field}": content_problem(kind, refused.code)}), 422
    flash(_("Thank you. It is shown as soon as an administrator has looked at it."), "success")
    return redirect(url_for("provider.activity", activity_ref=activity_ref), 303)


@blueprint.post("/activities/<activity_ref>/content/<uuid:content>/<any(remove, earlier, later):move>")
@needs(Permission.PROVIDER_CONTENT_WRITE)
def change_content(activity_ref: str, content: UUID, move: str) -> AnyResponse:
    """Take it off, or let a picture change places with the one before or after it."""
    session, found = database(), _own(content)
    try:
        if move == "remove":
            remove_content(session, found, visitor().person.id, now())
        else:
            move_picture(session, found, earlier=move == "earlier")
        session.commit()
    except IllegalStep:
        session.rollback()
        flash(_("That was done before. How it stands is shown below."), "wait")
    return redirect(url_for("provider.activity", activity_ref=activity_ref), 303)


@blueprint.get("/content/<uuid:content>")
@needs(Permission.PROVIDER_CONTENT_WRITE)
def content_file(content: UUID) -> Response:
    """A picture or a document of the provider's own, shown or not."""
    return private_file(_own(content))


def _own(content_id: UUID) -> ActivityContent:
    found = own_content(database(), acting_provider().id, content_id)
    if found is None:
        abort(404)
    return found


def _file(kind: ContentKind) -> Picture | Document | None:
    """The file that came with the form, looked at. ContentRefused, also where none was chosen."""
    if kind == ContentKind.SUMMARY:
        return None
    upload = read_upload("file")
    content = upload.content if upload is not None else b""
    return check_picture(content) if kind == ContentKind.PICTURE else check_document(content)


def _page(activity_ref: str, part: str = "", errors: dict[str, str] | None = None) -> str:
    """The page; after a form of `part` was refused, with what was typed in it."""
    session, provider = database(), acting_provider()
    if not is_own_activity(session, provider.id, activity_ref):
        abort(404)
    added = content_for_provider(session, provider.id, activity_ref)
    typed = {"text": request.form.get("text", ""), "language": request.form.get("language", "")}
    fresh = {"text": "", "language": request_language()}
    return render_template(
        "provider/activity.html",
        provider=provider,
        activity=session.get_one(Activity, activity_ref),
        pieces={kind: [each for each in added if each.kind == kind] for kind in ContentKind},
        language_options=[(code, language_name(code)) for code in LANGUAGES],
        typed={name: typed if name == part else fresh for name in _KINDS},
        errors=errors or {},
        summary_max=SUMMARY_MAX,
        text_max=TEXT_MAX,
    )
