"""Pages for people: who can sign in, who is signed in, and a button to sign somebody out from this side."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from sandbox.identity.browser import page
from sandbox.identity.people import find_person, list_people
from sandbox.identity.provider import provider
from sandbox.identity.realms import REALMS
from sandbox.identity.sessions import end_session, list_sessions
from sandbox.identity.sign_in import current_code

views = Blueprint("identity_pages", __name__, template_folder="templates", static_folder="static")
views.static_url_path = "/static"


@views.get("/")
def front() -> Response:
    """The people of both realms."""
    with provider().store.transaction() as db:
        signed_in = {(found.person.realm, found.person.id) for found in list_sessions(db)}
        return page("people.html", people=list_people(db), signed_in=signed_in)


@views.get("/realms/<realm>/account")
def account_console(realm: str) -> Response:
    """Where Keycloak lets people change and delete their account; here it says so."""
    return page("account.html", realm=realm) if realm in REALMS else abort(404)


@views.get("/people/<realm>/<person_id>")
def person(realm: str, person_id: str) -> Response:
    """Where this person is signed in."""
    with provider().store.transaction() as db:
        found = find_person(db, realm, person_id) or abort(404)
        sessions = [
            (signed_in.session, datetime.fromtimestamp(signed_in.session.auth_time, UTC))
            for signed_in in list_sessions(db, realm, person_id)
        ]
        return page("person.html", person=found, sessions=sessions, code=current_code(db, found))


@views.post("/people/<realm>/<person_id>/sign-out")
def sign_out_everywhere(realm: str, person_id: str) -> ResponseReturnValue:
    """End all sessions of this person; the clients are told."""
    with provider().store.transaction() as db:
        found = find_person(db, realm, person_id) or abort(404)
        for signed_in in list_sessions(db, realm, found.id):
            end_session(db, signed_in.session.id)
    provider().bell.set()
    return redirect(url_for("identity_pages.person", realm=realm, person_id=person_id), 303)
