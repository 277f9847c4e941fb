"""How every pretend neighbour is served: Granian, one worker process, several blocking threads.

One worker, because a neighbour keeps some state in memory (faults queued for the next calls). Many threads,
because a call that hangs on purpose must not hold up the others.
"""

import os
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

THREADS = 48
SECONDS_TO_STOP = 2  # a call hanging on purpose may not keep the program from stopping


def serve(build: Callable[[], Any], port: int, threads: int = THREADS) -> None:
    """Serve the WSGI application that `build` returns on 127.0.0.1:`port` until SIGINT or SIGTERM.

    `build` runs in the worker process, so it must be picklable: a module level function, or a
    `functools.partial` of one with plain values. Threads of its own are started there too.
    """
    server = Server(
        target="sandbox",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        workers_kill_timeout=SECONDS_TO_STOP,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=partial(_build_in_worker, build, os.getpid()), wrap_loader=False)


def _build_in_worker(build: Callable[[], Any], parent: int) -> Any:
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    return build()


def _end_with_parent(parent: int) -> None:
    # A parent that is killed cannot stop its worker, which would keep the port for ever.
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
