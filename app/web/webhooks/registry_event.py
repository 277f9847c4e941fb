"""Events of the registry."""

import structlog
from flask import Response, current_app, request

from app.domain.payments.keep_notification import keep_registry_event
from app.extensions import database, limiter, now
from app.integrations.registry.events import EventRefused, verify_event
from app.web.webhooks.blueprint import blueprint

log = structlog.get_logger(__name__)


@blueprint.post("/registry")
@limiter.limit("600 per minute")
def receive_registry_event() -> tuple[Response, int]:
    """204 when taken, now or before; 400 when the signature is not the registry's."""
    raw = request.get_data()
    secret = current_app.config["SETTINGS"].registry_event_secret
    try:
        event = verify_event(raw, request.headers.get("Registry-Signature", ""), secret, now())
    except EventRefused as refused:
        log.warning("registry event refused", code=refused.code)
        return Response(status=400), 400
    session = database()
    keep_registry_event(session, event.event_id, event.type, event.resource_id, raw, now())
    session.commit()
    return Response(status=204), 204
