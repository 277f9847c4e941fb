"""Every job the worker knows: a name, what it calls, and when it comes by itself."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from procrastinate import App
from procrastinate.connector import BaseAsyncConnector

from app.domain.jobs.note_run import note_begin, note_end
from app.jobs.retry import UntilHealed
from app.shells.apply_offer_change import apply_offer_change
from app.shells.apply_payee_change import apply_payee_change
from app.shells.certify import certify
from app.shells.check_trail import check_trail, check_trail_nightly
from app.shells.commit_statement import commit_long_statement
from app.shells.deliver import Write, deliver
from app.shells.end_choice import end_choice
from app.shells.end_old_sign_ins import end_old_sign_ins
from app.shells.expire import expire
from app.shells.hear_exchanges import hear_exchanges
from app.shells.look_at_payment import look_at_payment
from app.shells.mind_refund import mind_refund
from app.shells.owe_refunds import owe_refunds
from app.shells.print_tax_document import print_tax_document
from app.shells.probe_account import probe_account
from app.shells.read_long_statement import read_long_statement
from app.shells.read_resource import read_resource
from app.shells.reconcile import begin_nightly_run, reconcile
from app.shells.refund import refund
from app.shells.release import release
from app.shells.remind import remind
from app.shells.request_cancellation import request_cancellation
from app.shells.shred_notifications import shred_old_notifications
from app.shells.sweep import sweep
from app.shells.sync_registry import sync_registry
from app.shells.works import Works

# A worker says every few seconds that it lives; the jobs of one that has stopped saying so are freed.
HEARTBEAT = 2.0
DEAD_AFTER = 10.0

log = structlog.get_logger(__name__)


def jobs_by_name(works: Works, write: Write) -> dict[str, Callable[..., object]]:
    """What the domain defers by name, to be called with ids as text. `write` makes a mail from its row."""
    return {
        "look_at_payment": lambda payment_id: look_at_payment(works, UUID(payment_id)),
        "request_cancellation": lambda cancellation_id: request_cancellation(works, UUID(cancellation_id)),
        "issue_certificate": lambda order_id: certify(works, UUID(order_id)),
        "send_mail": lambda mail_id: deliver(works, write, UUID(mail_id)),
        "expire_order": lambda order_id: expire(works, UUID(order_id)),
        "release_order": lambda order_id: release(works, UUID(order_id)),
        "end_choice": lambda order_id: end_choice(works, UUID(order_id)),
        "remind_of_transfer": lambda order_id: remind(works, UUID(order_id)),
        "probe_account": lambda account_id: probe_account(works, UUID(account_id)),
        "apply_payee_change": lambda change_id: apply_payee_change(works, UUID(change_id)),
        "apply_offer_change": lambda change_id: apply_offer_change(works, UUID(change_id)),
        "print_tax_document": lambda document_id: print_tax_document(works, UUID(document_id)),
        "refund": lambda refund_id: refund(works, UUID(refund_id)),
        "refund_order": lambda order_id: owe_refunds(works, UUID(order_id)),
        "mind_refund": lambda refund_id: mind_refund(works, UUID(refund_id)),
        "read_statement": lambda statement_id: read_long_statement(works, UUID(statement_id)),
        "commit_statement": lambda statement_id, person_id: commit_long_statement(
            works, UUID(statement_id), UUID(person_id)
        ),
        "check_trail": lambda person_id: check_trail(works, UUID(person_id)),
        "reconcile": lambda run_id: reconcile(works, UUID(run_id)),
        "read_resource": lambda kind, resource_id: read_resource(works, kind, resource_id),
    }


def make_queue(works: Works, write: Write, connector: BaseAsyncConnector) -> App:
    """The worker's queue with every job and every periodic one."""
    queue = App(connector=connector)
    for name, run in jobs_by_name(works, write).items():
        queue.task(name=name, retry=UntilHealed())(partial(_run, works, name, run))

    def periodic(cron: str, name: str, run: Callable[[], object], **options: Any) -> None:
        def come(timestamp: int) -> None:
            _noted(works, name, run)

        queue.periodic(cron=cron)(queue.task(name=name, queueing_lock=name, **options)(come))

    periodic("* * * * *", "sweep", lambda: sweep(works))
    periodic("*/10 * * * *", "end_old_sign_ins", lambda: end_old_sign_ins(works))
    periodic("*/2 * * * *", "sync_changes", lambda: sync_registry(works, full=False), lock="sync")
    periodic(
        "17 2 * * *",
        "sync_everything",
        lambda: sync_registry(works, full=True),
        lock="sync",
        retry=UntilHealed(),
    )
    periodic("47 2 * * *", "reconcile_nightly", lambda: begin_nightly_run(works), retry=UntilHealed())
    periodic("11 3 * * *", "check_trail_nightly", lambda: check_trail_nightly(works))
    periodic("29 3 * * *", "shred_notifications", lambda: shred_old_notifications(works), retry=UntilHealed())

    # The queue looks after itself; these two need its own connection.
    @queue.periodic(cron="* * * * * */5")
    @queue.task(name="free_stalled_jobs", queueing_lock="free_stalled_jobs")
    async def free_stalled_jobs(timestamp: int) -> None:
        for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
            await queue.job_manager.retry_job(job)

    @queue.periodic(cron="41 3 * * *")
    @queue.task(name="forget_old_jobs", queueing_lock="forget_old_jobs")
    async def forget_old_jobs(timestamp: int) -> None:
        await queue.job_manager.delete_old_jobs(nb_hours=24 * 7)

    return queue


def _run(works: Works, name: str, run: Callable[..., object], **ids: str) -> None:
    """One job: its log lines carry its name and ids, the last one how long it took."""
    began = time.perf_counter()
    with structlog.contextvars.bound_contextvars(job=name, **ids):
        outcome = "failed"
        try:
            with hear_exchanges(works):
                run(**ids)
            outcome = "done"
        finally:
            log.info("job", outcome=outcome, ms=round((time.perf_counter() - began) * 1000, 1))


def _noted(works: Works, name: str, run: Callable[[], object]) -> None:
    """One run of a periodic job, written down before and after."""
    with works.sessions.begin() as session:
        note_begin(session, name, works.now())
    problem: str | None = None
    try:
        run()
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        raise
    finally:
        with works.sessions.begin() as session:
            note_end(session, name, works.now(), problem)
