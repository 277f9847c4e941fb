"""Structured logs: one JSON object a line, with the request's id and the order it is about."""

import logging
import sys
import time
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog

if TYPE_CHECKING:
    from flask import Flask, Response

log = structlog.get_logger(__name__)


def set_up(level: str) -> None:
    """Send everything, our own and the libraries', through one JSON formatter to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # httpx writes whole addresses, and addresses can carry tokens.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    # Jobs write a line of their own; the queue's, for every look at the clock, would bury them.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)


def about_order(number: str) -> None:
    """From here on every line of this request or job names the order."""
    structlog.contextvars.bind_contextvars(order=number)


def init_app(app: "Flask") -> None:
    # Here, because a command that has no pages logs, too.
    from flask import g, request  # noqa: PLC0415

    @app.before_request
    def begin() -> None:
        g.request_id = uuid4().hex[:16]
        g.request_began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: "Response") -> "Response":
        response.headers["X-Request-Id"] = g.get("request_id", "")
        took = time.perf_counter() - g.get("request_began", time.perf_counter())
        # The rule, not the path: paths carry the tokens that open an order.
        rule = request.url_rule.rule if request.url_rule else "unknown"
        log.info(
            "request", method=request.method, rule=rule, status=response.status_code, ms=round(took * 1000, 1)
        )
        return response
