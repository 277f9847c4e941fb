"""`python -m sandbox.identity --port 9001 --state var/identity`"""

import argparse
from functools import partial
from pathlib import Path

from sandbox.identity.app import Settings, create_app
from sandbox.serve import serve

PEOPLE = Path(__file__).parent.parent / "seed" / "people.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox.identity", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="folder of its database, made if missing")
    parser.add_argument("--client-id", default="vcp-service", help="who gets service tokens")
    parser.add_argument("--client-secret", default="sandbox-client-secret")
    parser.add_argument("--sign-in-client-id", default="vcp", help="where people sign in, in both realms")
    parser.add_argument("--public-client-secret", default="sandbox-public-secret")
    parser.add_argument("--registry-client-secret", default="sandbox-registry-secret")
    parser.add_argument("--platform-url", help="where people are sent back to; else by POST /sandbox/clients")
    parser.add_argument("--people", type=Path, default=PEOPLE, help="seed file with those who can sign in")
    parser.add_argument("--smtp-port", type=int, help="where mails with links are sent; none are without it")
    args = parser.parse_args()
    settings = Settings(
        port=args.port,
        state=args.state,
        client_id=args.client_id,
        client_secret=args.client_secret,
        sign_in_client_id=args.sign_in_client_id,
        sign_in_secrets={"public": args.public_client_secret, "registry": args.registry_client_secret},
        platform_url=args.platform_url,
        people=args.people,
        smtp_port=args.smtp_port,
    )
    serve(partial(create_app, settings), args.port)


if __name__ == "__main__":
    main()
