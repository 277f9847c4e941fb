"""The identity provider has given new tokens, and said anew what the person may do."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.models import SignIn
from app.domain.people.sealed_tokens import SealedTokens, put_tokens
from app.integrations.identity.interface import Claims


def renew_sign_in(
    session: Session, sign_in: SignIn, claims: Claims, tokens: SealedTokens, now: datetime
) -> None:
    """Keep tokens, roles and accounts as they are now. The sign-in's row is locked by the caller.

    When and how the person proved who they are stays: a refresh proves nothing.
    """
    if sorted(claims.roles) != sign_in.roles or list(claims.accounts) != sign_in.accounts:
        record(
            session,
            Event.ROLES_CHANGED,
            "person",
            sign_in.person_id,
            now,
            roles=sorted(claims.roles),
            accounts=list(claims.accounts),
        )
    sign_in.roles = sorted(claims.roles)
    sign_in.accounts = list(claims.accounts)
    put_tokens(sign_in, tokens)
