"""The worker: runs what was deferred, as soon as it is committed."""

import asyncio

from procrastinate import PsycopgConnector
from procrastinate.jobs import Notification
from procrastinate.worker import Worker

from app.jobs.queue import DEAD_AFTER, HEARTBEAT, make_queue
from app.shells.deliver import Write
from app.shells.works import Works


class AttentiveWorker(Worker):
    """Procrastinate's worker, which forgets a job that it is told about while it asks for the one before.

    That job would wait for the next poll: seconds, in the middle of somebody's order.
    """

    _told = 0

    async def _handle_notification(self, *, channel: str, notification: Notification) -> None:
        self._told += 1
        await super()._handle_notification(channel=channel, notification=notification)

    async def _fetch_and_process_jobs(self) -> None:
        """Fetch until there is nothing left, and nothing was told since the last fetch began."""
        heard = -1
        while heard != self._told and not self._stop_event.is_set():
            heard = self._told
            await super()._fetch_and_process_jobs()


def run_worker(works: Works, write: Write, database_url: str, *, concurrency: int = 4) -> None:
    """Work until SIGTERM or SIGINT. Any number of workers can run on one database."""
    queue = make_queue(works, write, PsycopgConnector(conninfo=database_url))

    async def work() -> None:
        async with queue.open_async():
            await AttentiveWorker(
                queue,
                concurrency=concurrency,
                # New jobs are told at once (LISTEN); polling is for those whose time has come.
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=DEAD_AFTER,
                shutdown_graceful_timeout=20.0,
            ).run()

    asyncio.run(work())
