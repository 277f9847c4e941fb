"""`python -m sandbox.keycloak`: a real Keycloak with both realms and the demonstration people, until Ctrl-C.

Without options: for a platform at PORT (8000), Keycloak 101 above it, mails to the sandbox mailbox 404 above that;
data and secrets in VAR_DIR (var) and kept for the next start. With --fetch: only get the distribution.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from sandbox.keycloak.distribution import KeycloakMissing, fetch
from sandbox.keycloak.realms import PEOPLE, REALMS
from sandbox.keycloak.server import OPERATOR, KeycloakFailed, Running, Secrets, start_keycloak
from sandbox.neighbours import CLIENT_ID, keep_secrets, read_port
from sandbox.supervisor import Stopped, Supervisor, SupervisorError, end_with_parent, refuse_busy_ports

KEPT = (
    "PUBLIC_REALM_CLIENT_SECRET",
    "REGISTRY_REALM_CLIENT_SECRET",
    "REGISTRY_CLIENT_SECRET",
    "KEYCLOAK_OPERATOR_PASSWORD",
)


def main() -> int:
    """Run until Ctrl-C (0), or until Keycloak ends by itself or cannot start (1)."""
    args = read_arguments()
    if "MAKELEVEL" in os.environ:
        end_with_parent()  # make passes on SIGINT and SIGTERM only
    try:
        if args.fetch:
            print(f"Keycloak is in {fetch()}")
            return 0
        run(args)
    except (KeycloakMissing, KeycloakFailed, SupervisorError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except Stopped:
        return 0
    return 0


def read_arguments() -> argparse.Namespace:
    """The options; those of a neighbour are named as `sandbox.identity` names them."""
    parser = argparse.ArgumentParser(prog="sandbox.keycloak", description=__doc__)
    parser.add_argument("--fetch", action="store_true", help="get the distribution, start nothing")
    parser.add_argument("--port", type=int)
    parser.add_argument("--state", type=Path, help="folder of its data, made if missing")
    parser.add_argument("--client-secret", help="of vcp-service")
    parser.add_argument("--public-client-secret", help="of vcp in the realm public")
    parser.add_argument("--registry-client-secret", help="of vcp in the realm registry")
    parser.add_argument("--platform-url", help="where people are sent back to")
    parser.add_argument("--smtp-port", type=int, help="of the mailbox on this machine")
    return parser.parse_args()


def run(args: argparse.Namespace) -> None:
    """Start it, say who can sign in, and watch it. Never returns by itself."""
    platform_port = read_port(os.environ)
    port = args.port or platform_port + 101
    state = args.state or Path(os.environ.get("VAR_DIR") or "var").resolve() / "keycloak"
    public_url = args.platform_url or os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{platform_port}"
    refuse_busy_ports({"Keycloak": port}, "Stop it, or choose another PORT: PORT=8100 make keycloak")
    kept = keep_secrets(state / "secrets.env", KEPT)
    secrets = Secrets(
        public_client=args.public_client_secret or kept["PUBLIC_REALM_CLIENT_SECRET"],
        registry_client=args.registry_client_secret or kept["REGISTRY_REALM_CLIENT_SECRET"],
        service_client=args.client_secret or kept["REGISTRY_CLIENT_SECRET"],
        operator=kept["KEYCLOAK_OPERATOR_PASSWORD"],
    )
    with Supervisor(state) as programs:  # for its signals; Keycloak is stopped by its own rules
        began = time.monotonic()
        print(
            "Starting Keycloak; the first time it is fetched and built, which takes a minute or two",
            flush=True,
        )
        fetch()
        running = start_keycloak(state, port, public_url, secrets, args.smtp_port or platform_port + 505)
        programs.afterwards(running.stop)
        print(announcement(running, state, time.monotonic() - began), flush=True)
        while running.process.poll() is None:
            time.sleep(0.2)
        raise KeycloakFailed(f"Keycloak ended by itself; see {state / 'keycloak.log'}")


def announcement(running: Running, state: Path, seconds: float) -> str:
    """What a person at the terminal wants to know."""
    seed = json.loads(PEOPLE.read_text())
    settings = {f"{realm.upper()}_REALM_URL": running.issuer(realm) for realm in REALMS}
    settings |= {f"{realm.upper()}_REALM_CLIENT_ID": "vcp" for realm in REALMS}
    settings["REGISTRY_TOKEN_URL"] = f"{running.issuer('registry')}/protocol/openid-connect/token"
    settings["REGISTRY_CLIENT_ID"] = CLIENT_ID
    people = [
        f"  {person['realm']:9} {person['email']:38} {person['about']}"
        + (f"; code generator {person['totp_secret']}" if person["totp_secret"] else "")
        for person in seed["people"]
    ]
    return "\n".join(
        [
            f"Ready after {seconds:.1f} s: {' and '.join(running.issuer(realm) for realm in REALMS)}",
            f"Who can sign in, all with the password {seed['password']}:",
            *people,
            f"Keycloak's own pages: {running.base_url}/admin/ as {OPERATOR}, password in {state / 'secrets.env'}",
            "A platform finds it with the client secrets of that file and",
            *[f"  export {name}='{value}'" for name, value in settings.items()],
            f"Stop: Ctrl-C. Log: {state / 'keycloak.log'}",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
