"""Is the registry there?"""

from flask import Blueprint

from sandbox.registry.idempotency import Answer
from sandbox.registry.operations import operation

pages = Blueprint("health", __name__)


@pages.get("/v1/health")
@operation("getHealth")
def health() -> Answer:
    return {"status": "ok", "contract_version": "1.0.0", "environment": "sandbox"}, 200
