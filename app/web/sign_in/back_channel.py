"""The identity provider says that somebody has signed out there."""

import structlog
from flask import Response, jsonify, request

from app.domain.people.end_by_logout_token import end_by_logout_token
from app.extensions import csrf, database, limiter, neighbours, now
from app.integrations.errors import Refused, TryAgain
from app.web.sign_in.blueprint import without_language

log = structlog.get_logger(__name__)


@without_language.post("/sign-in/<any(public, registry):realm>/back-channel-logout")
@csrf.exempt  # it is known by the token's signature
@limiter.limit("600 per minute")
def back_channel_logout(realm: str) -> tuple[Response, int]:
    """200 when it is done, now or before; 400 when the token is not genuine; 503 to be told again later."""
    try:
        logged_out = (
            neighbours().identity[realm].read_logout_token(request.form.get("logout_token", ""), now())
        )
    except Refused as refused:
        log.warning("logout token refused", realm=realm, reason=refused.code)
        return _answer({"error": "invalid_request"}), 400
    except TryAgain as error:
        log.warning("logout token not checked", realm=realm, code=error.code)
        return _answer({"error": "temporarily_unavailable"}), 503
    ended = end_by_logout_token(database(), logged_out, now())
    database().commit()
    log.info("signed out at the identity provider", realm=realm, sign_ins=ended)
    return _answer({}), 200


def _answer(body: dict[str, str]) -> Response:
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response
