"""Mandates granted to the platform."""

from flask import Blueprint

from sandbox.registry import mandates, shapes
from sandbox.registry.api.accounts import check_represented
from sandbox.registry.idempotency import Answer
from sandbox.registry.operations import caller, operation, registry
from sandbox.registry.paging import page

pages = Blueprint("mandates", __name__)


@pages.get("/v1/mandates")
@operation("listMandates", service="mandates:read")
def list_mandates() -> Answer:
    with registry().store.read() as db:
        return page(db, shapes.MANDATES, "change", shapes.mandate, updated="updated_at"), 200


@pages.get("/v1/mandates/<mandate_id>")
@operation("getMandate", service="mandates:read", delegated="holdings:read")
def get_mandate(mandate_id: str) -> Answer:
    with registry().store.read() as db:
        mandate = mandates.find(db, mandate_id)
    if caller().kind == "delegated":
        check_represented(mandate["account_id"])
    return shapes.mandate(mandate), 200


@pages.delete("/v1/mandates/<mandate_id>")
@operation("revokeMandate", delegated="mandates:write")
def revoke_mandate(mandate_id: str) -> Answer:
    with registry().store.write() as db:
        check_represented(mandates.find(db, mandate_id)["account_id"])
        mandates.end(db, mandate_id, "revoked")
        return shapes.mandate(mandates.find(db, mandate_id)), 200
