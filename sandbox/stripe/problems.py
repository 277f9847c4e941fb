"""Errors in Stripe's shape: {"error": {"type", "code", "message", "param"}}."""

import secrets

from flask import Response, jsonify

_TYPES = {
    401: "invalid_request_error",
    402: "card_error",
    403: "invalid_request_error",
    429: "invalid_request_error",
    500: "api_error",
    503: "api_error",
}


class Problem(Exception):
    """Raised in a handler, it undoes the handler's transaction and becomes the answer.

    `kept`: under an idempotency key Stripe repeats this answer; it does not where parameters were wrong, or
    nothing had begun.
    """

    def __init__(
        self,
        status: int,
        code: str | None,
        message: str,
        *,
        param: str | None = None,
        kind: str | None = None,
        kept: bool = False,
    ) -> None:
        super().__init__(f"{status} {code or ''}")
        self.status = status
        self.kept = kept
        self.error: dict[str, str] = {
            "message": message,
            "type": kind or _TYPES.get(status, "invalid_request_error"),
        }
        if code:
            self.error |= {
                "code": code,
                "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
            }
        if param:
            self.error["param"] = param


def wrong(param: str, message: str, code: str = "parameter_invalid_string") -> Problem:
    """A parameter that is missing or makes no sense."""
    return Problem(400, code, message, param=param)


def answer(problem: Problem) -> Response:
    """The JSON answer to a problem."""
    response = jsonify({"error": problem.error})
    response.status_code = problem.status
    response.headers["Request-Id"] = f"req_{secrets.token_hex(7)}"
    if problem.status in (429, 503):
        response.headers["Retry-After"] = "1"
    return response
