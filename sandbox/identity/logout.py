"""Ending a session because a client asks: in the browser with a hint, or directly with its refresh token."""

from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from authlib.oidc.rpinitiated import EndSessionEndpoint
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from joserfc.jwk import KeySet

from sandbox.identity.browser import drop_cookie, page, read_cookie
from sandbox.identity.grants import use_refresh_token
from sandbox.identity.operation import operation
from sandbox.identity.provider import provider
from sandbox.identity.sessions import end_session, find_by_cookie

views = Blueprint("identity_logout", __name__)


class EndSession(EndSessionEndpoint):
    """Which session: that of the ID token's `sid`, else that of the browser."""

    def get_server_jwks(self) -> KeySet:
        return KeySet([self.server.provider.keys[self.server.realm]])

    def get_algorithms(self) -> list[str]:
        return ["RS256"]

    def end_session(self, end_session_request: Any) -> None:
        claims = end_session_request.id_token_claims
        with self.server.provider.store.transaction() as db:
            here = find_by_cookie(db, self.server.realm, read_cookie(self.server.realm))
            sid = claims["sid"] if claims else here.session.id if here else None
            if sid is not None:
                end_session(db, sid)
        self.server.provider.bell.set()


@views.get("/realms/<realm>/protocol/openid-connect/logout")
@operation("logout")
def sign_out(realm: str) -> ResponseReturnValue:
    """With a genuine `id_token_hint` at once and back to the client; otherwise the person is asked."""
    server = provider().servers[realm]
    try:
        asked = server.validate_endpoint_request("end_session")
    except OAuth2Error:
        return page("error.html", 400, message="Invalid parameter: id_token_hint")
    back = request.args.get("post_logout_redirect_uri")
    if back and not request.args.get("id_token_hint") and not request.args.get("client_id"):
        return page("error.html", 400, message="Missing parameters: id_token_hint")
    if back and asked.id_token_claims and not asked.redirect_uri:
        return page("error.html", 400, message="Invalid redirect uri")
    if asked.needs_confirmation:
        return page("confirm_sign_out.html", realm=realm)
    return drop_cookie(_done(server, asked), realm)


@views.post("/realms/<realm>/protocol/openid-connect/logout")
@operation("logout")
def sign_out_by_client(realm: str) -> ResponseReturnValue:
    """A client with its `refresh_token`: 204. Without one: the person has confirmed."""
    server = provider().servers[realm]
    if "refresh_token" not in request.form:
        asked = server.validate_endpoint_request("end_session")
        return drop_cookie(_done(server, asked), realm)
    wanted = server.create_oauth2_request(None)
    try:
        client = server.authenticate_client(wanted, ["client_secret_basic", "client_secret_post"])
        with provider().store.transaction() as db:
            token = use_refresh_token(db, client, request.form["refresh_token"])
            end_session(db, token.session_id)
    except OAuth2Error as error:
        refused: Response = server.handle_error_response(wanted, error)
        return refused
    return Response(status=204)


def _done(server: Any, asked: Any) -> Response:
    answer: Response | None = server.create_endpoint_response("end_session", asked)
    return answer or page("signed_out.html")
