"""How long a sign-in lasts."""

from datetime import datetime, timedelta

from app.domain.people.models import EndedWhy, Realm, SignIn

ADMINISTRATOR = "registry-administrator"  # the realm's role

_ABSOLUTE = {Realm.PUBLIC: timedelta(days=30), Realm.REGISTRY: timedelta(hours=12)}
_IDLE = {Realm.PUBLIC: timedelta(days=30), Realm.REGISTRY: timedelta(hours=8)}
_IDLE_ADMINISTRATOR = timedelta(minutes=30)


def absolute_end(realm: Realm, began_at: datetime) -> datetime:
    """When a sign-in is over, however much it is used."""
    return began_at + _ABSOLUTE[realm]


def idle_limit(sign_in: SignIn) -> timedelta:
    """How long it may lie unused."""
    return _IDLE_ADMINISTRATOR if ADMINISTRATOR in sign_in.roles else _IDLE[sign_in.realm]


def why_over(sign_in: SignIn, now: datetime) -> EndedWhy | None:
    """Why a sign-in that nobody has ended must not be used any more; None: it may."""
    if sign_in.person.erased_at is not None:
        return EndedWhy.ERASED
    if sign_in.person.disabled_at is not None:
        return EndedWhy.DISABLED
    if now >= sign_in.ends_at:
        return EndedWhy.EXPIRED
    if now - sign_in.last_used_at >= idle_limit(sign_in):
        return EndedWhy.IDLE
    return None
