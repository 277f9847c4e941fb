"""Cancellations inside a mandate."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, g, request

from sandbox.registry import cancellations, checks, shapes
from sandbox.registry.idempotency import Answer, act_once
from sandbox.registry.operations import caller, operation, registry
from sandbox.registry.paging import page
from sandbox.registry.problems import invalid
from sandbox.registry.store import stamp

pages = Blueprint("cancellations", __name__)
PURPOSES = {"voluntary_contribution", "voluntary_compensation", "event", "product", "travel", "other"}
READ = "cancellations:read"


@pages.post("/v1/cancellations")
@operation("requestCancellation", service="cancellations:write")
def request_cancellation() -> Answer:
    key = checks.idempotency_key()
    body = checks.json_body()
    fault = g.fault if g.fault and g.fault.kind == "accept_later" else None

    def act(db: sqlite3.Connection) -> Answer:
        _check(body)
        wanted = {**body, "quantity": checks.quantity("quantity", body["quantity"])}
        due_at = (
            stamp(datetime.now(UTC) + timedelta(seconds=fault.seconds)) if fault and fault.seconds else None
        )
        cancellation_id = cancellations.request_cancellation(
            db, wanted, later=fault is not None, due_at=due_at
        )
        return shapes.cancellation(db, cancellations.find(db, cancellation_id)), 202 if fault else 201

    return act_once(registry().store, caller(), key, body, act)


@pages.get("/v1/cancellations")
@operation("listCancellations", service=READ)
def list_cancellations() -> Answer:
    reference = request.args.get("client_reference")
    equal = (
        {} if reference is None else {"client_reference": checks.text("client_reference", reference, 0, 64)}
    )
    with registry().store.read() as db:
        return page(
            db,
            shapes.CANCELLATIONS,
            "change",
            lambda row: shapes.cancellation(db, row),
            updated="updated_at",
            **equal,
        ), 200


@pages.get("/v1/cancellations/<cancellation_id>")
@operation("getCancellation", service=READ)
def get_cancellation(cancellation_id: str) -> Answer:
    with registry().store.read() as db:
        return shapes.cancellation(db, cancellations.find(db, cancellation_id)), 200


def _check(body: dict[str, Any]) -> None:
    checks.fields(
        "", body, {"mandate_id", "quantity", "purpose", "client_reference", "beneficiary"}, {"reason"}
    )
    checks.text("mandate_id", body["mandate_id"])
    checks.one_of("purpose", body["purpose"], PURPOSES)
    checks.text("client_reference", body["client_reference"], 1, 64)
    checks.optional_text("reason", body.get("reason"), 0, 256)
    beneficiary = body["beneficiary"]
    if not isinstance(beneficiary, dict):
        raise invalid("beneficiary", "must be an object")
    checks.fields("beneficiary.", beneficiary, {"type", "disclosure"}, {"name", "country"})
    checks.one_of("beneficiary.type", beneficiary["type"], {"individual", "organisation"})
    checks.one_of("beneficiary.disclosure", beneficiary["disclosure"], {"public", "anonymous"})
    name = checks.optional_text("beneficiary.name", beneficiary.get("name"), 0, 200)
    checks.optional_text("beneficiary.country", beneficiary.get("country"), 2, 2)
    if beneficiary["disclosure"] == "anonymous" and name is not None:
        raise invalid("beneficiary.name", "must be absent where disclosure is anonymous")
