"""Notifications of payment gateways: a hint to go and look, never the truth itself."""

import json
from dataclasses import replace
from uuid import UUID

import structlog
from flask import Response, abort, request
from sqlalchemy import select

from app.domain.payments.facts import account_of
from app.domain.payments.keep_notification import keep_payment_notification
from app.domain.payments.methods import METHODS
from app.domain.payments.models import ProviderPayeeAccount
from app.extensions import database, limiter, neighbours, now, works
from app.integrations.errors import TryAgain
from app.integrations.gateways.interface import CONNECT, SHARED_RECEIVERS, NotificationRefused
from app.web.webhooks.blueprint import blueprint

log = structlog.get_logger(__name__)


def _account_in_address() -> str:
    return str((request.view_args or {}).get("account", "connect"))


@blueprint.post("/<gateway>/<uuid:account>")
# One provider's flood must not silence the others'.
@limiter.limit("600 per minute", key_func=_account_in_address)
def receive_payment_notification(gateway: str, account: UUID) -> tuple[Response, int]:
    """200 when taken, now or before; 400 when it is not the gateway's; 503 to be sent again later."""
    row = database().get(ProviderPayeeAccount, account)
    wanted = row is not None and row.gateway == gateway and METHODS[gateway].by_service
    if row is None or not wanted or row.mode in SHARED_RECEIVERS:
        abort(404)
    return receive(row)


@blueprint.post("/<gateway>/connect")
@limiter.limit("6000 per minute", key_func=_account_in_address)
def receive_connect_notification(gateway: str) -> tuple[Response, int]:
    """Of all accounts that are connected to the platform's: whose it is stands in the event."""
    row = (
        database()
        .execute(
            select(ProviderPayeeAccount).where(
                ProviderPayeeAccount.gateway == gateway,
                ProviderPayeeAccount.mode == CONNECT,
                ProviderPayeeAccount.external_id == _named_account(request.get_data()),
            )
        )
        .scalar_one_or_none()
    )
    if row is None:
        log.warning("notification refused", gateway=gateway, account="connect", code="account")
        return Response(status=400), 400
    return receive(row)


def _named_account(raw: bytes) -> str:
    """The account that an event says it is of, before anything is verified; "" where it says none."""
    try:
        return str(json.loads(raw)["account"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def receive(row: ProviderPayeeAccount, webhook_id: str = "") -> tuple[Response, int]:
    """Verify the request's notification for this account and keep it; see above for the answers.

    `webhook_id`: what it came by, where the account has no webhook of its own yet.
    """
    session, gateway, account = database(), row.gateway, row.id
    payee = account_of(row, works().sealer)
    payee = replace(payee, webhook_id=payee.webhook_id or webhook_id)
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
