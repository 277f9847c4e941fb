"""The administrators' first page: how the platform stands."""

from flask import render_template

from app.domain.payments.standing import standings
from app.domain.people.permissions import Permission
from app.domain.statistics.overview import platform_overview
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.support.charts import columns
from app.web.support.gate import needs


@blueprint.get("")
@needs(Permission.PLATFORM_OVERVIEW_READ)
def home() -> str:
    """Counts, the newest orders, and what was cancelled month by month."""
    overview = platform_overview(database(), now())
    return render_template(
        "admin/home.html",
        overview=overview,
        bars=columns([(month.first_day, month.units) for month in overview.months]),
        standings=standings(database(), overview.latest),
    )
