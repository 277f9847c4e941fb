"""The authorization endpoint: is who is signed in enough for what a client asks? If so, back with a code."""

import sqlite3
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from authlib.oauth2 import OAuth2Error
from flask import Response, request

from sandbox.identity.browser import page, read_cookie, set_cookie
from sandbox.identity.provider import provider
from sandbox.identity.sessions import SignedIn, begin_session, end_session, find_by_cookie, sign_in_again
from sandbox.identity.store import now


class Needs(Enum):
    """What the person has to do before they are sent back."""

    NOTHING = auto()
    SECOND_FACTOR = auto()
    SIGN_IN = auto()


@dataclass(frozen=True)
class Asked:
    """An authorization request that is in order. `signed_in`: in this browser, whether or not that is enough."""

    realm: str
    server: Any
    grant: Any
    signed_in: SignedIn | None
    needs: Needs

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
    needs = _what_is_needed(db, signed_in)
    try:
        grant = server.get_consent_grant(end_user=signed_in if needs is Needs.NOTHING else None)
    except OAuth2Error as error:
        return _refusal(server, error)
    return Asked(realm, server, grant, signed_in, needs)


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


def _what_is_needed(db: sqlite3.Connection, signed_in: SignedIn | None) -> Needs:
    if signed_in is None or signed_in.person.disabled:
        return Needs.SIGN_IN
    if {"login", "create"} & set(request.args.get("prompt", "").split()):
        return Needs.SIGN_IN
    max_age = request.args.get("max_age")
    if max_age and now(db) - signed_in.session.auth_time > int(max_age):
        return Needs.SIGN_IN
    # As at Keycloak, an administrator's code is asked for each time, whoever is signed in.
    lacks = signed_in.person.must_use_second_factor or (
        _wants_second_factor() and signed_in.session.acr != "2"
    )
    return Needs.SECOND_FACTOR if lacks and signed_in.person.totp_secret else Needs.NOTHING


def _wants_second_factor() -> bool:
    return "2" in request.args.get("acr_values", "").split()


def _refusal(server: Any, error: OAuth2Error) -> Response:
    if not error.redirect_uri:
        return page("error.html", 400, message=error.get_error_description() or error.error)
    answer: Response = server.handle_error_response(None, error)
    server.issuer_parameter.add_issuer_parameter(server, answer)
    return answer
