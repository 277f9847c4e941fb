"""Registered activities."""

from flask import Blueprint

from sandbox.registry import shapes
from sandbox.registry.idempotency import Answer
from sandbox.registry.operations import operation, registry
from sandbox.registry.paging import page
from sandbox.registry.problems import Problem

pages = Blueprint("activities", __name__)
SCOPE = "activities:read"


@pages.get("/v1/activities")
@operation("listActivities", service=SCOPE, delegated=SCOPE)
def list_activities() -> Answer:
    with registry().store.read() as db:
        return page(db, "SELECT * FROM activity", "change", shapes.activity, updated="updated_at"), 200


@pages.get("/v1/activities/<activity_ref>")
@operation("getActivity", service=SCOPE, delegated=SCOPE)
def get_activity(activity_ref: str) -> Answer:
    with registry().store.read() as db:
        row = db.execute("SELECT * FROM activity WHERE activity_ref = ?", (activity_ref,)).fetchone()
    if row is None:
        raise Problem("not_found", "There is no such activity.")
    return shapes.activity(row), 200
