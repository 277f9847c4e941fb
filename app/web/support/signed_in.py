"""Who is signed in at this browser, in each of the two realms.

`signed_in(realm)` says it for any page, without asking anybody outside. `flask_login.current_user` is the visitor
of the realm that the page at hand belongs to; on pages of the console with roles and accounts as the identity
provider says now (at most as old as an access token lives: minutes).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import structlog
from flask import (
    Flask,
    Request,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as browser_session
from flask_login import LoginManager
from werkzeug.wrappers import Response as AnyResponse

from app.domain.people.end_sign_in import end_sign_in
from app.domain.people.lifetimes import why_over
from app.domain.people.models import EndedWhy, Person, Realm, SignIn
from app.domain.people.queries import sign_in_by_token
from app.domain.people.touch import touch
from app.extensions import htmx, now, works
from app.integrations.errors import TryAgain
from app.sealing import SealBroken
from app.shells.refresh_sign_in import SignInOver, refresh_sign_in
from app.web.support.next_page import safe_next, this_page

__all__ = [
    "ProviderAway",
    "SignInAgain",
    "Visitor",
    "ask_to_elevate",
    "ask_to_sign_in",
    "provider_token",
    "realm_of_page",
    "safe_next",
    "sign_in_url",
    "signed_in",
    "this_page",
]

_COOKIES = {Realm.PUBLIC: "vcp-public", Realm.REGISTRY: "vcp-console"}
_OF_THE_CONSOLE = {"provider", "admin"}  # blueprints
_OF_MACHINES = {"health", "webhooks"}
_FRESH = timedelta(seconds=30)  # how long a token lasts at least that is handed out to be sent

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Visitor:
    """A person who is signed in, as things stood when the request came: rows to read, not to change.

    It is Flask-Login's user object.
    """

    person: Person
    sign_in: SignIn
    roles: frozenset[str]  # as the identity provider names them
    accounts: tuple[str, ...]  # registry accounts that the person represents

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """The person's id."""
        return str(self.person.id)


class SignInAgain(Exception):
    """What the visitor wants needs a new sign-in. Handled for every view: they sign in and come back."""

    def __init__(self, realm: Realm) -> None:
        super().__init__(realm.value)
        self.realm = realm


class ProviderAway(Exception):
    """The identity provider does not answer, and this page cannot do without. Handled for every view."""

    def __init__(self, realm: Realm, again: str | None = None) -> None:
        super().__init__(realm.value)
        self.realm = realm
        self.again = again  # where to try again, if not on the same page


def init_app(app: Flask) -> None:
    manager = LoginManager()
    # Who is signed in is told by cookies of our own, one for each realm, and not by the browser's session.
    manager.session_protection = None
    manager.request_loader(_visitor_of_page)
    manager.unauthorized_handler(lambda: ask_to_sign_in(realm_of_page()))
    # Not its init_app(): that would read the session for every answer, for a cookie that is not used here.
    app.login_manager = manager  # type: ignore[attr-defined]
    app.register_error_handler(SignInAgain, lambda error: ask_to_sign_in(error.realm))
    app.register_error_handler(ProviderAway, _provider_away)
    # For what every page shows; it asks nothing, so that it can be on a page that says what went wrong.
    app.jinja_env.globals.update(
        visitor=lambda realm: _known().get(Realm(realm)),
        home_of=home_of,
        sign_in_url=sign_in_url,
        this_page=this_page,
    )
    app.before_request(_look_for_cookies)
    app.after_request(_keep_to_the_person)


def realm_of_page() -> Realm:
    """The realm whose people the page at hand is for."""
    return Realm.REGISTRY if request.blueprint in _OF_THE_CONSOLE else Realm.PUBLIC


def signed_in(realm: Realm | str) -> Visitor | None:
    """Who is signed in at this browser. One query a request; none where the realm's cookie is absent."""
    realm, known = Realm(realm), _known()
    if realm not in known:
        token = request.cookies.get(cookie_name(realm))
        known[realm] = _find(realm, token) if token else None
    return known[realm]


def sign_in_url(realm: Realm | str, next_page: str) -> str:
    """Where a person signs in, to go on to `next_page` afterwards."""
    view = "console_sign_in" if Realm(realm) is Realm.REGISTRY else "sign_in"
    return url_for(f"sign_in.{view}", next=safe_next(next_page))


def home_of(visitor: Visitor) -> str | None:
    """The page that the visitor's name in the header leads to; None where this installation has none."""
    view = "account.home" if visitor.sign_in.realm is Realm.PUBLIC else "provider.home"
    return url_for(view) if view in current_app.view_functions else None


def ask_to_sign_in(realm: Realm) -> Response:
    """The answer to somebody who has to sign in first; they come back to the page that they are on."""
    return _send(sign_in_url(realm, this_page()), "sign_in/again.html")


def ask_to_elevate() -> Response:
    """The answer to somebody at the console who has to prove once more who they are, with a second factor.

    They come back to the page that they are on, and then send their form again.
    """
    return _send(url_for("sign_in.elevate", next=this_page()), "sign_in/elevate.html")


def provider_token(visitor: Visitor) -> str:
    """The person's own access token, good for some time yet. SignInAgain, ProviderAway.

    No transaction of the request may be open: the identity provider may have to be asked.
    """
    realm = visitor.sign_in.realm
    sign_in = _refreshed(visitor.sign_in, _FRESH)
    if sign_in is None or sign_in.access_sealed is None:
        raise SignInAgain(realm)
    try:
        return works().token_sealer.open(sign_in.access_sealed)
    except SealBroken as error:
        raise SignInAgain(realm) from error


def remember_sign_in(response: AnyResponse, sign_in: SignIn, token: str) -> None:
    """From now on this browser is signed in; whatever was known of an earlier sign-in no longer counts."""
    g.setdefault("ended_realms", set()).discard(sign_in.realm)
    set_cookie(response, cookie_name(sign_in.realm), token, int((sign_in.ends_at - now()).total_seconds()))
    response.headers["Cache-Control"] = "no-store"


def forget_browser(response: AnyResponse, realm: Realm) -> None:
    """The person leaves this browser, and nothing of theirs stays for whoever comes next."""
    _known()[realm] = None
    drop_cookie(response, cookie_name(realm))
    _clear_session(realm)
    response.headers["Cache-Control"] = "no-store"


def cookie_name(realm: Realm) -> str:
    """The cookie of a realm's sign-in; with https no other host can set it."""
    return ("__Host-" if current_app.config["SESSION_COOKIE_SECURE"] else "") + _COOKIES[realm]


def set_cookie(response: AnyResponse, name: str, value: str, max_age: int) -> None:
    """A cookie that only this host gets, no script reads, and no other site's form sends."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: AnyResponse, name: str) -> None:
    """Let the browser forget it."""
    set_cookie(response, name, "", max_age=0)


def _send(address: str, template: str) -> Response:
    if htmx:
        return Response(headers={"HX-Redirect": address})
    if request.method in {"GET", "HEAD"}:
        return cast("Response", redirect(address, 303))
    # Not a redirect: the policy's form-action 'self' holds for those of a form, and the next one leads to the
    # identity provider.
    response = make_response(render_template(template, address=address), 401)
    response.headers["Refresh"] = f"0; url={address}"
    return response


def _known() -> dict[Realm, Visitor | None]:
    return cast("dict[Realm, Visitor | None]", g.setdefault("signed_in", {}))


def _find(realm: Realm, token: str) -> Visitor | None:
    # A session of its own: the view's may be rolled back, and what it holds read anew.
    with works().sessions() as session:
        sign_in = sign_in_by_token(session, realm, token)
        if sign_in is None:
            return None
        if sign_in.ended_at is None:
            why = why_over(sign_in, now())
            if why is None:
                touch(session, sign_in, now())
            else:
                end_sign_in(session, sign_in.id, why, now())
            session.commit()
        if sign_in.ended_at is not None:
            # Where somebody else has signed in over it, the browser has a new cookie, which must stay.
            if sign_in.ended_why is not EndedWhy.REPLACED:
                g.setdefault("ended_realms", set()).add(realm)
            return None
        return _visitor(sign_in)


def _visitor(sign_in: SignIn) -> Visitor:
    return Visitor(sign_in.person, sign_in, frozenset(sign_in.roles), tuple(sign_in.accounts))


def _visitor_of_page(_: Request) -> Visitor | None:
    """Flask-Login's current user."""
    realm = realm_of_page()
    visitor = signed_in(realm)
    if visitor is None or realm is Realm.PUBLIC:
        return visitor
    sign_in = _refreshed(visitor.sign_in, timedelta(0))
    _known()[realm] = _visitor(sign_in) if sign_in is not None else None
    return _known()[realm]


def _refreshed(sign_in: SignIn, good_for: timedelta) -> SignIn | None:
    """The sign-in with tokens that last for some time yet; None when it has ended over that."""
    if sign_in.access_expires_at - now() > good_for:
        return sign_in
    try:
        return refresh_sign_in(works(), sign_in.id, good_for=good_for)
    except SignInOver:
        g.setdefault("ended_realms", set()).add(sign_in.realm)
        _known()[sign_in.realm] = None
        _clear_session(sign_in.realm)
        return None
    except TryAgain as error:
        log.warning("identity provider does not answer", realm=sign_in.realm.value, code=error.code)
        raise ProviderAway(sign_in.realm) from error


def _look_for_cookies() -> None:
    # First of all: the session of somebody who has been signed out must not serve whoever comes next.
    if request.blueprint in _OF_MACHINES:
        return
    for realm in Realm:
        signed_in(realm)
    for realm in g.get("ended_realms", ()):
        _clear_session(realm)


def _clear_session(ended: Realm) -> None:
    """Basket, way to pay, messages, the forms' secret: a buyer's, unless one is still signed in."""
    if ended is Realm.PUBLIC or signed_in(Realm.PUBLIC) is None:
        browser_session.clear()


def _keep_to_the_person(response: Response) -> Response:
    if any(_known().values()):
        response.headers["Cache-Control"] = "no-store"
    for realm in g.get("ended_realms", ()):
        drop_cookie(response, cookie_name(realm))
    return response


def _provider_away(error: ProviderAway) -> tuple[str, int]:
    return render_template("sign_in/away.html", realm=error.realm, again=error.again or this_page()), 503
