"""Keep what a job or a page says to neighbours about an order, whatever comes of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.domain.exchanges.keep_exchanges import keep_exchanges
from app.integrations.exchanges import listen
from app.shells.works import Works

log = structlog.get_logger(__name__)


@contextmanager
def hear_exchanges(works: Works) -> Iterator[None]:
    """Everything that is called inside, in a commit of its own at the end, if `about_order` was said by then."""
    with listen() as heard:
        try:
            yield
        finally:
            number = structlog.contextvars.get_contextvars().get("order")
            if heard and number:
                try:
                    with works.sessions.begin() as session:
                        keep_exchanges(session, number, heard, works.now())
                except SQLAlchemyError as error:
                    # What was done is done and recorded; only this account of it is lost.
                    log.warning("exchanges not kept", error=type(error).__name__)
