"""Somebody has proved who they are."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.hashes import token_hash
from app.domain.people.lifetimes import absolute_end
from app.domain.people.models import Person, Realm, SignIn
from app.domain.people.sealed_tokens import SealedTokens, put_tokens
from app.domain.team.join_team import join_team
from app.integrations.identity.interface import Claims


class PersonRefused(Exception):
    """The person may not sign in. `code`: disabled, erased."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def sign_in_person(
    session: Session,
    claims: Claims,
    tokens: SealedTokens,
    now: datetime,
    *,
    realm: Realm,
    token: str,
    language: str,
) -> SignIn:
    """A new sign-in for the browser that gets the cookie `token`. PersonRefused.

    The person is who the issuer says by its own subject, never by e-mail; what else it says is kept as of now.
    """
    person = _person(session, claims, realm, language, now)
    if person.disabled_at is not None:
        raise PersonRefused("disabled")
    if person.erased_at is not None:
        raise PersonRefused("erased")
    person.email = claims.email
    person.email_verified = claims.email_verified
    if person.profile_at is None:
        person.name = claims.name
    person.last_signed_in_at = now
    sign_in = SignIn(
        person=person,
        token_hash=token_hash(token),
        realm=realm,
        sid=claims.sid,
        roles=sorted(claims.roles),
        accounts=list(claims.accounts),
        acr=claims.acr,
        auth_time=claims.auth_time,
        began_at=now,
        last_used_at=now,
        ends_at=absolute_end(realm, now),
    )
    put_tokens(sign_in, tokens)
    session.add(sign_in)
    session.flush()
    if realm == Realm.REGISTRY:
        join_team(session, person.id, claims.accounts, now)
    record(session, Event.SIGNED_IN, "person", person.id, now, realm=realm.value, acr=claims.acr)
    return sign_in


def _person(session: Session, claims: Claims, realm: Realm, language: str, now: datetime) -> Person:
    """The row, locked. Two browsers may bring the same new person at once: one of them makes it."""
    session.execute(
        insert(Person)
        .values(
            issuer=claims.issuer,
            subject=claims.subject,
            realm=realm,
            email=claims.email,
            email_verified=claims.email_verified,
            name=claims.name,
            language=language,
            created_at=now,
            last_signed_in_at=now,
        )
        .on_conflict_do_nothing(index_elements=["issuer", "subject"])
    )
    return session.scalars(
        select(Person)
        .where(Person.issuer == claims.issuer, Person.subject == claims.subject)
        .with_for_update()
    ).one()
