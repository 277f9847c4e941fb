"""Notifications of payment gateways: a hint to go and look, never the truth itself."""

from uuid import UUID

import structlog
from flask import Response, abort, request

from app.domain.payments.facts import account_of
from app.domain.payments.keep_notification import keep_payment_notification
from app.domain.payments.models import ProviderPayeeAccount
from app.extensions import database, limiter, neighbours, now, works
from app.integrations.errors import TryAgain
from app.integrations.gateways.interface import NotificationRefused
from app.web.webhooks.blueprint import blueprint

log = structlog.get_logger(__name__)


def _account_in_address() -> str:
    return str((request.view_args or {}).get("account", ""))


@blueprint.post("/<any(paypal):gateway>/<uuid:account>")
# One provider's flood must not silence the others'.
@limiter.limit("600 per minute", key_func=_account_in_address)
def receive_payment_notification(gateway: str, account: UUID) -> tuple[Response, int]:
    """200 when taken, now or before; 400 when it is not the gateway's; 503 to be sent again later."""
    session = database()
    row = session.get(ProviderPayeeAccount, account)
    if row is None or row.gateway != gateway:
        abort(404)
    payee = account_of(row, works().sealer)
    session.rollback()  # verifying may fetch a certificate: no transaction waits for that
    raw = request.get_data()
    try:
        hint = neighbours().gateways[gateway].verify(raw, dict(request.headers), payee, now())
    except NotificationRefused as refused:
        log.warning("notification refused", gateway=gateway, account=str(account), code=refused.code)
        return Response(status=400), 400
    except TryAgain as error:
        log.warning("notification not verified", gateway=gateway, account=str(account), code=error.code)
        return Response(status=503), 503
    keep_payment_notification(session, account, gateway, hint, raw, now())
    session.commit()
    return Response(status=200), 200
