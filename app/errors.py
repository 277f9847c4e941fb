"""Error pages. The last one needs nothing, so that showing an error cannot be an error."""

from http import HTTPStatus
from pathlib import Path
from typing import cast

import structlog
from flask import Flask, Response, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException

_PAGES = {400, 403, 404, 409, 413, 429, 500, 503}
log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(NoConnectionFree, _database_away)
    app.register_error_handler(Exception, _unexpected)


def _page(status: int, template: str | None = None, **context: object) -> tuple[str | Response, int]:
    wants_json = request.path.endswith(".json") or request.path in {"/healthz", "/readyz"}
    if wants_json or request.path.startswith("/webhooks/"):
        return Response(f'{{"status": {status}}}\n', mimetype="application/json"), status
    nearest = status if status in _PAGES else 500 if status > 500 else 400
    name = template or f"errors/{nearest}.html"
    try:
        return render_template(name, request_id=g.get("request_id", ""), **context), status
    except Exception:
        log.exception("error page failed", template=name)
        failsafe = Path(__file__).parent / "templates" / "errors" / "failsafe.html"
        return failsafe.read_text(encoding="utf-8"), status


def _expired_form(error: CSRFError) -> tuple[str | Response, int]:
    log.info("csrf refused", reason=error.description)
    return _page(400, "errors/400.html", expired_form=True)


def _http_error(error: HTTPException) -> Response | tuple[str | Response, int]:
    status = error.code or 500
    if status < HTTPStatus.BAD_REQUEST:
        return cast("Response", Response.force_type(error.get_response()))  # a redirect
    body, status = _page(status)
    response = Response(body) if isinstance(body, str) else body
    # Headers such as Allow and Retry-After are part of the answer.
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    response.status_code = status
    return response


def _database_away(error: OperationalError | NoConnectionFree) -> tuple[str | Response, int]:
    log.error("database away", error=str(getattr(error, "orig", error)))
    return _page(503)


def _unexpected(error: Exception) -> tuple[str | Response, int]:
    log.error("unexpected error", exc_info=error)
    return _page(500)
