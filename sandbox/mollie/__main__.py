"""python -m sandbox.mollie: the Mollie-shaped gateway on 127.0.0.1. See docs/sandbox.md."""

import argparse
from functools import partial
from pathlib import Path

from sandbox.mollie.app import Options, create_app
from sandbox.serve import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.mollie", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="folder for its database")
    parser.add_argument("--merchants", type=Path, help="seed file with the sellers' organisations")
    parser.add_argument("--delayed-seconds", type=float, default=20, help="until what comes later comes")
    parser.add_argument("--late-seconds", type=float, default=20, help="delay of late events")
    options = Options(**vars(parser.parse_args()))
    serve(partial(create_app, options), options.port)


if __name__ == "__main__":
    main()
