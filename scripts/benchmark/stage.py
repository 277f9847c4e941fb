"""The whole platform with pretend neighbours on free ports and a folder of its own, for as long as it is measured."""

import contextlib
import os
import random
import secrets
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app import embedded_postgres
from app.settings import Settings, load_settings
from sandbox.neighbours import HIGHEST_PORT, SECRETS, SEED, Neighbourhood
from sandbox.supervisor import Supervisor, SupervisorError, refuse_busy_ports

APP = [sys.executable, "-m", "app.cli"]
WEB_PROCESSES = 2


@dataclass(frozen=True)
class Stage:
    """What runs, and where. `environment` is what its processes were told."""

    url: str
    mailbox: str
    environment: dict[str, str]
    logs: Path
    programs: Supervisor

    @property
    def settings(self) -> Settings:
        """The platform's settings."""
        return load_settings(self.environment)

    @property
    def database_url(self) -> str:
        """libpq address of its database."""
        return self.environment["DATABASE_URL"]


@contextlib.contextmanager
def raise_stage(var: Path) -> Iterator[Stage]:
    """Start database, neighbours, web and worker with their data in `var`; stop all of them at the end.

    SupervisorError if a part does not start.
    """
    key = secrets.token_urlsafe(32)
    neighbourhood = _neighbourhood(var / "sandbox", {name: secrets.token_urlsafe(32) for name in SECRETS})
    url = neighbourhood.public_url
    with Supervisor(var / "logs") as programs:
        neighbourhood.start(programs)
        programs.afterwards(lambda: embedded_postgres.stop(var / "postgres"))
        database = embedded_postgres.start(var / "postgres", at_exit=None).get_uri()
        environment = {
            **os.environ,
            **neighbourhood.settings(),
            "SECRET_KEY": key,
            "VAR_DIR": str(var),
            "DATABASE_URL": database,
            "LOG_LEVEL": "INFO",
        }
        neighbourhood.wait(programs)
        programs.run("prepare", [sys.executable, "scripts/prepare.py", str(SEED)], environment)
        port = ["--port", str(neighbourhood.port), "--workers", str(WEB_PROCESSES)]
        programs.start("web", [*APP, "web", *port], environment)
        programs.start("worker", [*APP, "worker"], environment)
        programs.wait_for_answer("web", f"{url}/readyz")
        programs.wait_until("worker", lambda: _workers(database) > 0)
        yield Stage(url, neighbourhood.url("mailbox"), environment, var / "logs", programs)


def _workers(database: str) -> int:
    """How many workers have signed on."""
    with psycopg.connect(database) as books:
        row = books.execute("SELECT count(*) FROM procrastinate_workers").fetchone()
        return int(row[0]) if row else 0


def _neighbourhood(state: Path, kept: dict[str, str]) -> Neighbourhood:
    """At the first port whose neighbours' are free, too."""
    for port in random.sample(range(20_000, HIGHEST_PORT), 50):
        found = Neighbourhood(
            port=port,
            state=state,
            public_url=f"http://127.0.0.1:{port}",
            secrets=kept,
        )
        with contextlib.suppress(SupervisorError):
            refuse_busy_ports({"the platform": port, **found.ports}, "")
            return found
    raise SupervisorError("No free ports were found for the platform and its neighbours.")


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
