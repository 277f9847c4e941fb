"""What the platform asks of an identity provider. One of these for each realm; both are OpenID Connect.

Errors are those of `app.integrations.errors`: Refused with a code of `REFUSALS`, or TryAgain when the provider
cannot be asked. A token is never part of an error, a `repr` or a log line.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

# Codes of Refused: what was wrong with a code, a token, or what a provider said.
REFUSALS = frozenset(
    {
        "code",  # unknown, used before, of another client, or not for this verifier
        "session_ended",  # no more tokens: the session there is over
        "unreadable",  # no token at all, or claims of the wrong kind
        "algorithm",
        "signature",
        "issuer",
        "audience",
        "expired",
        "not_yet",  # issued or valid in the future, beyond the leeway
        "nonce",
        "subject",
        "event",  # a logout token that says nothing about signing out
    }
)


@dataclass(frozen=True)
class Claims:
    """Who a person is, as a verified ID token says. `acr` is "2" with a second factor."""

    issuer: str
    subject: str
    sid: str | None
    email: str
    email_verified: bool
    name: str
    locale: str | None
    roles: frozenset[str]
    accounts: tuple[str, ...]
    acr: str
    auth_time: datetime


@dataclass(frozen=True)
class Tokens:
    """What acts for the person. Times are UTC."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    id_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_expires_at: datetime | None
    scope: str


@dataclass(frozen=True)
class SignedIn:
    claims: Claims
    tokens: Tokens


@dataclass(frozen=True)
class LoggedOut:
    """A sign-out at the provider: of one session (`sid`), or of all that the person has."""

    issuer: str
    subject: str | None
    sid: str | None
    jti: str


class IdentityProvider(Protocol):
    """One realm. `issuer` is what its tokens and its answers must name."""

    @property
    def issuer(self) -> str: ...

    def begin(
        self,
        redirect_uri: str,
        scope: str,
        *,
        state: str,
        nonce: str,
        code_verifier: str,
        language: str,
        acr: str | None = None,
        max_age: int | None = None,
        prompt: str | None = None,
    ) -> str:
        """The address to send the browser to. `prompt` "create" leads to making an account.

        TryAgain when the provider does not answer: the browser would find nobody there.
        """
        ...

    def finish(self, code: str, redirect_uri: str, nonce: str, code_verifier: str, now: datetime) -> SignedIn:
        """Exchange a code, once, and check everything about the ID token. Refused, TryAgain."""
        ...

    def refresh(self, refresh_token: str, now: datetime) -> SignedIn:
        """New tokens, with roles and accounts as they are now. Refused("session_ended"), TryAgain.

        `claims.acr` and `claims.auth_time` are those of the sign-in that the tokens go back to.
        """
        ...

    def end_session_url(self, id_token: str | None, post_logout_redirect: str) -> str:
        """Where the browser goes to be signed out at the provider, too, and then back to us. Asks nobody.

        Without the ID token the provider asks the person whether they mean it.
        """
        ...

    def end_session(self, refresh_token: str) -> None:
        """End the provider's session without the browser; one that is over already may pass for ended.

        Refused("session_ended") where the token is none, or none any more; TryAgain.
        """
        ...

    def read_logout_token(self, token: str, now: datetime) -> LoggedOut:
        """Check what the provider (or a stranger) sent to our back channel. Refused, TryAgain."""
        ...
