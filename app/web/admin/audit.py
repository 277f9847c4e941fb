"""The audit trail: read only, newest first."""

from flask import render_template, request, url_for
from flask_babel import gettext as _

from app.domain.audit.queries import read_trail
from app.domain.audit.record import Event
from app.domain.people.permissions import Permission
from app.extensions import database
from app.web.admin.blueprint import blueprint
from app.web.support.gate import needs

_ID_DIGITS = 18
_ENTITY_ID_MAX = 100


@blueprint.get("/audit")
@needs(Permission.PLATFORM_AUDIT_READ)
def audit() -> str:
    """`event`: one kind; `entity`: all about one thing; `before`: older than this row."""
    before = request.args.get("before", "")
    event = request.args.get("event", "")
    entity = request.args.get("entity", "").strip()[:_ENTITY_ID_MAX]
    known = event if event in set(Event) else None
    page = read_trail(
        database(),
        before=int(before) if before.isascii() and before.isdigit() and len(before) <= _ID_DIGITS else None,
        event=known,
        entity_id=entity or None,
    )
    older = url_for("admin.audit", before=page.older, event=known, entity=entity or None)
    return render_template(
        "admin/audit.html",
        trail=page,
        older=older if page.older is not None else "",
        event_options=[("", _("All")), *((each.value, each.value) for each in sorted(Event))],
        event=known or "",
        entity=entity,
        first=not before,
    )
