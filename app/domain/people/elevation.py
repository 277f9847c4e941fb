"""What a second factor opens: the administrators' pages, and dangerous acts if it was given just now."""

from datetime import datetime, timedelta

from app.domain.people.elevate_sign_in import SECOND_FACTOR
from app.domain.people.models import SignIn

ELEVATED_FOR = timedelta(minutes=5)


def has_second_factor(sign_in: SignIn) -> bool:
    """Did the person prove who they are with a second factor when they signed in, or since?"""
    return sign_in.acr == SECOND_FACTOR


def is_elevated(sign_in: SignIn, now: datetime) -> bool:
    """Has the person proved who they are with a second factor within the last five minutes?"""
    return has_second_factor(sign_in) and now - sign_in.auth_time <= ELEVATED_FOR
