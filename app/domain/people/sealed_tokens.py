"""The identity provider's tokens as the database keeps them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.domain.people.models import SignIn
from app.integrations.identity.interface import Tokens


class Sealer(Protocol):
    """What keeps a text secret at rest."""

    def seal(self, text: str) -> bytes:
        """Encrypt and authenticate."""
        ...


@dataclass(frozen=True)
class SealedTokens:
    """Tokens that only the platform's key opens."""

    access: bytes = field(repr=False)
    refresh: bytes | None = field(repr=False)
    id_token: bytes = field(repr=False)
    access_expires_at: datetime


def seal_tokens(tokens: Tokens, sealer: Sealer) -> SealedTokens:
    """The provider's tokens, sealed."""
    return SealedTokens(
        access=sealer.seal(tokens.access_token),
        refresh=sealer.seal(tokens.refresh_token) if tokens.refresh_token else None,
        id_token=sealer.seal(tokens.id_token),
        access_expires_at=tokens.access_expires_at,
    )


def put_tokens(sign_in: SignIn, tokens: SealedTokens) -> None:
    """Keep these in place of the former ones."""
    sign_in.access_sealed = tokens.access
    sign_in.refresh_sealed = tokens.refresh
    sign_in.id_token_sealed = tokens.id_token
    sign_in.access_expires_at = tokens.access_expires_at


def drop_tokens(sign_in: SignIn) -> None:
    """Keep none: from here on nobody can act for the person."""
    sign_in.access_sealed = sign_in.refresh_sealed = sign_in.id_token_sealed = None
