"""Bring the database to the newest revision."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent.parent / "migrations"


def _config() -> "Config":
    # Here and below, because the worker, which never migrates, should not pay for it.
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


@cache
def newest_revision() -> str | None:
    """The revision that this code needs."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 (see _config)

    return ScriptDirectory.from_config(_config()).get_current_head()


def migrate(engine: Engine) -> None:
    """Apply what is missing, all of it in one transaction. Safe to run from several machines at once."""
    from alembic import command  # noqa: PLC0415 (see _config)

    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
