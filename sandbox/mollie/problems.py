"""Errors in Mollie's shape: {"status", "title", "detail", "field"}."""

from http import HTTPStatus

from flask import Response, jsonify

_DOCUMENTATION = "https://docs.mollie.com/reference/handling-errors"


class Problem(Exception):
    """Raised in a handler, it undoes the handler's transaction and becomes the answer."""

    def __init__(self, status: int, detail: str, field: str | None = None) -> None:
        super().__init__(f"{status} {detail}")
        self.status, self.detail, self.field = status, detail, field


def wrong(field: str, detail: str) -> Problem:
    """A value that is missing or makes no sense."""
    return Problem(422, detail, field)


def answer(problem: Problem) -> Response:
    """The JSON answer to a problem."""
    body = {
        "status": problem.status,
        "title": HTTPStatus(problem.status).phrase,
        "detail": problem.detail,
        **({"field": problem.field} if problem.field else {}),
        "_links": {"documentation": {"href": _DOCUMENTATION, "type": "text/html"}},
    }
    response = jsonify(body)
    response.status_code = problem.status
    response.mimetype = "application/hal+json"
    if problem.status in (429, 503):
        response.headers["Retry-After"] = "1"
    return response
