"""Commands for operators: `python -m app.cli COMMAND`."""

import argparse
import json
import sys
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from app import logs
from app.database import database_url, make_engine
from app.domain.offers.import_providers import ImportRefused, import_providers
from app.embedded_postgres import EmbeddedPostgresError
from app.factory import create_app
from app.integrations.errors import NeighbourError
from app.migrate import migrate
from app.sealing import SealBroken
from app.settings import Settings, SettingsError, load_settings
from app.shells.register_notifications import register_notifications
from app.shells.reseal import reseal
from app.shells.sync_registry import sync_registry
from app.shells.works import Works
from app.web.support.assets import AssetsNotBuilt


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did what it says, 2 with a sentence when it could not."""
    parser = argparse.ArgumentParser(prog="python -m app.cli", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("migrate", help="bring the database to the newest revision")
    commands.add_parser("sync-registry", help="read all activities and mandates from the registry")
    providers = commands.add_parser(
        "import-providers", help="put providers and their offers on sale from a file"
    )
    providers.add_argument("file", type=Path)
    commands.add_parser("reseal", help="seal the providers' payment secrets anew, with today's SECRET_KEY")
    commands.add_parser("worker", help="run the jobs")
    web = commands.add_parser("web", help="serve the pages")
    web.add_argument("--host", default="127.0.0.1")
    web.add_argument("--port", type=int, default=8000)
    web.add_argument("--workers", type=int, default=1, help="processes")
    parsed = parser.parse_args(arguments)
    try:
        settings = load_settings()
        logs.set_up(settings.log_level)
        _run(parsed, settings)
    except (
        SettingsError,
        EmbeddedPostgresError,
        ImportRefused,
        NeighbourError,
        SealBroken,
        AssetsNotBuilt,
        OSError,
        json.JSONDecodeError,
        UnicodeDecodeError,
    ) as error:
        print(error, file=sys.stderr)
        return 2
    except DBAPIError as error:
        print(f"The database does not do it: {error.orig}", file=sys.stderr)
        return 2
    return 0


def _run(parsed: argparse.Namespace, settings: Settings) -> None:
    if parsed.command == "migrate":
        migrate(make_engine(database_url(settings)))
    elif parsed.command == "sync-registry":
        read = sync_registry(_works(settings), full=True)
        print(f"Read {read['activities']} activities and {read['mandates']} mandates.")
    elif parsed.command == "import-providers":
        _import_providers(_works(settings), parsed.file)
    elif parsed.command == "reseal":
        _reseal(_works(settings))
    elif parsed.command == "worker":
        _work(settings)
    else:
        _serve(parsed)


def _works(settings: Settings) -> Works:
    works: Works = create_app(settings).extensions["vcp_works"]
    return works


def _import_providers(works: Works, file: Path) -> None:
    data = json.loads(file.read_text(encoding="utf-8"))
    with works.sessions.begin() as session:
        done = import_providers(session, data, works.sealer, works.now())
    register_notifications(works)
    print(f"Imported {done.providers} providers, {done.accounts} payment accounts, {done.offers} offers.")
    if done.skipped:
        print(f"Left out {done.skipped} offers: the registry shows no such mandate. Run sync-registry first.")


def _reseal(works: Works) -> None:
    sealed, broken = reseal(works)
    print(f"Sealed the secrets of {sealed} payment accounts anew.")
    if broken:
        raise SealBroken(
            f"No key opens those of {', '.join(broken)}: their providers have to enter them again."
        )


def _work(settings: Settings) -> None:
    # Only the worker needs the queue's machinery.
    from app.jobs.mails import mail_writer  # noqa: PLC0415
    from app.jobs.worker import run_worker  # noqa: PLC0415

    pages = create_app(settings)
    works: Works = pages.extensions["vcp_works"]
    address = works.sessions.kw["bind"].url.set(drivername="postgresql")
    run_worker(works, mail_writer(pages, settings), address.render_as_string(hide_password=False))


def _serve(parsed: argparse.Namespace) -> None:
    from granian import Granian  # noqa: PLC0415 (only the web needs the server)
    from granian.constants import Interfaces  # noqa: PLC0415

    Granian(
        "wsgi:app",
        address=parsed.host,
        port=parsed.port,
        interface=Interfaces.WSGI,
        workers=parsed.workers,
        blocking_threads=8,
        backpressure=128,
        log_access=False,
        respawn_failed_workers=True,
    ).serve()


if __name__ == "__main__":
    sys.exit(main())
