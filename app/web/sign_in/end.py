"""Signing out: here at once, and at the identity provider."""

from typing import Any

import structlog
from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask import session as browser_session
from werkzeug.wrappers import Response

from app.domain.people.end_everywhere import end_everywhere
from app.domain.people.end_sign_in import end_sign_in
from app.domain.people.models import EndedWhy, Realm, SignIn
from app.domain.people.queries import sign_ins_under_way
from app.extensions import database, neighbours, now, works
from app.i18n import LANGUAGES, negotiated_language, request_language
from app.integrations.errors import Refused, TryAgain
from app.sealing import SealBroken
from app.web.sign_in.blueprint import blueprint, without_language
from app.web.support.signed_in import forget_browser, signed_in

_LANGUAGE = "language"
log = structlog.get_logger(__name__)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """Out of this browser. Whoever is not signed in is told that they are out, too."""
    realm = _realm()
    visitor = signed_in(realm)
    if visitor is None:
        return _out(realm)
    end_sign_in(database(), visitor.sign_in.id, EndedWhy.SIGNED_OUT, now())
    database().commit()
    try:
        _end_there(visitor.sign_in)
    except TryAgain as error:
        log.warning("not signed out at the identity provider", realm=realm.value, code=error.code)
        return _out(realm, there="unknown")
    except Refused:
        # Over there the session of this sign-in has ended before; the browser may have a newer one.
        return _out_through_browser(visitor.sign_in)
    return _out(realm)


@blueprint.post("/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    """Out of every browser in which the person is signed in."""
    realm = _realm()
    visitor = signed_in(realm)
    if visitor is None:
        return _out(realm)
    under_way = sign_ins_under_way(database(), visitor.person.id)
    tokens = [_opened(sign_in.refresh_sealed) for sign_in in under_way]
    end_everywhere(database(), visitor.person.id, EndedWhy.EVERYWHERE, now())
    database().commit()
    for token in tokens:
        try:
            _end_session(realm, token)
        except Refused:
            continue
        except TryAgain as error:
            log.warning("not signed out at the identity provider", realm=realm.value, code=error.code)
            return _out(realm, there="unknown")
    return _out(realm)


@without_language.get("/signed-out")
def signed_out() -> Response:
    """Where the identity provider sends the browser: on to the page in the language that was read before."""
    language = browser_session.get(_LANGUAGE)
    language = language if language in LANGUAGES else negotiated_language()
    return redirect(url_for("sign_in.signed_out_page", lang_code=language), 303)


@blueprint.get("/signed-out")
def signed_out_page() -> str:
    """That it is done."""
    realm = Realm.REGISTRY if request.args.get("realm") == Realm.REGISTRY else Realm.PUBLIC
    there = None
    if request.args.get("there") == "unknown":
        there = neighbours().identity[realm].end_session_url(None, _signed_out_address())
    return render_template("sign_in/signed_out.html", there=there)


def _realm() -> Realm:
    try:
        return Realm(request.form.get("realm", ""))
    except ValueError:
        abort(400)


def _out(realm: Realm, **more: Any) -> Response:
    response = redirect(url_for("sign_in.signed_out_page", realm=realm.value if more else None, **more), 303)
    forget_browser(response, realm)
    return response


def _out_through_browser(sign_in: SignIn) -> Response:
    provider = neighbours().identity[sign_in.realm]
    address = provider.end_session_url(_opened(sign_in.id_token_sealed), _signed_out_address())
    # Not a redirect: the policy's form-action 'self' holds for those of a form. The page's own link is without the
    # token, which is for no page: there the provider asks once more.
    page = render_template("sign_in/hop.html", address=provider.end_session_url(None, _signed_out_address()))
    response = make_response(page)
    response.headers["Refresh"] = f"0; url={address}"
    forget_browser(response, sign_in.realm)
    browser_session[_LANGUAGE] = request_language()
    return response


def _end_there(sign_in: SignIn) -> None:
    _end_session(sign_in.realm, _opened(sign_in.refresh_sealed))


def _end_session(realm: Realm, refresh_token: str | None) -> None:
    """Refused, TryAgain."""
    if refresh_token is None:
        raise Refused("session_ended")
    neighbours().identity[realm].end_session(refresh_token)


def _opened(sealed: bytes | None) -> str | None:
    try:
        return works().token_sealer.open(sealed) if sealed is not None else None
    except SealBroken:
        return None


def _signed_out_address() -> str:
    return current_app.config["SETTINGS"].public_url + url_for("sign_in_back.signed_out")
