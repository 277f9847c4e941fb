"""`python -m tests.keycloak_keeper FOLDER PID`: a Keycloak as long as process PID lives, or until SIGTERM.

How it is reached, or what went wrong, is in FOLDER/answer.json; FOLDER goes at the end.
"""

import json
import os
import secrets
import shutil
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psutil
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from sandbox.keycloak.server import Running, Secrets, start_keycloak
from tests.keycloak import ANSWER, MAILS, PID
from tests.neighbours import free_port


class Enough(BaseException):
    """The run is over."""


def main(folder: Path, run: psutil.Process) -> None:
    """Start, answer, wait, stop."""
    signal.signal(signal.SIGTERM, enough)
    (folder / PID).write_text(str(os.getpid()))
    running: Running | None = None
    try:
        try:
            own = Secrets(*(secrets.token_urlsafe(24) for _ in range(4)))
            port, smtp_port = free_port(), free_port()
            # No platform is at home there: tests call `allow` for theirs.
            running = start_keycloak(folder / "home", port, "http://127.0.0.1:1", own, smtp_port)
            # Afterwards, because it has a thread, and a program with threads had better not fork.
            Controller(Mailbox(str(folder / MAILS)), "127.0.0.1", smtp_port).start()
            say(folder, {"base_url": running.base_url, "secrets": asdict(own)})
        except Exception as error:  # noqa: BLE001 - whatever it is, the tests have to hear of it
            say(folder, {"trouble": f"{type(error).__name__}: {error}"})
        while run.is_running() and run.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.3)
    except (Enough, psutil.NoSuchProcess):
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if running:
            running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def enough(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Enough


def say(folder: Path, answer: dict[str, object]) -> None:
    """Write the answer at once: whoever sees the file may read it."""
    draft = folder / "answer.draft"
    draft.write_text(json.dumps(answer))
    draft.replace(folder / ANSWER)


if __name__ == "__main__":
    main(Path(sys.argv[1]), psutil.Process(int(sys.argv[2])))
