"""What tokens say about a person, in Keycloak's words."""

import sqlite3
import uuid
from typing import Any

from sandbox.identity.clients import Client
from sandbox.identity.people import Person
from sandbox.identity.provider import ACCESS_SECONDS, Provider
from sandbox.identity.realms import REALMS
from sandbox.identity.sessions import Session, SignedIn
from sandbox.identity.store import now

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_SECONDS = 120


def person_claims(person: Person, scope: str) -> dict[str, Any]:
    """Who it is, as far as the scope tells; roles and accounts in the registry's realm, accounts only if any."""
    claims: dict[str, Any] = {"sub": person.id}
    asked = scope.split()
    if "profile" in asked:
        claims |= {"name": person.name, "given_name": person.given_name, "family_name": person.family_name}
        claims |= {"preferred_username": person.email}
        claims |= {"locale": person.locale} if person.locale else {}
    if "email" in asked:
        claims |= {"email": person.email, "email_verified": person.email_verified}
    if person.realm == "registry":
        claims |= {"roles": list(person.roles)}
        claims |= {"accounts": list(person.accounts)} if person.accounts else {}
    return claims


def session_claims(
    db: sqlite3.Connection, provider: Provider, client: Client, session: Session
) -> dict[str, Any]:
    """What a token of this session says besides who it is; lives as long as an access token."""
    at = int(now(db))
    return {
        "iss": provider.issuer(client.realm),
        "azp": client.id,
        "iat": at,
        "exp": at + ACCESS_SECONDS,
        "jti": str(uuid.uuid4()),
        "sid": session.id,
        "auth_time": session.auth_time,
        "acr": session.acr,
    }


def access_token_claims(
    db: sqlite3.Connection, provider: Provider, client: Client, signed_in: SignedIn | None, scope: str
) -> dict[str, Any]:
    """Of a person's access token, or of the client's own when nobody is signed in."""
    audience = REALMS[client.realm].audience
    if signed_in is None:
        subject = f"service-account-{client.id}"
        return service_claims(db, provider.issuer(client.realm), subject, scope, aud=audience, azp=client.id)
    return {
        **session_claims(db, provider, client, signed_in.session),
        **person_claims(signed_in.person, scope),
        "aud": audience,
        "typ": "Bearer",
        "scope": scope,
    }


def service_claims(
    db: sqlite3.Connection, issuer: str, subject: str, scope: str, /, **more: Any
) -> dict[str, Any]:
    """A token without a session; `more` replaces or adds."""
    at = int(now(db))
    return {
        "iss": issuer,
        "sub": subject,
        "scope": scope,
        "typ": "Bearer",
        "jti": str(uuid.uuid4()),
        "iat": at,
        "exp": at + ACCESS_SECONDS,
        **more,
    }


def logout_claims(
    db: sqlite3.Connection, issuer: str, client_id: str, subject: str, sid: str
) -> dict[str, Any]:
    """Of a back-channel logout token."""
    at = int(now(db))
    return {
        "iss": issuer,
        "aud": client_id,
        "sub": subject,
        "sid": sid,
        "typ": "Logout",
        "jti": str(uuid.uuid4()),
        "iat": at,
        "exp": at + LOGOUT_SECONDS,
        "events": {LOGOUT_EVENT: {}},
    }
