"""python -m sandbox.bank: the providers' bank on 127.0.0.1. See docs/sandbox.md."""

import argparse
from functools import partial
from pathlib import Path

from sandbox.bank.app import create_app
from sandbox.serve import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.bank", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="folder for the movements")
    parser.add_argument(
        "--accounts", type=Path, required=True, help="seed file that names the providers' accounts"
    )
    options = parser.parse_args()
    serve(partial(create_app, options.state, options.accounts), options.port)


if __name__ == "__main__":
    main()
