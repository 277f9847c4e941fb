"""Problem documents (RFC 9457) with the contract's stable codes."""

from typing import Any

from flask import Flask, Response, json
from werkzeug.exceptions import HTTPException, MethodNotAllowed

STATUS = {
    "unauthenticated": 401,
    "forbidden": 403,
    "account_suspended": 403,
    "mandate_revoked": 403,
    "not_found": 404,
    "insufficient_units": 409,
    "block_not_available": 409,
    "duplicate_client_reference": 409,
    "idempotency_in_progress": 409,
    "idempotency_mismatch": 422,
    "purpose_not_authorized": 422,
    "validation_error": 422,
    "rate_limited": 429,
    "registry_unavailable": 503,
}
# Answers about the books, kept under the idempotency key; the others say that nothing was looked at.
FINAL = {
    "account_suspended",
    "mandate_revoked",
    "not_found",
    "insufficient_units",
    "block_not_available",
    "duplicate_client_reference",
    "purpose_not_authorized",
}


class Problem(Exception):
    """A refusal on its way to the caller. `code` is one of the contract's."""

    def __init__(self, code: str, detail: str, retry_after: int | None = None, **members: Any) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.status = STATUS[code]
        self.final = code in FINAL
        self.retry_after = retry_after
        self.body = {
            "type": f"urn:sandbox-registry:problem:{code}",
            "title": code.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": detail,
            "code": code,
            **members,
        }

    def response(self) -> Response:
        answer = problem_response(self.body, self.status)
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return answer


def problem_response(body: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(body), status, mimetype="application/problem+json")


def invalid(field: str, message: str) -> Problem:
    """validation_error about one field (dotted path)."""
    return Problem("validation_error", f"{field}: {message}", errors=[{"field": field, "message": message}])


def register_problems(app: Flask) -> None:
    """Answer every refusal, an unknown path included, with a problem document."""
    app.register_error_handler(Problem, lambda problem: problem.response())

    @app.errorhandler(404)
    def unknown_path(_error: HTTPException) -> Response:
        return Problem("not_found", "There is no such resource.").response()

    @app.errorhandler(405)
    def unknown_method(error: MethodNotAllowed) -> Response:
        # The contract has no code of its own for this; the status says it.
        answer = Problem("not_found", "This resource has no such method.").response()
        answer.status_code = 405
        answer.set_data(json.dumps({**answer.get_json(), "status": 405}))
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return answer
