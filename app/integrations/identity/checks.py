"""What makes a token of an identity provider genuine. Everything here raises Refused, and names no content."""

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import RSAKey

from app.integrations.errors import Refused
from app.integrations.identity.interface import Claims, LoggedOut

ALGORITHM = "RS256"
LEEWAY = timedelta(seconds=5)
_LONGEST = 64 * 1024
_SIGNED_OUT = "http://schemas.openid.net/event/backchannel-logout"
# A logout token is for now: it is told at once or, when we were away, soon after.
_LOGOUT_GOOD_FOR = timedelta(minutes=5)


def verified(token: str, key: Callable[[str], RSAKey]) -> dict[str, Any]:
    """The claims of a token signed with RS256 by the key that it names. `key` finds it, or raises."""
    if len(token) > _LONGEST:
        raise Refused("unreadable", "too long")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise Refused("unreadable", "no signed token") from error
    # The one algorithm, whatever the token asks for: neither "none" nor our public key as a shared secret.
    if header.get("alg") != ALGORITHM:
        raise Refused("algorithm")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise Refused("signature", "no key is named")
    try:
        payload = jws.deserialize_compact(token, key(kid), algorithms=[ALGORITHM]).payload
        claims = json.loads(payload or b"")
    except BadSignatureError as error:
        raise Refused("signature") from error
    except (JoseError, ValueError, RecursionError) as error:
        raise Refused("unreadable", "no signed claims") from error
    if not isinstance(claims, dict):
        raise Refused("unreadable", "no claims")
    return claims


def read_id_token(
    claims: dict[str, Any], issuer: str, client_id: str, nonce: str | None, now: datetime
) -> Claims:
    """Who it is (OpenID Connect Core 1.0, section 3.1.3.7). `nonce` None: of a refresh, which has none of ours."""
    _from_and_for(claims, issuer, client_id)
    _in_time(claims, now)
    if claims.get("typ", "ID") != "ID":
        raise Refused("unreadable", "no ID token")
    if nonce is not None and not hmac.compare_digest(
        _text(claims, "nonce", "nonce").encode(), nonce.encode()
    ):
        raise Refused("nonce")
    auth_time = _moment(claims, "auth_time")
    if auth_time > now + LEEWAY:
        raise Refused("not_yet", "auth_time")
    email = _optional(claims, "email") or ""
    return Claims(
        issuer=issuer,
        subject=_text(claims, "sub", "subject"),
        sid=_optional(claims, "sid"),
        email=email,
        email_verified=claims.get("email_verified") is True,
        name=_optional(claims, "name") or email,
        locale=_optional(claims, "locale"),
        roles=frozenset(_texts(claims, "roles")),
        accounts=_texts(claims, "accounts"),
        acr=_optional(claims, "acr") or "0",
        auth_time=auth_time,
    )


def read_logout_claims(claims: dict[str, Any], issuer: str, client_id: str, now: datetime) -> LoggedOut:
    """Who has signed out (OpenID Connect Back-Channel Logout 1.0, section 2.6)."""
    _from_and_for(claims, issuer, client_id)
    issued_at = _moment(claims, "iat")
    if issued_at > now + LEEWAY:
        raise Refused("not_yet", "iat")
    if now >= issued_at + _LOGOUT_GOOD_FOR + LEEWAY:
        raise Refused("expired")
    if "exp" in claims and now >= _moment(claims, "exp") + LEEWAY:
        raise Refused("expired")
    # An ID token must not pass for this: it has a nonce, and nothing about an event.
    if "nonce" in claims:
        raise Refused("nonce")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_SIGNED_OUT), dict):
        raise Refused("event")
    subject, sid = _optional(claims, "sub"), _optional(claims, "sid")
    if subject is None and sid is None:
        raise Refused("subject")
    return LoggedOut(issuer, subject, sid, _text(claims, "jti", "unreadable"))


def _from_and_for(claims: dict[str, Any], issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise Refused("issuer")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences:
        raise Refused("audience")
    if len(audiences) > 1 and "azp" not in claims:
        raise Refused("audience", "azp is missing")
    if claims.get("azp", client_id) != client_id:
        raise Refused("audience", "azp")


def _in_time(claims: dict[str, Any], now: datetime) -> None:
    if now >= _moment(claims, "exp") + LEEWAY:
        raise Refused("expired")
    for name in ("iat", "nbf"):
        if (name == "iat" or name in claims) and _moment(claims, name) > now + LEEWAY:
            raise Refused("not_yet", name)


def _moment(claims: dict[str, Any], name: str) -> datetime:
    seconds = claims.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Refused("unreadable", f"{name} is no time")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Refused("unreadable", f"{name} is no time") from error


def _text(claims: dict[str, Any], name: str, code: str) -> str:
    value = _optional(claims, name)
    if value is None:
        raise Refused(code, f"{name} is missing")
    return value


def _optional(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or "\0" in value:
        raise Refused("unreadable", f"{name} is no text")
    return value


def _texts(claims: dict[str, Any], name: str) -> tuple[str, ...]:
    values = claims.get(name, [])
    if not isinstance(values, list) or not all(
        isinstance(value, str) and "\0" not in value for value in values
    ):
        raise Refused("unreadable", f"{name} is no list of texts")
    return tuple(values)
