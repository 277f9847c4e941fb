"""The audit trail: searched, exported, and whether it is whole."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from jinja2_fragments.flask import render_block
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.domain.audit.queries import ACTORS, TrailSearch, every_row, last_check, reason_of, search_trail
from app.domain.audit.record import Event, record
from app.domain.later import defer, waited_for
from app.domain.people.permissions import Permission
from app.extensions import database, limiter, now
from app.web.admin.blueprint import blueprint
from app.web.support.csv_stream import csv_stream
from app.web.support.gate import needs, visitor

_ID_DIGITS = 18
_TEXT_MAX = 254
_COLUMNS = (
    *("id", "at", "event", "actor", "person", "person_id"),
    *("entity", "entity_id", "order", "reason", "payload"),
)


@blueprint.get("/audit")
@needs(Permission.PLATFORM_AUDIT_READ)
def audit() -> AnyResponse:
    """What is looked for is in the query; `before`: older than this row. For htmx only whether the trail is whole."""
    session, (search, errors) = database(), _search(request.args)
    about = {"check": last_check(session), "checking": bool(waited_for(session, "check_trail"))}
    if "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers:
        return make_response(render_block("admin/audit.html", "check", **about))
    before = request.args.get("before", "")
    page = search_trail(
        session,
        search,
        before=int(before) if before.isascii() and before.isdigit() and len(before) <= _ID_DIGITS else None,
    )
    asked: dict[str, Any] = search.as_json()
    return make_response(
        render_template(
            "admin/audit.html",
            trail=page,
            newest=url_for("admin.audit", **asked) if before else "",
            older=url_for("admin.audit", before=page.older, **asked) if page.older is not None else "",
            event_options=[("", _("All")), *((each.value, each.value) for each in sorted(Event))],
            actor_options=[("", _("Anybody")), *((each, each) for each in ACTORS)],
            search=search,
            asked=asked,
            typed={name: request.args.get(name, "") for name in ("since", "until")},
            errors=errors,
            **about,
        )
    )


@blueprint.post("/audit/export")
@needs(Permission.PLATFORM_AUDIT_READ)
@limiter.limit("20 per hour")
def export_trail() -> Response:
    """Every row that is looked for, as CSV. A POST, because the trail notes it."""
    session, (search, _errors) = database(), _search(request.form)
    me = visitor().person.id
    record(
        session,
        Event.TRAIL_EXPORTED,
        "audit_event",
        "all",
        now(),
        actor="administrator",
        person_id=me,
        filters=search.as_json(),
    )
    session.commit()
    reading = current_app.extensions["vcp_reading"]
    return Response(
        csv_stream(_COLUMNS, _exported(reading(), search)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="audit-trail-{now():%Y-%m-%d}.csv"'},
    )


@blueprint.post("/audit/check")
@needs(Permission.PLATFORM_AUDIT_READ)
def check_trail() -> AnyResponse:
    """Have the whole trail verified by a job: it takes longer, the longer the trail is."""
    session = database()
    if not waited_for(session, "check_trail"):
        defer(session, "check_trail", person_id=visitor().person.id)
        session.commit()
    flash(_("The trail is being verified."), "info")
    return redirect(url_for("admin.audit"), 303)


def _exported(session: Session, search: TrailSearch) -> Iterator[list[object]]:
    with session:
        for row, person, number in every_row(session, search):
            yield [
                row.id,
                row.at.isoformat(),
                row.event,
                row.actor,
                (person.name if person else "") or "",
                row.actor_person_id or "",
                row.entity,
                row.entity_id,
                number or "",
                reason_of(row),
                json.dumps(row.payload, ensure_ascii=False, sort_keys=True),
            ]


def _search(fields: Mapping[str, str]) -> tuple[TrailSearch, dict[str, str]]:
    """What the fields say; what is no event and no actor is not asked about. Messages for days that are none."""
    errors: dict[str, str] = {}

    def text(name: str) -> str:
        # PostgreSQL takes no NUL, and nothing unprintable was ever written.
        return "".join(filter(str.isprintable, fields.get(name, ""))).strip()[:_TEXT_MAX]

    def day(name: str) -> date | None:
        try:
            return date.fromisoformat(text(name)) if text(name) else None
        except ValueError:
            errors[name] = _("Enter a day, such as 2026-11-30.")
            return None

    event, actor = text("event"), text("actor")
    search = TrailSearch(
        event=event if event in set(Event) else "",
        actor=actor if actor in ACTORS else "",
        person=text("person"),
        entity=text("entity"),
        order=text("order"),
        since=day("since"),
        until=day("until"),
        reason=text("reason"),
    )
    return search, errors
