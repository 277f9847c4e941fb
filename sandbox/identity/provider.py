"""What every part of the provider is given: its store, its address, its keys, and a bell for the outbox."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import abort, current_app
from joserfc.jwk import RSAKey

from sandbox.identity.realms import REALMS, Realm
from sandbox.identity.store import Store

ACCESS_SECONDS = 300
CODE_SECONDS = 60


@dataclass
class Provider:
    """`servers`: an Authlib server per realm. `smtp_port`: where mails are sent; None sends none."""

    store: Store
    base_url: str
    keys: dict[str, RSAKey]
    service_client: str
    smtp_port: int | None = None
    servers: Mapping[str, Any] = field(default_factory=dict)
    bell: threading.Event = field(default_factory=threading.Event)  # rung when there may be something to send

    def issuer(self, realm: str) -> str:
        return f"{self.base_url}/realms/{realm}"


def provider() -> Provider:
    """The provider of the application that handles this request."""
    found: Provider = current_app.extensions["identity"]
    return found


def realm_or_404(name: str) -> Realm:
    """The realm with this name."""
    return REALMS[name] if name in REALMS else abort(404)
