"""A process that is killed (SIGKILL) at one chosen place: around a commit, or around a call to a neighbour."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from app.factory import create_app
from app.settings import Settings
from app.shells.works import Works
from app.wiring import Neighbours
from tests.forked import Forked
from tests.simulation import Breaking
from tests.town import build_works, run_due_jobs

SURVIVED = 0
_SECONDS = 60


class Points:
    """Counts the places where a process can die, and dies at the chosen one."""

    def __init__(self, die_at: int) -> None:
        self._left = die_at

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def die_at_commits(sessions: sessionmaker[Session], point: Callable[[], None]) -> None:
    """Call `point` just before and just after every commit."""
    for name in ("before_commit", "after_commit"):
        event.listen(sessions, name, lambda _: point())


def breaking_works(settings: Settings, point: Callable[[], None]) -> Works:
    """The platform's works with its real clients; `point` is called at every place where it can die."""
    works = build_works(settings)
    die_at_commits(works.sessions, point)
    outside = works.neighbours
    return replace(
        works,
        neighbours=Neighbours(
            registry=Breaking(outside.registry, point),
            delegated_registry=Breaking(outside.delegated_registry, point),
            gateways={code: Breaking(gateway, point) for code, gateway in outside.gateways.items()},
            mailer=Breaking(outside.mailer, point),
            pro_formas=outside.pro_formas,
            tax_documents=outside.tax_documents,
            certificates=Breaking(outside.certificates, point),
            identity=outside.identity,
        ),
    )


def dies(act: Callable[..., None], *arguments: Any) -> bool:
    """Run `act` in a process of its own. True if it was killed, False if it came to its end."""
    ended = Forked(act, *arguments).wait(_SECONDS)
    assert ended in {SURVIVED, -signal.SIGKILL}
    return ended != SURVIVED


def work_until(settings: Settings, die_at: int) -> None:
    """What a worker process does, up to place number `die_at`."""
    run_due_jobs(breaking_works(settings, Points(die_at)))


def answer_until(settings: Settings, die_at: int, request: dict[str, Any]) -> None:
    """What a web process does with one request, up to place number `die_at`."""
    point = Points(die_at)
    works = breaking_works(settings, point)
    app = create_app(settings, neighbours=works.neighbours)
    die_at_commits(app.extensions["vcp_works"].sessions, point)
    app.test_client(use_cookies=False).open(**request)
