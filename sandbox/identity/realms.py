"""The two realms: who may sign up, how long a session lasts, whom their tokens are for."""

from dataclasses import dataclass

DAY = 24 * 3600
ADMINISTRATOR = "registry-administrator"
REGISTRY_AUDIENCE = "mechanism-registry"
SERVICE_SCOPES = ("activities:read", "mandates:read", "cancellations:write", "cancellations:read")
OPENID_SCOPES = ("openid", "profile", "email")


@dataclass(frozen=True)
class Realm:
    """`idle` and `longest`: seconds that a session lasts without use, and at all. `scopes` of its sign-in client."""

    name: str
    audience: str
    scopes: tuple[str, ...]
    idle: int
    longest: int
    registration: bool


REALMS = {
    "public": Realm("public", "account", OPENID_SCOPES, 30 * DAY, 30 * DAY, registration=True),
    "registry": Realm(
        "registry",
        REGISTRY_AUDIENCE,
        (*OPENID_SCOPES, "activities:read", "holdings:read", "mandates:write"),
        8 * 3600,
        12 * 3600,
        registration=False,
    ),
}
