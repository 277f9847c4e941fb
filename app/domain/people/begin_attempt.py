"""A browser sets out for the identity provider."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.people.hashes import token_hash
from app.domain.people.models import AttemptPurpose, Realm, SignInAttempt


def begin_attempt(
    session: Session,
    now: datetime,
    *,
    realm: Realm,
    state: str,
    browser: str,
    nonce: str,
    code_verifier_sealed: bytes,
    next_page: str,
    language: str,
    elevates: UUID | None = None,
) -> None:
    """Note what this browser must bring back. `browser` is the token of its cookie, `elevates` a sign-in's id."""
    session.add(
        SignInAttempt(
            state_hash=token_hash(state),
            browser_hash=token_hash(browser),
            realm=realm,
            nonce=nonce,
            code_verifier_sealed=code_verifier_sealed,
            next=next_page,
            purpose=AttemptPurpose.ELEVATION if elevates else AttemptPurpose.SIGN_IN,
            sign_in_id=elevates,
            language=language,
            created_at=now,
            used_at=None,
        )
    )
