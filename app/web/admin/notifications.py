"""What gateways told about no payment of ours: verified, looked up for a day, and for a person to find out about."""

from flask import render_template

from app.domain.payments.queries import given_up_notifications
from app.domain.people.permissions import Permission
from app.extensions import database
from app.web.admin.blueprint import blueprint
from app.web.support.gate import needs


@blueprint.get("/notifications")
@needs(Permission.PLATFORM_PAYMENTS_READ)
def notifications() -> str:
    """The newest hundred."""
    return render_template("admin/notifications.html", notifications=given_up_notifications(database()))
