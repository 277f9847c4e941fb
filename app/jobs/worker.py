"""The worker: runs what was deferred, as soon as it is committed."""

import asyncio

from procrastinate import PsycopgConnector

from app.jobs.queue import DEAD_AFTER, HEARTBEAT, make_queue
from app.shells.deliver import Write
from app.shells.works import Works


def run_worker(works: Works, write: Write, database_url: str, *, concurrency: int = 4) -> None:
    """Work until SIGTERM or SIGINT. Any number of workers can run on one database."""
    queue = make_queue(works, write, PsycopgConnector(conninfo=database_url))

    async def work() -> None:
        async with queue.open_async():
            await queue.run_worker_async(
                concurrency=concurrency,
                # New jobs are told at once (LISTEN); polling is for those whose time has come.
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=DEAD_AFTER,
                shutdown_graceful_timeout=20.0,
            )

    asyncio.run(work())
