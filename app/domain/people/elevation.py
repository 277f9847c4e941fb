"""Dangerous acts ask for a second factor that was given just now."""

from datetime import datetime, timedelta

from app.domain.people.elevate_sign_in import SECOND_FACTOR
from app.domain.people.models import SignIn

ELEVATED_FOR = timedelta(minutes=5)


def is_elevated(sign_in: SignIn, now: datetime) -> bool:
    """Has the person proved who they are with a second factor within the last five minutes?"""
    return sign_in.acr == SECOND_FACTOR and now - sign_in.auth_time <= ELEVATED_FOR
