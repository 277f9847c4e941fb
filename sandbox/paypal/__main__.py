"""python -m sandbox.paypal: the PayPal-shaped gateway on 127.0.0.1. See docs/sandbox.md."""

import argparse
from functools import partial
from pathlib import Path

from sandbox.paypal.app import create_app
from sandbox.serve import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.paypal", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="folder for its database, ca.pem and key")
    parser.add_argument("--merchants", type=Path, help="seed file with the sellers' accounts")
    parser.add_argument("--platform-webhook", help="webhook address of seeded accounts, {account} in it")
    parser.add_argument("--echeck-seconds", type=float, default=20, help="until an eCheck clears or bounces")
    parser.add_argument("--late-seconds", type=float, default=20, help="delay of late webhooks")
    parser.add_argument("--platform-client-id", help="the platform's own application, as PayPal's partner")
    parser.add_argument("--platform-client-secret")
    parser.add_argument("--partner-merchant-id", help="its own account")
    parser.add_argument("--partner-attribution-id", help="its BN code")
    options = parser.parse_args()
    platform = {
        "external_id": options.partner_merchant_id,
        "client_id": options.platform_client_id,
        "client_secret": options.platform_client_secret,
        "attribution_id": options.partner_attribution_id,
        "name": "The platform",
    }
    if options.platform_client_id and not all(platform.values()):
        parser.error("a platform needs all four: its client id and secret, merchant id and attribution id")
    build = partial(
        create_app,
        options.port,
        options.state,
        options.merchants,
        options.platform_webhook,
        options.echeck_seconds,
        options.late_seconds,
        platform if options.platform_client_id else None,
    )
    serve(build, options.port)


if __name__ == "__main__":
    main()
