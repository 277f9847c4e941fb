"""Every job that is asked for somewhere is known to the worker, with the ids that it is asked for with."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from procrastinate.testing import InMemoryConnector
from sqlalchemy import Engine

from app.domain.jobs.queries import periodic_runs
from app.jobs import queue
from app.jobs.queue import jobs_by_name, make_queue
from app.jobs.retry import UntilHealed
from app.settings import Settings
from app.shells.sweep import FORGOTTEN
from tests.journey import Journey
from tests.quality.tree import files, name

WORKS: Any = object()


def deferred(path: Path) -> Iterator[tuple[str, ast.expr, set[str | None]]]:
    """Every call of `defer` in a module: where, the name of the job, the names of its ids."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Name | ast.Attribute) and ast.unparse(called).split(".")[-1] == "defer":
            if ast.unparse(called) == "job.defer":
                continue  # where the queue itself is written to, in app/domain/later.py
            if name(path) == SWEEPER:
                continue  # it asks by a table, which is read below
            yield f"{name(path)}:{node.lineno}", node.args[1], {each.arg for each in node.keywords} - {"at"}


SWEEPER = "app/shells/sweep.py"
CALLS = [call for path in files("app/*.py") for call in deferred(path)]
CALLS += [(f"{SWEEPER}:{job}", ast.Constant(job), {argument}) for job, argument, _ in FORGOTTEN]


def test_there_is_something_to_look_at():
    assert len(CALLS) > 10
    assert {where.split(":")[0] for where, _, _ in CALLS} >= {
        "app/domain/orders/place_order.py",
        "app/shells/sweep.py",
        "app/web/public/orders.py",
    }


@pytest.mark.parametrize(("where", "job", "ids"), CALLS, ids=[where for where, _, _ in CALLS])
def test_a_deferred_job_is_known_and_takes_these_ids(where: str, job: ast.expr, ids: set[str | None]):
    assert isinstance(job, ast.Constant), f"{where}: name the job by a literal, so that it can be found"
    known = jobs_by_name(WORKS, WORKS)
    assert job.value in known, where
    assert set(inspect.signature(known[job.value]).parameters) == ids, where


def test_no_job_is_known_that_nobody_asks_for():
    assert set(jobs_by_name(WORKS, WORKS)) == {
        job.value for _, job, _ in CALLS if isinstance(job, ast.Constant)
    }


SHELLS = {
    "look_at_payment": ("look_at_payment", "payment_id"),
    "request_cancellation": ("request_cancellation", "cancellation_id"),
    "issue_certificate": ("certify", "order_id"),
    "expire_order": ("expire", "order_id"),
    "refund": ("refund", "refund_id"),
    "refund_order": ("owe_refunds", "order_id"),
    "mind_refund": ("mind_refund", "refund_id"),
    "reconcile": ("reconcile", "run_id"),
}


@pytest.mark.parametrize("job", SHELLS)
def test_a_job_runs_its_shell_with_the_id_it_was_given(monkeypatch: pytest.MonkeyPatch, job: str):
    shell, argument = SHELLS[job]
    ran: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue, shell, lambda *arguments: ran.append(arguments))
    subject = uuid4()
    jobs_by_name(WORKS, WORKS)[job](**{argument: str(subject)})
    assert ran == [(WORKS, subject)]


def test_a_mail_is_delivered_with_what_writes_it(monkeypatch: pytest.MonkeyPatch):
    ran: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue, "deliver", lambda *arguments: ran.append(arguments))
    subject, write = uuid4(), lambda *_: None
    jobs_by_name(WORKS, write)["send_mail"](mail_id=str(subject))
    assert ran == [(WORKS, write, subject)]


def test_a_resource_is_read_by_its_kind(monkeypatch: pytest.MonkeyPatch):
    ran: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue, "read_resource", lambda *arguments: ran.append(arguments))
    jobs_by_name(WORKS, WORKS)["read_resource"](kind="mandate", resource_id="MND-1")
    assert ran == [(WORKS, "mandate", "MND-1")]


def test_the_worker_knows_every_job_and_retries_it_until_it_has_healed():
    made = make_queue(WORKS, WORKS, InMemoryConnector())
    for job in jobs_by_name(WORKS, WORKS):
        assert isinstance(made.tasks[job].retry_strategy, UntilHealed), job


def test_periodic_work_never_queues_up_behind_itself():
    made = make_queue(WORKS, WORKS, InMemoryConnector())
    periodic = {each.task.name: each for each in made.periodic_registry.periodic_tasks.values()}
    assert {job: each.cron for job, each in periodic.items()} == {
        "sweep": "* * * * *",
        "end_old_sign_ins": "*/10 * * * *",
        "sync_changes": "*/2 * * * *",
        "sync_everything": "17 2 * * *",
        "reconcile_nightly": "47 2 * * *",
        "check_trail_nightly": "11 3 * * *",
        "free_stalled_jobs": "* * * * * */5",
        "shred_notifications": "29 3 * * *",
        "forget_old_jobs": "41 3 * * *",
    }
    for job, each in periodic.items():
        assert each.task.queueing_lock == job
    assert periodic["sync_changes"].task.lock == periodic["sync_everything"].task.lock == "sync"


def test_periodic_work_is_written_down_however_it_ends(settings: Settings, engine: Engine):
    works = Journey(settings, engine).works
    queue._noted(works, "sweep", lambda: None)
    with pytest.raises(ZeroDivisionError):
        queue._noted(works, "sync_changes", lambda: 1 / 0)
    with works.sessions() as session:
        failed, well = sorted(periodic_runs(session), key=lambda run: run.problem is None)
    assert (failed.name, failed.problem, failed.ok_at) == (
        "sync_changes",
        "ZeroDivisionError: division by zero",
        None,
    )
    assert (well.name, well.ok_at is not None, well.ok_at) == ("sweep", True, well.ended_at)
