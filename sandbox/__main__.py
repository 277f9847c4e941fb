"""`python -m sandbox`: all pretend neighbours of a platform at PORT (default 8000), state in VAR_DIR (default var).

Prints the settings with which a platform finds them. PUBLIC_URL and the secrets are taken from the environment
where they are set; VCP_IDENTITY=keycloak puts the real Keycloak in the place of the pretend identity provider.
"""

import os
import sys
from pathlib import Path

from sandbox.neighbours import SECRETS, Neighbourhood, keep_secrets, read_identity, read_port
from sandbox.supervisor import Stopped, Supervisor, SupervisorError, end_with_parent, refuse_busy_ports


def main() -> int:
    """Run until Ctrl-C (0), or until a neighbour ends by itself (1)."""
    if "MAKELEVEL" in os.environ:
        end_with_parent()  # make passes on SIGINT and SIGTERM only
    var = Path(os.environ.get("VAR_DIR") or "var").resolve()
    try:
        neighbourhood = from_environment(var)
        refuse_busy_ports(neighbourhood.ports, "Stop it, or choose another PORT: PORT=8100 make sandbox")
        with Supervisor(var / "logs") as programs:
            neighbourhood.start(programs)
            neighbourhood.wait(programs)
            lines = [f"export {name}='{value}'" for name, value in neighbourhood.settings().items()]
            print("\n".join(["The sandbox is ready. A platform finds it with", *lines]))
            print(f"Its pages:\n{neighbourhood.pages()}\nStop: Ctrl-C", flush=True)
            programs.watch()
    except (SupervisorError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except Stopped:
        return 0


def from_environment(var: Path) -> Neighbourhood:
    """The neighbourhood that the environment asks for. ValueError for a PORT that is none."""
    port = read_port(os.environ)
    kept = keep_secrets(var / "sandbox.env", SECRETS)
    return Neighbourhood(
        port=port,
        state=var / "sandbox",
        public_url=(os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        secrets={name: os.environ.get(name) or kept[name] for name in SECRETS},
        identity=read_identity(os.environ),
    )


if __name__ == "__main__":
    sys.exit(main())
