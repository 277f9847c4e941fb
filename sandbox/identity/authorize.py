"""The authorization endpoint: is who is signed in enough for what a client asks? If so, back with a code."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error
from flask import Response, request

from sandbox.identity.browser import page, read_cookie, set_cookie
from sandbox.identity.provider import provider
from sandbox.identity.sessions import SignedIn, begin_session, end_session, find_by_cookie, sign_in_again
from sandbox.identity.store import now


@dataclass(frozen=True)
class Asked:
    """An authorization request that is in order. `signed_in`: in this browser, whether or not it is enough."""

    realm: str
    server: Any
    grant: Any
    signed_in: SignedIn | None
    enough: bool

    @property
    def redirect_uri(self) -> str:
        return str(self.grant.redirect_uri)

    @property
    def wants_second_factor(self) -> bool:
        return _wants_second_factor()


def read_request(db: sqlite3.Connection, realm: str) -> Asked | Response:
    """The authorization request in the query; the answer to it when it is wrong, or may not ask and would have to."""
    server = provider().servers[realm]
    signed_in = find_by_cookie(db, realm, read_cookie(realm))
    max_age = request.args.get("max_age", "")
    if not max_age.isdigit() and max_age:
        return page("error.html", 400, message="Invalid parameter: max_age")
    enough = signed_in is not None and _is_enough(db, signed_in)
    try:
        grant = server.get_consent_grant(end_user=signed_in if enough else None)
    except OAuth2Error as error:
        return _refusal(server, error)
    return Asked(realm, server, grant, signed_in, enough)


def send_back(asked: Asked, signed_in: SignedIn) -> Response:
    """To the client, with a code for this person."""
    answer: Response = asked.server.create_authorization_response(grant_user=signed_in, grant=asked.grant)
    return answer


def finish(db: sqlite3.Connection, asked: Asked, person: Any, acr: str) -> Response:
    """The person has just shown who they are: begin or renew the session, and back to the client."""
    before = asked.signed_in
    if before and before.person.id == person.id:
        session, cookie = sign_in_again(db, before.session, acr)
    else:
        if before:
            end_session(db, before.session.id)
        session, cookie = begin_session(db, person, acr)
    return set_cookie(send_back(asked, SignedIn(person, session)), asked.realm, cookie)


def _is_enough(db: sqlite3.Connection, signed_in: SignedIn) -> bool:
    if signed_in.person.disabled or {"login", "create"} & set(request.args.get("prompt", "").split()):
        return False
    max_age = request.args.get("max_age")
    if max_age and now(db) - signed_in.session.auth_time > int(max_age):
        return False
    lacks = _wants_second_factor() and signed_in.session.acr != "2"
    return not (lacks and signed_in.person.totp_secret)


def _wants_second_factor() -> bool:
    return "2" in request.args.get("acr_values", "").split()


def _refusal(server: Any, error: OAuth2Error) -> Response:
    if not error.redirect_uri:
        return page("error.html", 400, message=error.get_error_description() or error.error)
    answer: Response = server.handle_error_response(None, error)
    server.issuer_parameter.add_issuer_parameter(server, answer)
    return answer
