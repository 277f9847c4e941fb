"""`python -m sandbox.registry --port 9002 --state var/registry --issuer URL --event-secret S --seed`"""

import argparse
from functools import partial
from pathlib import Path

from sandbox.registry.app import build
from sandbox.registry.settings import Settings
from sandbox.serve import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox.registry", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--state", type=Path, required=True, help="directory of the SQLite file, made if missing"
    )
    parser.add_argument(
        "--issuer", required=True, help="whose tokens are believed, e.g. http://host/realms/registry"
    )
    parser.add_argument("--service-client", default="vcp-service", help="whose tokens are service tokens")
    parser.add_argument("--platform-webhook", help="where events are sent; none are sent without it")
    parser.add_argument("--event-secret", required=True, help="events are signed with it")
    parser.add_argument("--seed", action="store_true", help="load the seed data into an empty registry")
    args = parser.parse_args()
    settings = Settings(
        state=args.state,
        issuer=args.issuer.rstrip("/"),
        platform_webhook=args.platform_webhook,
        event_secret=args.event_secret,
        seed=args.seed,
        service_client=args.service_client,
    )
    serve(partial(build, settings), args.port)


if __name__ == "__main__":
    main()
