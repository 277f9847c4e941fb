"""Complaints that stand, the most urgent first."""

from uuid import UUID

from flask import render_template, request, url_for

from app.domain.people.permissions import Permission
from app.domain.threads.queries import read_complaints
from app.extensions import database
from app.web.admin.blueprint import blueprint
from app.web.support.gate import needs


@blueprint.get("/complaints")
@needs(Permission.PLATFORM_ORDERS_READ)
def complaints() -> str:
    """Those with administrators first, then by the time that the provider has. `after`: the page after this one."""
    try:
        after = UUID(request.args.get("after", ""))
    except ValueError:
        after = None
    page = read_complaints(database(), after=after)
    return render_template(
        "admin/complaints.html",
        complaints=page.complaints,
        more=url_for("admin.complaints", after=page.after) if page.after is not None else "",
        first=after is None,
    )
