"""When a failed job is tried again: what can heal is retried until it has, what cannot is left for a person."""

import structlog
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job
from sqlalchemy.exc import OperationalError

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain

log = structlog.get_logger(__name__)

_LONGEST = 900  # seconds
_SURPRISES = 3  # tries for errors that nobody foresaw


class UntilHealed(BaseRetryStrategy):
    """Doubling pauses from half a second to fifteen minutes for neighbours and the database; a few for surprises."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """A pause, or None to leave the job failed and visible."""
        pause = min(0.5 * 2 ** min(job.attempts, 12), _LONGEST)
        if isinstance(exception, TryAgain) and exception.retry_after is not None:
            pause = min(max(exception.retry_after, 0.5), _LONGEST)
        elif isinstance(exception, Refused):
            pause = _LONGEST  # a refusal that is about us: somebody has to mend a setting first
        elif not isinstance(exception, (TryAgain, OutcomeUnknown, OperationalError)):
            if job.attempts >= _SURPRISES:
                log.error("job failed for good", task=job.task_name, arguments=job.task_kwargs)
                return None
            pause = 30
        return RetryDecision(retry_in={"seconds": pause})
