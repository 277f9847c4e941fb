"""Commands for operators: `python -m app.cli COMMAND`."""

import argparse
import gc
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from app import logs
from app.database import database_url, make_engine, make_sessions
from app.embedded_postgres import EmbeddedPostgresError
from app.integrations.errors import NeighbourError
from app.migrate import migrate
from app.sealing import SealBroken
from app.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from flask import Flask

    from app.shells.works import Works

# Each command loads only what it needs: `migrate` no pages, and `web` none either, as its processes load their own.


class CommandRefused(Exception):
    """A command could not do what it is for; the message says why."""


class TrailBroken(Exception):
    """The audit trail is not whole; the message says what is wrong."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did what it says, 2 with a sentence when it could not, 1 for a trail that is broken."""
    parser = argparse.ArgumentParser(prog="python -m app.cli", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("migrate", help="bring the database to the newest revision")
    commands.add_parser("sync-registry", help="read all activities and mandates from the registry")
    providers = commands.add_parser(
        "import-providers", help="put providers and their offers on sale from a file"
    )
    providers.add_argument("file", type=Path)
    commands.add_parser("reseal", help="seal the providers' payment secrets anew, with today's SECRET_KEY")
    commands.add_parser("verify-trail", help="check that no row of the audit trail is missing or changed")
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
        CommandRefused,
        NeighbourError,
        SealBroken,
        OSError,
        json.JSONDecodeError,
        UnicodeDecodeError,
    ) as error:
        print(error, file=sys.stderr)
        return 2
    except TrailBroken as broken:
        print(broken, file=sys.stderr)
        return 1
    except DBAPIError as error:
        print(f"The database does not do it: {error.orig}", file=sys.stderr)
        return 2
    return 0


def _run(parsed: argparse.Namespace, settings: Settings) -> None:
    if parsed.command == "migrate":
        migrate(make_engine(database_url(settings)))
    elif parsed.command == "sync-registry":
        _sync_registry(_works(settings))
    elif parsed.command == "import-providers":
        _import_providers(_works(settings), parsed.file)
    elif parsed.command == "reseal":
        _reseal(_works(settings))
    elif parsed.command == "verify-trail":
        _verify_trail(settings)
    elif parsed.command == "worker":
        _work(settings)
    else:
        _serve(parsed)


def _pages(settings: Settings) -> "Flask":
    # What is loaded stays. To look through it again and again for garbage would take a fifth of the time.
    gc.disable()
    try:
        from app.factory import create_app  # noqa: PLC0415
        from app.web.support.assets import AssetsNotBuilt  # noqa: PLC0415

        try:
            return create_app(settings)
        except AssetsNotBuilt as error:
            raise CommandRefused(error) from error
    finally:
        gc.enable()


def _works(settings: Settings) -> "Works":
    works: Works = _pages(settings).extensions["vcp_works"]
    return works


def _sync_registry(works: "Works") -> None:
    from app.shells.sync_registry import sync_registry  # noqa: PLC0415

    read = sync_registry(works, full=True)
    print(f"Read {read['activities']} activities and {read['mandates']} mandates.")


def _import_providers(works: "Works", file: Path) -> None:
    from app.domain.offers.import_providers import ImportRefused, import_providers  # noqa: PLC0415
    from app.shells.register_notifications import register_notifications  # noqa: PLC0415

    data = json.loads(file.read_text(encoding="utf-8"))
    try:
        with works.sessions.begin() as session:
            done = import_providers(session, data, works.sealer, works.now())
    except ImportRefused as error:
        raise CommandRefused(error) from error
    register_notifications(works)
    print(f"Imported {done.providers} providers, {done.accounts} payment accounts, {done.offers} offers.")
    if done.skipped:
        print(f"Left out {done.skipped} offers: the registry shows no such mandate. Run sync-registry first.")


def _reseal(works: "Works") -> None:
    from app.shells.reseal import reseal  # noqa: PLC0415

    sealed, broken = reseal(works)
    print(f"Sealed the secrets of {sealed} payment accounts anew.")
    if broken:
        raise SealBroken(
            f"No key opens those of {', '.join(broken)}: their providers have to enter them again."
        )


def _verify_trail(settings: Settings) -> None:
    """Reads only, so that it can be pointed at a copy. No worker keeps this verdict."""
    from app.domain.audit.verify_trail import verify_trail  # noqa: PLC0415

    with make_sessions(make_engine(database_url(settings)))() as session:
        verdict = verify_trail(session)
    if not verdict.whole:
        places = "; ".join(
            f"{each.what.value}: seal {each.number or '-'}, row {each.event_id or '-'}"
            for each in verdict.problems
        )
        raise TrailBroken(f"The trail is broken in {verdict.found} places: {places}")
    print(f"The trail is whole: {verdict.rows} rows, head {verdict.head} {verdict.hash.hex()}")


def _work(settings: Settings) -> None:
    # Only the worker needs the queue's machinery.
    from app.jobs.mails import mail_writer  # noqa: PLC0415
    from app.jobs.worker import run_worker  # noqa: PLC0415

    pages = _pages(settings)
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
