"""People who make an account of their own, and those who forgot their password. Public realm only."""

import sqlite3
import uuid
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, abort, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.security import generate_password_hash

from sandbox.identity.authorize import Asked, finish, read_request
from sandbox.identity.browser import page, read_cookie, set_cookie
from sandbox.identity.mails import mail_link
from sandbox.identity.operation import operation
from sandbox.identity.people import Person, find_by_email, save_person
from sandbox.identity.provider import provider
from sandbox.identity.realms import REALMS
from sandbox.identity.sessions import begin_session, end_session, find_by_cookie
from sandbox.identity.tickets import RESET, VERIFY, Ticket, drop_ticket, read_ticket

views = Blueprint("identity_registration", __name__)

SHORTEST_PASSWORD = 8


@views.get("/realms/<realm>/protocol/openid-connect/registrations")
@operation("auth")
def registrations(realm: str) -> Response:
    """Keycloak's address for "create an account"; `prompt=create` leads to the same page."""
    with provider().store.transaction() as db:
        asked = _request_of_open_realm(db, realm)
        return asked if isinstance(asked, Response) else registration_page(asked)


@views.post("/realms/<realm>/login-actions/registration")
@operation("sign_in")
def register(realm: str) -> Response:
    """Make the account; signed in at once, or as soon as the address is verified where mails are sent."""
    with provider().store.transaction() as db:
        asked = _request_of_open_realm(db, realm)
        if isinstance(asked, Response):
            return asked
        error = _what_is_wrong(db, realm)
        if error:
            return registration_page(asked, error)
        person = _new_person(realm)
        save_person(db, person)
        if person.email_verified:
            return finish(db, asked, person, "1")
        mail_link(db, VERIFY, person, request.query_string.decode())
    return page("mail_sent.html", email=person.email, purpose="verify")


def registration_page(asked: Asked, error: str | None = None) -> Response:
    """The form, with what was typed."""
    return page(
        "register.html",
        400 if error else 200,
        leads_to=asked.redirect_uri,
        realm=asked.realm,
        query=request.query_string.decode(),
        typed=request.form,
        hint=request.args.get("login_hint", ""),
        error=error,
    )


@views.get("/realms/<realm>/login-actions/reset-credentials")
@operation("sign_in")
def forgot_password(realm: str) -> ResponseReturnValue:
    """Asks for the address."""
    return page("forgot.html", realm=realm, query=request.query_string.decode())


@views.post("/realms/<realm>/login-actions/reset-credentials")
@operation("sign_in")
def send_reset(realm: str) -> ResponseReturnValue:
    """The same answer whether or not anybody has that address."""
    with provider().store.transaction() as db:
        person = find_by_email(db, realm, request.form.get("username", ""))
        if person and not person.disabled and provider().smtp_port is not None:
            mail_link(db, RESET, person, request.query_string.decode())
    return page("mail_sent.html", email=request.form.get("username", ""), purpose="reset")


@views.get("/realms/<realm>/login-actions/action-token")
@operation("sign_in")
def open_link(realm: str) -> ResponseReturnValue:
    """A link from a mail: verifies the address and goes on, or asks for the new password."""
    key = request.args.get("key", "")
    with provider().store.transaction() as db:
        ticket = read_ticket(db, realm, key)
        if ticket is None:
            return _used_up()
        if ticket.purpose == RESET:
            return page("new_password.html", realm=realm, key=key)
        drop_ticket(db, key)
        return _go_on(db, ticket, replace(ticket.person, email_verified=True))


@views.post("/realms/<realm>/login-actions/action-token")
@operation("sign_in")
def set_password(realm: str) -> ResponseReturnValue:
    """The new password of somebody who followed a link."""
    key = request.args.get("key", "")
    with provider().store.transaction() as db:
        ticket = read_ticket(db, realm, key)
        if ticket is None or ticket.purpose != RESET:
            return _used_up()
        error = _wrong_password()
        if error:
            return page("new_password.html", 400, realm=realm, key=key, error=error)
        drop_ticket(db, key)
        password_hash = generate_password_hash(request.form["password"])
        return _go_on(db, ticket, replace(ticket.person, email_verified=True, password_hash=password_hash))


def _request_of_open_realm(db: sqlite3.Connection, realm: str) -> Asked | Response:
    if not REALMS[realm].registration:
        return page("error.html", 400, message="Registration not allowed")
    return read_request(db, realm)


def _new_person(realm: str) -> Person:
    form = request.form
    return Person(
        realm=realm,
        id=str(uuid.uuid4()),
        email=form["email"].strip().lower(),
        email_verified=provider().smtp_port is None,
        given_name=form["firstName"].strip(),
        family_name=form["lastName"].strip(),
        locale=next(iter(request.args.get("ui_locales", "").split()), None),
        roles=(),
        accounts=(),
        totp_secret=None,
        password_hash=generate_password_hash(form["password"]),
        about="registered here",
        seeded=False,
        disabled=False,
    )


def _what_is_wrong(db: sqlite3.Connection, realm: str) -> str | None:
    form = request.form
    name, _, host = form.get("email", "").strip().partition("@")
    if not name or "." not in host or " " in host:
        return "Please give a valid email address."
    if not form.get("firstName", "").strip() or not form.get("lastName", "").strip():
        return "Please give your first and last name."
    if find_by_email(db, realm, form["email"]):
        return "Email already exists."
    return _wrong_password()


def _wrong_password() -> str | None:
    password = request.form.get("password", "")
    if len(password) < SHORTEST_PASSWORD:
        return f"Invalid password: minimum length {SHORTEST_PASSWORD}."
    if password != request.form.get("password-confirm"):
        return "Password confirmation doesn't match."
    return None


def _go_on(db: sqlite3.Connection, ticket: Ticket, person: Person) -> Response:
    """Sign the person in and repeat the authorization request that the mail interrupted."""
    if person.disabled:
        return abort(403)
    save_person(db, person)
    before = find_by_cookie(db, person.realm, read_cookie(person.realm))
    if before:
        end_session(db, before.session.id)
    _, cookie = begin_session(db, person, "1")
    query = urlencode([(k, v) for k, v in parse_qsl(ticket.query) if k not in ("prompt", "max_age")])
    address = f"{provider().issuer(person.realm)}/protocol/openid-connect/auth?{query}"
    return set_cookie(redirect(address, 303), person.realm, cookie)  # type: ignore[arg-type]


def _used_up() -> Response:
    return page("error.html", 400, message="The link is no longer valid. Please start again.")
