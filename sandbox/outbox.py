"""A thread that sends what is due, and that the requests ring awake."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


def start_outbox(
    name: str, bell: threading.Event, one_step: Callable[[], bool], seconds_to_next: Callable[[], float]
) -> None:
    """Run until the process ends. `one_step` does one thing that is due; False when nothing is."""

    def run() -> None:
        while True:
            bell.clear()
            try:
                while one_step():
                    pass
                wait = seconds_to_next()
            except Exception:  # the thread must outlive whatever one message does to it
                log.exception("the outbox stumbled")
                wait = 1.0
            bell.wait(wait)

    threading.Thread(target=run, name=name, daemon=True).start()
