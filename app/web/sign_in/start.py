"""On to the identity provider: to sign in, to make an account, or to prove once more who one is."""

import secrets

import structlog
from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.people.begin_attempt import begin_attempt
from app.domain.people.elevate_sign_in import SECOND_FACTOR
from app.domain.people.hashes import new_token
from app.domain.people.models import Realm
from app.domain.people.take_attempt import ATTEMPT_LIFETIME
from app.extensions import database, limiter, neighbours, now, works
from app.i18n import request_language
from app.integrations.errors import TryAgain
from app.web.sign_in.blueprint import blueprint
from app.web.support.next_page import safe_next
from app.web.support.signed_in import ProviderAway, Visitor, set_cookie, sign_in_url, signed_in

SCOPES = {
    Realm.PUBLIC: "openid profile email",
    Realm.REGISTRY: "openid profile email activities:read holdings:read mandates:write",
}
log = structlog.get_logger(__name__)


@blueprint.get("/sign-in")
@limiter.limit("60 per minute")
def sign_in() -> Response:
    """Buyers; whoever is signed in goes straight on."""
    return _set_out(Realm.PUBLIC)


@blueprint.get("/sign-up")
@limiter.limit("60 per minute")
def sign_up() -> Response:
    """Buyers who have no account yet."""
    return _set_out(Realm.PUBLIC, prompt="create")


@blueprint.get("/console/sign-in")
@limiter.limit("60 per minute")
def console_sign_in() -> Response:
    """Providers and administrators."""
    return _set_out(Realm.REGISTRY)


@blueprint.get("/console/elevate")
@limiter.limit("60 per minute")
def elevate() -> Response:
    """Whoever is signed in at the console proves it again, now and with a second factor."""
    visitor = signed_in(Realm.REGISTRY)
    next_page = safe_next(request.args.get("next"))
    if visitor is None:
        return redirect(sign_in_url(Realm.REGISTRY, url_for("sign_in.elevate", next=next_page)), 303)
    return _to_provider(Realm.REGISTRY, next_page, acr=SECOND_FACTOR, max_age=0, prompt="login", who=visitor)


def attempt_cookie_name() -> str:
    """The cookie that binds an attempt to the browser that began it."""
    return ("__Host-" if current_app.config["SESSION_COOKIE_SECURE"] else "") + "vcp-attempt"


def back_address(realm: Realm) -> str:
    """The redirect URI that is registered with the realm's client."""
    return current_app.config["SETTINGS"].public_url + url_for("sign_in_back.back", realm=realm.value)


def _set_out(realm: Realm, prompt: str | None = None) -> Response:
    next_page = safe_next(request.args.get("next"))
    if signed_in(realm):
        return redirect(next_page, 303)
    return _to_provider(realm, next_page, prompt=prompt)


def _to_provider(
    realm: Realm,
    next_page: str,
    *,
    acr: str | None = None,
    max_age: int | None = None,
    prompt: str | None = None,
    who: Visitor | None = None,
) -> Response:
    # Two windows of one browser may be on their way at once, so its token is kept while it lasts.
    browser = request.cookies.get(attempt_cookie_name()) or new_token()
    state, nonce, code_verifier = new_token(), new_token(), secrets.token_urlsafe(64)
    try:
        address = (
            neighbours()
            .identity[realm]
            .begin(
                back_address(realm),
                SCOPES[realm],
                state=state,
                nonce=nonce,
                code_verifier=code_verifier,
                language=request_language(),
                acr=acr,
                max_age=max_age,
                prompt=prompt,
            )
        )
    except TryAgain as error:
        log.warning("identity provider does not answer", realm=realm.value, code=error.code)
        raise ProviderAway(realm) from error
    begin_attempt(
        database(),
        now(),
        realm=realm,
        state=state,
        browser=browser,
        nonce=nonce,
        code_verifier_sealed=works().token_sealer.seal(code_verifier),
        next_page=next_page,
        language=request_language(),
        elevates=who.sign_in.id if who else None,
    )
    database().commit()
    response = redirect(address, 303)
    set_cookie(response, attempt_cookie_name(), browser, int(ATTEMPT_LIFETIME.total_seconds()))
    response.headers["Cache-Control"] = "no-store"
    return response
