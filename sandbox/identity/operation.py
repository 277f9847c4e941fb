"""What every call of a realm goes through: queued faults, one transaction, the call log."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue

from sandbox.identity.faults import Fault, suffer, take_fault
from sandbox.identity.provider import Provider, provider, realm_or_404
from sandbox.identity.store import now

# Operations that a fault can be queued for, besides * for any of them.
OPERATIONS = ("configuration", "certs", "auth", "sign_in", "token", "userinfo", "logout", "revoke")
# What is worth knowing about a call and no secret.
_TOLD = (
    *(
        "client_id",
        "grant_type",
        "response_type",
        "scope",
        "redirect_uri",
        "post_logout_redirect_uri",
        "prompt",
    ),
    *(
        "max_age",
        "acr_values",
        "ui_locales",
        "kc_locale",
        "login_hint",
        "code_challenge_method",
        "token_type_hint",
    ),
)


def operation(name: str) -> Callable[[Callable[..., ResponseReturnValue]], Callable[..., Response]]:
    """Make a view of a realm (its first argument) one of the OPERATIONS."""

    def decorate(act: Callable[..., ResponseReturnValue]) -> Callable[..., Response]:
        @wraps(act)
        def view(realm: str, **path: Any) -> Response:
            realm_or_404(realm)
            here = provider()

            def in_transaction() -> Response:
                with here.store.transaction():
                    return current_app.make_response(act(realm, **path))

            fault = take_fault(here, name)
            response = suffer(here, realm, fault, in_transaction)
            _log_call(here, name, realm, response, fault)
            here.bell.set()
            return response

        return view

    return decorate


def _log_call(here: Provider, name: str, realm: str, response: Response, fault: Fault | None) -> None:
    asked = {key: request.values[key] for key in _TOLD if key in request.values}
    if request.authorization and request.authorization.type == "basic":
        asked.setdefault("client_id", request.authorization.username or "")
    with here.store.transaction() as db:
        db.execute(
            "INSERT INTO call (at, operation, realm, method, path, asked, status, error, fault) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(now(db), name, realm, request.method, request.path, json.dumps(asked)),
                *(response.status_code, _error(response), fault.kind if fault else None),
            ),
        )


def _error(response: Response) -> str | None:
    """The OAuth error of a JSON answer or of a redirect."""
    if response.is_json and not response.is_streamed:  # one that breaks off cannot be read
        answer = response.get_json(silent=True)
        return answer.get("error") if isinstance(answer, dict) else None
    return next(iter(parse_qs(urlsplit(response.location or "").query).get("error", [])), None)
