"""One sign-in at a world, from setting out to coming back."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.integrations.errors import Refused
from app.integrations.identity.interface import SignedIn
from tests.integrations.identity.worlds import Who, World

SCOPES = {
    "public": "openid profile email",
    "registry": "openid profile email activities:read holdings:read mandates:write",
}


@dataclass
class Flow:
    """What our side knows of it."""

    world: World
    realm: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    code_verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64))

    @property
    def redirect_uri(self) -> str:
        return f"{self.world.url}/sign-in/{self.realm}/back"

    def begin(self, **options: Any) -> str:
        return self.world.provider(self.realm).begin(
            self.redirect_uri,
            SCOPES[self.realm],
            state=self.state,
            nonce=self.nonce,
            code_verifier=self.code_verifier,
            language="en",
            **options,
        )

    def code(self, who: Who, **options: Any) -> str:
        """The person signs in; the code that they bring back."""
        back = self.world.approve(self.begin(**options), who)
        assert back["state"] == self.state
        assert back["iss"] == self.world.provider(self.realm).issuer
        return back["code"]

    def finish(self, code: str, **changes: Any) -> SignedIn:
        given = {
            "redirect_uri": self.redirect_uri,
            "nonce": self.nonce,
            "code_verifier": self.code_verifier,
            "now": datetime.now(UTC),
        }
        return self.world.provider(self.realm).finish(code, **(given | changes))


def sign_in(world: World, who: Who, **options: Any) -> SignedIn:
    """All of it."""
    flow = Flow(world, who.realm)
    return flow.finish(flow.code(who, **options))


def refusal(call, *given: Any, **named: Any) -> str:
    """The code with which a call is refused."""
    try:
        call(*given, **named)
    except Refused as refused:
        return refused.code
    raise AssertionError("it was not refused")
