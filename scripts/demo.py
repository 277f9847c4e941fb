"""`make demo`: the whole platform with pretend neighbours on this machine, until Ctrl-C.

PORT is the platform's (8000), the neighbours' lie above it; VAR_DIR (var) keeps the data between two starts.
VCP_IDENTITY=keycloak has people sign in at a real Keycloak.
All other settings are filled here; what is set in the environment for another platform is left out of play.
"""

import contextlib
import fcntl
import hashlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app import embedded_postgres  # noqa: E402
from sandbox.keycloak.distribution import KeycloakMissing, fetch  # noqa: E402
from sandbox.neighbours import (  # noqa: E402
    SECRETS,
    SEED,
    Neighbourhood,
    keep_secrets,
    read_identity,
    read_port,
    write_private,
)
from sandbox.supervisor import Stopped, Supervisor, SupervisorError, end_with_parent, refuse_busy_ports  # noqa: E402

APP = [sys.executable, "-m", "app.cli"]


def main() -> int:
    """Run until Ctrl-C (0), or until a part ends by itself (1)."""
    os.chdir(ROOT)
    if "MAKELEVEL" in os.environ:
        end_with_parent()  # make passes on SIGINT and SIGTERM only
    var = Path(os.environ.get("VAR_DIR") or "var").resolve()
    try:
        port = read_port(os.environ)
        with only_one(var):
            demonstrate(port, var)
    except (SupervisorError, ValueError, KeycloakMissing, embedded_postgres.EmbeddedPostgresError) as error:
        print(f"\nThe demonstration stopped. {error}", file=sys.stderr)
        return 1
    except Stopped:
        print("\nStopped.")
        return 0
    return 0


@contextlib.contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Two demonstrations on the same data would write over each other."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SupervisorError(
                f"Another demonstration runs on {var}. Stop it, or choose another folder: "
                "VAR_DIR=var2 PORT=8100 make demo"
            ) from None
        yield


def demonstrate(port: int, var: Path) -> None:
    """Start everything in the order it needs, say so, and watch it. Never returns by itself."""
    kept = keep_secrets(var / "demo.env", ("SECRET_KEY", *SECRETS))
    neighbourhood = Neighbourhood(
        port=port,
        state=var / "sandbox",
        public_url=f"http://127.0.0.1:{port}",
        secrets={name: kept[name] for name in SECRETS},
        identity=read_identity(os.environ),
    )
    free = f"Stop it, or choose another port: PORT={port + 1 if port < 65000 else 8000} make demo"
    refuse_busy_ports({"the platform": port, **neighbourhood.ports}, free)
    if neighbourhood.identity == "keycloak":
        with step("Keycloak's programs"):
            fetch()
    with Supervisor(var / "logs") as programs:
        with step("neighbours and database"):
            neighbourhood.start(programs)
            settings = {**neighbourhood.settings(), "SECRET_KEY": kept["SECRET_KEY"], "VAR_DIR": str(var)}
            programs.afterwards(lambda: embedded_postgres.stop(var / "postgres"))
            settings["DATABASE_URL"] = embedded_postgres.start(var / "postgres", at_exit=None).get_uri()
        # Whoever sources this file can start a second worker or web process beside the demonstration.
        write_private(var / "demo.env", settings)
        env = {**os.environ, "LOG_LEVEL": "INFO", **settings}
        with step("migrations, catalogue and offers"):
            neighbourhood.wait(programs)
            programs.start("web", [*APP, "web", "--host", "127.0.0.1", "--port", str(port)], env)
            prepared = var / "demo.prepared"
            fingerprint = what_was_prepared(settings)
            if not prepared.exists() or prepared.read_text() != fingerprint:
                programs.run("prepare", [sys.executable, "scripts/prepare.py", str(SEED)], env)
                prepared.write_text(fingerprint)
        with step("worker and web"):
            programs.start("worker", [*APP, "worker"], env)
            programs.wait_for_answer("web", f"{neighbourhood.public_url}/readyz")
            programs.wait_for_answer("web", f"{neighbourhood.public_url}/en/")
        print(f"Ready: {neighbourhood.public_url}/en/")
        print(f"{neighbourhood.pages()}\nStop: Ctrl-C. Logs: {var / 'logs'}", flush=True)
        programs.watch()


def what_was_prepared(settings: dict[str, str]) -> str:
    """Changes with the migrations, the offers and the settings: then everything is prepared anew.

    What changed at the registry meanwhile, the worker reads as it does all day.
    """
    files = [SEED, *sorted((ROOT / "migrations" / "versions").glob("*.py")), ROOT / "scripts" / "prepare.py"]
    parts = [file.read_bytes() for file in files] + [repr(sorted(settings.items())).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """A line of progress with the seconds that it took."""
    print(f"[demo] {title} ... ", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"done, {time.monotonic() - start:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
