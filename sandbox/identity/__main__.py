"""`python -m sandbox.identity --port 9001 --state var/identity`"""

import argparse
from functools import partial
from pathlib import Path

from sandbox.identity.app import Settings, create_app
from sandbox.serve import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox.identity", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--state", type=Path, required=True, help="directory of the key pairs, made if missing"
    )
    parser.add_argument("--client-id", default="vcp-service")
    parser.add_argument("--client-secret", default="sandbox-client-secret")
    args = parser.parse_args()
    settings = Settings(
        base_url=f"http://127.0.0.1:{args.port}",
        state=args.state,
        client_id=args.client_id,
        client_secret=args.client_secret,
    )
    serve(partial(create_app, settings), args.port)


if __name__ == "__main__":
    main()
