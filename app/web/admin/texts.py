"""Texts, pictures and documents that the public reads, or would: what waits, and how those of one order or project stand."""

from datetime import datetime
from uuid import UUID

from flask import Response, abort, render_template, request, url_for

from app.domain.audit.queries import read_trail
from app.domain.catalogue.models import Activity
from app.domain.certificates.queries import certificate_by_code
from app.domain.content.queries import content_of_activity, content_with_file
from app.domain.moderation.queries import read_queue, texts_of_order
from app.domain.orders.attention import order_for_administrators
from app.domain.orders.models import Order
from app.domain.people.permissions import Permission
from app.extensions import database
from app.web.admin.blueprint import blueprint
from app.web.support.certificate_codes import canonical_code
from app.web.support.content_files import private_file
from app.web.support.gate import needs

_FIND_MAX = 60


@blueprint.get("/texts")
@needs(Permission.PLATFORM_TEXTS_MODERATE)
def texts() -> str:
    """What waits, the oldest first. `find`: an order's number, a certificate's code, a project's reference."""
    wanted = request.args.get("find", "").strip()[:_FIND_MAX]
    if wanted:
        return _found(wanted)
    page = read_queue(database(), _key(request.args.get("after", "")))
    after = f"{page.after[0].isoformat()}~{page.after[1]}" if page.after else ""
    return render_template(
        "admin/texts.html",
        queue=page.rows,
        later=url_for("admin.texts", after=after) if after else "",
        first=not request.args.get("after"),
        find="",
        order=None,
        activity=None,
    )


@blueprint.get("/content/<uuid:content>")
@needs(Permission.PLATFORM_TEXTS_MODERATE)
def content_file(content: UUID) -> Response:
    """A picture or a document, shown or not, in no cache."""
    found = content_with_file(database(), content)
    if found is None:
        abort(404)
    return private_file(found)


def _found(wanted: str) -> str:
    """The texts of the order, or what is shown of the project, that was looked for; 200 where there is neither."""
    session = database()
    order = _order(wanted)
    activity = session.get(Activity, wanted) if order is None and wanted.isprintable() else None
    texts = texts_of_order(session, order) if order is not None else []
    return render_template(
        "admin/texts.html",
        find=wanted,
        order=order,
        texts=[
            (each, read_trail(session, entity_id=str(each.row.id)).rows if each.row is not None else ())
            for each in texts
        ],
        activity=activity,
        pieces=content_of_activity(session, activity.activity_ref) if activity is not None else [],
    )


def _order(wanted: str) -> Order | None:
    code = canonical_code(wanted)
    certificate = certificate_by_code(database(), code) if code is not None else None
    if certificate is not None:
        return certificate.order
    return order_for_administrators(database(), wanted.upper())


def _key(typed: str) -> tuple[datetime, UUID] | None:
    """Where a page of the queue begins; None, the first page, for what is no key."""
    at, _, last = typed.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(last)) if moment.tzinfo is not None else None
    except ValueError:
        return None
