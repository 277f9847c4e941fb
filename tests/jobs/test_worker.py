"""The worker takes up at once what it is told about, whatever it is doing."""

import asyncio
from types import SimpleNamespace

from app.jobs.worker import AttentiveWorker

TOLD = {"type": "job_inserted", "job_id": 7}


class Telling:
    """A job manager that finds nothing, and tells of a job while the first search is under way."""

    def __init__(self) -> None:
        self.worker: AttentiveWorker | None = None
        self.searches = 0

    async def fetch_job(self, **_: object) -> None:
        self.searches += 1
        await asyncio.sleep(0)
        if self.searches == 1:
            await self.worker._handle_notification(channel="any", notification=TOLD)


def test_a_job_told_about_during_a_search_is_searched_for_at_once():
    async def search() -> int:
        telling = Telling()
        worker = AttentiveWorker(SimpleNamespace(job_manager=telling))
        worker.worker_id = 1
        telling.worker = worker
        await worker._fetch_and_process_jobs()
        return telling.searches

    assert asyncio.run(search()) == 2


def test_a_worker_that_was_told_nothing_new_searches_once():
    async def search() -> int:
        telling = Telling()
        telling.searches = 1
        worker = AttentiveWorker(SimpleNamespace(job_manager=telling))
        worker.worker_id = 1
        await worker._fetch_and_process_jobs()
        return telling.searches

    assert asyncio.run(search()) == 2
