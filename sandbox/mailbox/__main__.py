"""python -m sandbox.mailbox: an SMTP sink on 127.0.0.1 with a web page. See docs/sandbox.md."""

import argparse
from functools import partial
from pathlib import Path

from sandbox.mailbox.app import create_app
from sandbox.serve import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.mailbox", description=__doc__)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--port", type=int, required=True, help="of the web page")
    parser.add_argument("--state", type=Path, required=True, help="folder for the mails")
    options = parser.parse_args()
    serve(partial(create_app, options.smtp_port, options.state), options.port)


if __name__ == "__main__":
    main()
