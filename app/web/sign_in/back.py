"""Back from the identity provider: who is it, and is it who set out?"""

from typing import Any

import structlog
from flask import redirect, request, url_for
from flask import session as browser_session
from werkzeug.wrappers import Response

from app.domain.people.elevate_sign_in import ElevationRefused, elevate_sign_in
from app.domain.people.end_sign_in import end_sign_in
from app.domain.people.hashes import new_token
from app.domain.people.models import EndedWhy, Realm, SignIn, SignInAttempt
from app.domain.people.sealed_tokens import SealedTokens, seal_tokens
from app.domain.people.sign_in_person import PersonRefused, sign_in_person
from app.domain.people.take_attempt import AttemptRefused, take_attempt
from app.extensions import database, limiter, neighbours, now, works
from app.i18n import negotiated_language
from app.integrations.errors import Refused, TryAgain
from app.integrations.identity.interface import Claims, SignedIn
from app.sealing import SealBroken
from app.web.sign_in.blueprint import without_language
from app.web.sign_in.start import attempt_cookie_name, back_address
from app.web.support.next_page import safe_next
from app.web.support.signed_in import ProviderAway, remember_sign_in, sign_in_url, signed_in
from app.web.support.visitor import forget_all_but_basket

log = structlog.get_logger(__name__)


@without_language.get("/sign-in/<any(public, registry):realm>/back")
@limiter.limit("60 per minute")
def back(realm: str) -> Response:
    """On to the page that the person wanted, signed in; or to the page that says why not."""
    try:
        attempt = _take(Realm(realm))
    except AttemptRefused as refused:
        log.warning("nobody set out for this", realm=realm, reason=refused.code)
        if signed_in(realm):  # who goes back in the browser's history meets this address again
            return redirect(safe_next(None), 303)
        return _not_done(realm, negotiated_language(), "")
    if "error" in request.args or not request.args.get("code"):
        log.info("sign-in given up", realm=realm, reason=_word(request.args.get("error", "")))
        return _not_done(realm, attempt.language, attempt.next, given_up="yes")
    try:
        proof = _proof(Realm(realm), attempt)
        token = new_token()
        signed = _let_in(attempt, proof.claims, seal_tokens(proof.tokens, works().token_sealer), token)
    except (Refused, PersonRefused, ElevationRefused) as refused:
        database().rollback()
        log.warning("sign-in refused", realm=realm, reason=refused.code, by=type(refused).__name__)
        lacks = (
            {"lacks": "second-factor"}
            if isinstance(refused, ElevationRefused) and refused.code == "acr"
            else {}
        )
        return _not_done(realm, attempt.language, attempt.next, **lacks)
    database().commit()
    response = redirect(safe_next(attempt.next), 303)
    remember_sign_in(response, signed, token)
    return response


def _take(realm: Realm) -> SignInAttempt:
    # RFC 9207: the answer of an issuer that is mixed up with this one, or poses as it, is not looked at.
    issuer = neighbours().identity[realm].issuer
    if request.args.get("iss", issuer) != issuer:
        raise AttemptRefused("issuer")
    browser = request.cookies.get(attempt_cookie_name())
    attempt = take_attempt(database(), realm, request.args.get("state", ""), browser, now())
    database().commit()  # used up, whatever comes of it; and no transaction waits for the provider
    return attempt


def _proof(realm: Realm, attempt: SignInAttempt) -> SignedIn:
    try:
        code_verifier = works().token_sealer.open(attempt.code_verifier_sealed)
    except SealBroken as error:
        raise Refused("code", "begun with another key") from error
    try:
        return (
            neighbours()
            .identity[realm]
            .finish(request.args["code"], back_address(realm), attempt.nonce, code_verifier, now())
        )
    except TryAgain as error:
        log.warning("identity provider does not answer", realm=realm.value, code=error.code)
        raise ProviderAway(realm, again=sign_in_url(realm, attempt.next)) from error


def _let_in(attempt: SignInAttempt, claims: Claims, tokens: SealedTokens, token: str) -> SignIn:
    """The sign-in, new or raised. Refused, PersonRefused, ElevationRefused."""
    if attempt.sign_in_id is not None:
        return elevate_sign_in(database(), attempt.sign_in_id, claims, tokens, now(), token=token)
    before = signed_in(attempt.realm)
    signed = sign_in_person(
        database(), claims, tokens, now(), realm=attempt.realm, token=token, language=attempt.language
    )
    if before is not None:
        end_sign_in(database(), before.sign_in.id, EndedWhy.REPLACED, now())
    # A guest's basket comes along; that of somebody else does not.
    if before is None or before.person.id == signed.person_id:
        forget_all_but_basket()
    else:
        browser_session.clear()
    return signed


def _not_done(realm: str, language: str, next_page: str, **more: Any) -> Response:
    # To an address of its own: in this one stand a code and a state.
    address = url_for("sign_in.not_done", lang_code=language, realm=realm, next=next_page or None, **more)
    response = redirect(address, 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def _word(text: str) -> str:
    """An `error` of the provider, or of whoever made the address."""
    return text if text.replace("_", "").isalpha() and len(text) < 50 else "unreadable"
