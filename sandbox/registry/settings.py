"""What the pretend registry is started with."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    state: Path
    issuer: str
    platform_webhook: str | None
    event_secret: str
    seed: bool
    audience: str = "mechanism-registry"
    service_client: str = "vcp-service"
