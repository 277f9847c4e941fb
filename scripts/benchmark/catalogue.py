"""The catalogue page beside a bare page: same server, processes and threads, in turns."""

import http.client
import sys
import threading
import time
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

from sqlalchemy import event

from app.factory import create_app
from sandbox.supervisor import Supervisor
from scripts.benchmark.stage import WEB_PROCESSES, Stage, free_port

CLIENTS = 8
SECONDS_A_ROUND = 3.0


@dataclass(frozen=True)
class Catalogue:
    """Medians over the rounds."""

    page: float  # answers a second
    bare: float
    queries: int  # that one page makes


def measure_catalogue(stage: Stage, rounds: int) -> Catalogue:
    """Load both in turns, so that a busy machine is as unkind to one as to the other."""
    port = free_port()
    bare = [sys.executable, "-m", "granian", "--interface", "wsgi", "scripts.benchmark.bare:app"]
    bare += ["--port", str(port), "--workers", str(WEB_PROCESSES), "--blocking-threads", "8", "--no-ws"]
    with Supervisor(stage.logs / "bare") as programs:
        programs.start("bare", bare, stage.environment)
        programs.wait_for_answer("bare", f"http://127.0.0.1:{port}/")
        pages, bares = [], []
        for _ in range(rounds):
            pages.append(_answers_a_second(f"{stage.url}/en/projects"))
            bares.append(_answers_a_second(f"http://127.0.0.1:{port}/"))
    return Catalogue(median(pages), median(bares), _queries(stage))


def _answers_a_second(url: str) -> float:
    parts = urlsplit(url)
    counts = [0] * CLIENTS
    end = time.monotonic() + SECONDS_A_ROUND

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        while time.monotonic() < end:
            connection.request("GET", parts.path)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS_A_ROUND


def _queries(stage: Stage) -> int:
    app = create_app(stage.settings)
    engine = app.extensions["vcp_works"].sessions.kw["bind"]
    client = app.test_client()
    client.get("/en/projects")  # the first connection asks PostgreSQL about itself
    made: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: made.append(arguments[2]))
    client.get("/en/projects")
    engine.dispose()
    return len(made)
