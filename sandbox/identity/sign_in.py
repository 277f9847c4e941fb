"""Where people say who they are: by a button, or by e-mail address and password; then by a one-time code."""

import sqlite3
from datetime import UTC, datetime

import pyotp
from flask import Blueprint, Response, request
from werkzeug.security import check_password_hash

from sandbox.identity.authorize import Asked, Needs, finish, read_request, send_back
from sandbox.identity.browser import page
from sandbox.identity.mails import mail_link
from sandbox.identity.operation import operation
from sandbox.identity.people import Person, find_by_email, find_person, list_people
from sandbox.identity.provider import provider
from sandbox.identity.realms import REALMS
from sandbox.identity.registration import registration_page
from sandbox.identity.store import now
from sandbox.identity.tickets import SECOND_FACTOR, VERIFY, drop_ticket, new_ticket, read_ticket

views = Blueprint("identity_sign_in", __name__)


@views.get("/realms/<realm>/protocol/openid-connect/auth")
@operation("auth")
def authorize(realm: str) -> Response:
    """Back to the client at once when that is possible, else the page that is needed first."""
    with provider().store.transaction() as db:
        asked = read_request(db, realm)
        if isinstance(asked, Response):
            return asked
        if asked.signed_in and asked.needs is Needs.NOTHING:
            return send_back(asked, asked.signed_in)
        if asked.signed_in and asked.needs is Needs.SECOND_FACTOR:
            return _ask_second_factor(db, asked, asked.signed_in.person)
        if "create" in request.args.get("prompt", "").split() and REALMS[realm].registration:
            return registration_page(asked)
        return sign_in_page(db, asked)


@views.post("/realms/<realm>/login-actions/authenticate")
@operation("sign_in")
def authenticate(realm: str) -> Response:
    """The forms of the sign-in page and of the page for the one-time code."""
    with provider().store.transaction() as db:
        asked = read_request(db, realm)
        if isinstance(asked, Response):
            return asked
        if "step" in request.form:
            return _second_factor(db, asked)
        person = _who(db, realm)
        if person is None:
            return sign_in_page(db, asked, "Invalid username or password.")
        if person.disabled:
            return sign_in_page(db, asked, "Account is disabled, contact your administrator.")
        if asked.signed_in and asked.signed_in.person.id != person.id:
            return page("different_person.html", 400, realm=realm, signed_in=asked.signed_in.person)
        if person.totp_secret and (person.must_use_second_factor or asked.wants_second_factor):
            if _is_right_code(db, person, request.form.get("otp", "")):
                return complete(db, asked, person, "2")
            return _ask_second_factor(db, asked, person)
        return complete(db, asked, person, "1")


def sign_in_page(db: sqlite3.Connection, asked: Asked, error: str | None = None) -> Response:
    """Who can be chosen; only the person themselves when they are asked to sign in again."""
    again = asked.signed_in.person if asked.signed_in else None
    seeded = [person for person in list_people(db, asked.realm) if person.seeded and not person.disabled]
    return page(
        "sign_in.html",
        400 if error else 200,
        leads_to=asked.redirect_uri,
        realm=REALMS[asked.realm],
        query=request.query_string.decode(),
        people=[again] if again else seeded,
        again=again,
        hint=again.email if again else request.args.get("login_hint", ""),
        error=error,
        by_mail=provider().smtp_port is not None,
    )


def complete(db: sqlite3.Connection, asked: Asked, person: Person, acr: str) -> Response:
    """Signed in, unless the e-mail address is still to be verified."""
    if person.email_verified or provider().smtp_port is None:
        return finish(db, asked, person, acr)
    mail_link(db, VERIFY, person, request.query_string.decode())
    return page("mail_sent.html", email=person.email, purpose="verify")


def _who(db: sqlite3.Connection, realm: str) -> Person | None:
    if "person" in request.form:
        chosen = request.form["person"]
        found = find_person(db, realm, chosen) or find_by_email(db, realm, chosen)
        return found if found and found.seeded else None
    found = find_by_email(db, realm, request.form.get("username", ""))
    right = found and check_password_hash(found.password_hash, request.form.get("password", ""))
    return found if right else None


def _ask_second_factor(db: sqlite3.Connection, asked: Asked, person: Person) -> Response:
    return _second_factor_page(db, asked, person, new_ticket(db, SECOND_FACTOR, person, ""))


def _second_factor(db: sqlite3.Connection, asked: Asked) -> Response:
    step = request.form["step"]
    ticket = read_ticket(db, asked.realm, step)
    if ticket is None or ticket.purpose != SECOND_FACTOR:
        return sign_in_page(db, asked, "You took too long to sign in. Please start again.")
    if not _is_right_code(db, ticket.person, request.form.get("otp", "")):
        return _second_factor_page(db, asked, ticket.person, step, "Invalid authenticator code.")
    drop_ticket(db, step)
    return complete(db, asked, ticket.person, "2")


def _second_factor_page(
    db: sqlite3.Connection, asked: Asked, person: Person, step: str, error: str | None = None
) -> Response:
    return page(
        "second_factor.html",
        400 if error else 200,
        leads_to=asked.redirect_uri,
        realm=REALMS[asked.realm],
        query=request.query_string.decode(),
        person=person,
        step=step,
        code=current_code(db, person),
        error=error,
    )


def current_code(db: sqlite3.Connection, person: Person) -> str | None:
    """What their authenticator would show right now."""
    return pyotp.TOTP(person.totp_secret).at(int(now(db))) if person.totp_secret else None


def _is_right_code(db: sqlite3.Connection, person: Person, code: str) -> bool:
    at = datetime.fromtimestamp(now(db), UTC)
    return pyotp.TOTP(person.totp_secret or "").verify(code.replace(" ", ""), for_time=at, valid_window=1)
