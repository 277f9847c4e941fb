"""Stripe's own pretend Stripe: it keeps nothing, and refuses every request that Stripe's interface does not have.

`make setup-dev` builds it where Go is. Without it tests skip and say so; with VCP_REQUIRE_REAL=1 they fail.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.neighbours import free_port

VERSION = "0.203.0"
SECONDS_TO_START = 30


def program() -> Path:
    """The built program; skips the test where it is missing, or fails it with VCP_REQUIRE_REAL=1."""
    cache = Path(os.environ.get("VCP_CACHE") or "~/.cache/vcp").expanduser()
    found = cache / f"stripe-mock-{VERSION}" / "stripe-mock"
    if not found.is_file():
        missing = f"stripe-mock {VERSION} is missing: {found} (make setup-dev builds it where Go 1.22 is)"
        if os.environ.get("VCP_REQUIRE_REAL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@contextmanager
def running(log: Path) -> Iterator[str]:
    """Its address, as long as the block lasts."""
    port = free_port()
    # It listens for HTTPS, too, and would do so at the same port in every worker.
    command = [str(program()), "-http-addr", f"127.0.0.1:{port}", "-https-addr", "127.0.0.1:0"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=log.parent
        )
    try:
        _wait(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(15)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < give_up:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"stripe-mock did not start:\n{log.read_text(errors='replace')[-2000:]}")
