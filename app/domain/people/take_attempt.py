"""A browser is back from the identity provider: is it the one that set out, and is it here for the first time?"""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.people.hashes import token_hash
from app.domain.people.models import Realm, SignInAttempt

ATTEMPT_LIFETIME = timedelta(minutes=10)


class AttemptRefused(Exception):
    """`code`: unknown, used, realm, browser, late. Whoever came signs in anew."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def take_attempt(
    session: Session, realm: Realm, state: str, browser: str | None, now: datetime
) -> SignInAttempt:
    """The attempt that `state` names, used up by this. AttemptRefused; then nothing has changed."""
    attempt = session.scalar(
        select(SignInAttempt).where(SignInAttempt.state_hash == token_hash(state)).with_for_update()
    )
    if attempt is None:
        raise AttemptRefused("unknown")
    if attempt.realm != realm:
        raise AttemptRefused("realm")
    if browser is None or not hmac.compare_digest(attempt.browser_hash, token_hash(browser)):
        raise AttemptRefused("browser")
    if attempt.used_at is not None:
        raise AttemptRefused("used")
    if now - attempt.created_at >= ATTEMPT_LIFETIME:
        raise AttemptRefused("late")
    attempt.used_at = now
    return attempt
