"""The operator's commands with the environment's settings: beside the sandbox each in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session, sessionmaker

from app import cli, factory
from app.database import make_engine
from app.domain.audit.record import Event, record
from app.domain.later import defer
from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.people.models import Provider
from app.migrate import newest_revision
from app.sealing import Sealer
from app.settings import Settings
from tests import forked
from tests.bank import make_bank_account
from tests.conftest import address_of, copy_database, lonely_settings
from tests.factories import NOW, PAYEE_SECRET, make_order, make_payee_account, make_provider
from tests.neighbours import ROOT, free_port
from tests.town import SEED, Town

SECONDS = 90


def environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, and nothing else of this process's own."""
    names = {
        "SECRET_KEY": settings.secret_key,
        "PUBLIC_URL": settings.public_url,
        "REGISTRY_URL": settings.registry_url,
        "REGISTRY_TOKEN_URL": settings.registry_token_url,
        "REGISTRY_CLIENT_ID": settings.registry_client_id,
        "REGISTRY_CLIENT_SECRET": settings.registry_client_secret,
        "REGISTRY_EVENT_SECRET": settings.registry_event_secret,
        "PUBLIC_REALM_URL": settings.public_realm_url,
        "PUBLIC_REALM_CLIENT_ID": settings.public_realm_client_id,
        "PUBLIC_REALM_CLIENT_SECRET": settings.public_realm_client_secret,
        "REGISTRY_REALM_URL": settings.registry_realm_url,
        "REGISTRY_REALM_CLIENT_ID": settings.registry_realm_client_id,
        "REGISTRY_REALM_CLIENT_SECRET": settings.registry_realm_client_secret,
        **{f"{code.upper()}_API_URL": url for code, url in settings.api_urls.items()},
        "STRIPE_CONNECT_KEY": settings.stripe_connect_key,
        "STRIPE_CONNECT_SECRET": settings.stripe_connect_secret,
        "PAYPAL_CA_FILE": str(settings.paypal_ca_file or ""),
        "MAIL_URL": settings.mail_url,
        "DATABASE_URL": settings.database_url or "",
        "VAR_DIR": str(settings.var_dir),
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    return kept | names


@dataclass
class Done:
    """How a command ended."""

    code: int
    said: str
    complained: str

    @property
    def sentence(self) -> str:
        """What an operator reads of a failure, which is no traceback and holds no secret."""
        assert self.code == 2, f"{self.code}: {self.said}{self.complained}"
        assert "Traceback" not in self.complained
        assert "of-the-tests" not in self.complained, "a secret"
        return "\n".join(line for line in self.complained.splitlines() if not line.startswith("{"))


Run = Callable[..., Done]


def run_as_process(environ: dict[str, str], *arguments: str | Path) -> Done:
    done = forked.run("app.cli", [*map(str, arguments)], environ, SECONDS)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def run_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, which leaves how it logs to the tests: quicker, for what ends at once."""

    def ran(environ: dict[str, str], *arguments: str | Path) -> Done:
        with monkeypatch.context() as patch:
            patch.setattr(os, "environ", environ)
            patch.setattr(cli.logs, "set_up", lambda _: None)
            try:
                code = cli.main([*map(str, arguments)])
            except SystemExit as usage:
                code = int(usage.code or 0)
        return Done(code, *capsys.readouterr())

    return ran


@pytest.fixture
def run(settings: Settings, engine: Engine, run_here: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on this test's database, beside nobody."""
    monkeypatch.setattr(factory, "make_engine", lambda _: engine)
    return lambda *arguments: run_here(environment(settings), *arguments)


@pytest.fixture
def run_in_town(settings: Settings, town: Town) -> Run:
    """Run a command on this test's database, beside the sandbox's neighbours."""
    return lambda *arguments: run_as_process(environment(town.settings(settings)), *arguments)


@pytest.fixture
def empty_database(postgres: URL) -> Iterator[str]:
    with copy_database(postgres, "template1") as name:
        yield address_of(postgres.set(database=name))


# Settings and usage.


@pytest.mark.parametrize(
    "arguments",
    [
        ["migrate"],
        ["sync-registry"],
        ["import-providers", "x.json"],
        ["reseal"],
        ["verify-trail"],
        ["worker"],
        ["web"],
    ],
)
def test_every_command_lists_what_is_missing(run_here: Run, arguments: list[str]):
    done = run_here({}, *arguments)
    assert done.sentence.count(" is missing: ") == 15
    assert "PUBLIC_URL is missing" in done.sentence
    assert done.said == ""


def test_what_is_no_command_is_told_with_those_that_are(run: Run):
    for arguments in ([], ["dance"]):
        done = run(*arguments)
        assert done.code == 2
        assert "usage:" in done.complained
    for command in (
        "migrate",
        "sync-registry",
        "import-providers",
        "reseal",
        "verify-trail",
        "worker",
        "web",
    ):
        assert command in run("--help").said


# reseal


def test_reseal_seals_every_account_with_todays_key(
    settings: Settings, engine: Engine, run_here: Run, sessions: sessionmaker[Session], monkeypatch
):
    monkeypatch.setattr(factory, "make_engine", lambda _: engine)
    with sessions.begin() as session:
        account = make_payee_account(session, make_provider(session, account=False))
        account.webhook_secret_sealed = Sealer(settings.secret_key).seal("whsec-of-the-tests")
        bank_id = make_bank_account(session, account.provider).account_id
        account_id = account.id
    today = environment(settings) | {"SECRET_KEY": "k" * 40, "SECRET_KEY_BEFORE": settings.secret_key}
    assert run_here(today, "reseal").said == "Sealed the secrets of 2 payment accounts anew.\n"
    only_today = Sealer("k" * 40)
    with sessions() as session:
        account = session.get_one(ProviderPayeeAccount, account_id)
        assert only_today.of(account_id).open(account.secret_sealed) == PAYEE_SECRET
        assert only_today.of(account_id).open(account.webhook_secret_sealed or b"") == "whsec-of-the-tests"
        bank = session.get_one(ProviderPayeeAccount, bank_id)
        assert only_today.of(bank_id).open(bank.secret_sealed) == ""
    lost = run_here(environment(settings) | {"SECRET_KEY": "l" * 40}, "reseal")
    assert str(account_id) in lost.sentence
    assert "their providers have to enter them again" in lost.sentence


# verify-trail


def test_verify_trail_says_whether_a_row_is_missing(
    settings: Settings, engine: Engine, run: Run, sessions: sessionmaker[Session], monkeypatch
):
    monkeypatch.setattr(cli, "make_engine", lambda _: engine)
    for name in ("first", "second"):
        with sessions.begin() as session:
            record(session, Event.ORGANISATION_CREATED, "organisation", name, NOW)
    whole = run("verify-trail")
    assert whole.code == 0
    assert whole.said.startswith("The trail is whole: 2 rows, head 2 ")
    with sessions.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("DELETE FROM audit_event WHERE entity_id = 'first'"))
    broken = run("verify-trail")
    assert (broken.code, broken.said) == (1, "")
    assert broken.complained.startswith("The trail is broken in 1 places: row_gone: seal 1, row ")


# migrate


def test_migrate_makes_the_tables_and_does_nothing_the_second_time(empty_database: str, tmp_path: Path):
    environ = environment(lonely_settings(empty_database, tmp_path))
    engine = make_engine(empty_database)
    seen = []
    for _ in range(2):
        done = run_as_process(environ, "migrate")
        assert (done.code, done.said) == (0, ""), done.complained
        with engine.connect() as connection:
            [revision] = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
            tables = connection.execute(
                text("SELECT relname, oid FROM pg_class WHERE relkind = 'r' ORDER BY oid")
            ).all()
        seen.append((revision, tables))
    engine.dispose()
    assert seen[0] == seen[1], "the second time nothing was made anew"
    assert seen[0][0] == newest_revision()
    assert {"order", "offer", "procrastinate_jobs"} <= {table for table, _ in seen[0][1]}


def test_two_machines_may_migrate_at_once(empty_database: str, tmp_path: Path):
    environ = environment(lonely_settings(empty_database, tmp_path))
    both = [forked.start("app.cli", ["migrate"], environ, tmp_path / "log") for _ in range(2)]
    assert [one.wait(SECONDS) for one in both] == [0, 0]


@pytest.mark.parametrize("arguments", [["migrate"], ["sync-registry"], ["import-providers", SEED]])
def test_without_the_database_it_says_so(run_here: Run, arguments: list[str | Path], tmp_path: Path):
    settings = lonely_settings("postgresql://vcp:password-of-the-tests@127.0.0.1:1/none", tmp_path)
    assert "127.0.0.1" in run_here(environment(settings), *arguments).sentence


# sync-registry


def test_sync_registry_reads_everything_and_the_same_again(run_in_town: Run, engine: Engine):
    first = run_in_town("sync-registry")
    assert first.code == 0, first.complained
    with engine.connect() as connection:
        activities, mandates = (
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("activity", "mandate")
        )
    assert activities >= 60
    assert first.said == f"Read {activities} activities and {mandates} mandates.\n"
    assert run_in_town("sync-registry").said == first.said


def test_sync_registry_without_the_registry_says_so_in_a_sentence(run: Run, town: Town, settings: Settings):
    assert "registry" in run("sync-registry").sentence
    only_tokens = replace(town.settings(settings), registry_url=settings.registry_url)
    assert "registry" in run_as_process(environment(only_tokens), "sync-registry").sentence


# import-providers


def counts(sessions: sessionmaker[Session]) -> dict[str, int]:
    with sessions() as session:
        return {
            kind.__name__: session.query(kind).count() for kind in (Provider, ProviderPayeeAccount, Offer)
        }


def webhooks_of(session: Session) -> dict[UUID, str]:
    """By account, of those that a gateway tells about; nobody tells about a bank account."""
    accounts = session.query(ProviderPayeeAccount).filter(ProviderPayeeAccount.gateway != "bank")
    return {account.id: account.webhook_id for account in accounts}


def test_import_providers_puts_them_on_sale_once(run_in_town: Run, sessions: sessionmaker[Session]):
    assert run_in_town("sync-registry").code == 0
    first = run_in_town("import-providers", SEED)
    assert first.code == 0, first.complained
    found = counts(sessions)
    assert first.said == (
        f"Imported {found['Provider']} providers, {found['ProviderPayeeAccount']} payment accounts, "
        f"{found['Offer']} offers.\n"
    )
    assert found["Offer"] > 10
    with sessions() as session:
        webhooks = webhooks_of(session)
    assert all(webhooks.values()), "the gateway was asked to notify us"
    again = run_in_town("import-providers", SEED)
    assert (again.code, again.said) == (0, first.said)
    assert counts(sessions) == found
    with sessions() as session:
        assert webhooks_of(session) == webhooks


def test_import_providers_before_the_registry_was_read_leaves_offers_out_and_says_so(
    run_in_town: Run, sessions: sessionmaker[Session]
):
    done = run_in_town("import-providers", SEED)
    assert done.code == 0, done.complained
    assert "Run sync-registry first." in done.said
    assert counts(sessions)["Offer"] == 0
    assert counts(sessions)["Provider"] > 0


@pytest.fixture
def file(tmp_path: Path) -> Callable[[Any], Path]:
    """A file with this content: bytes as they are, the rest as JSON."""

    def written(content: Any) -> Path:
        path = tmp_path / "providers.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return written


def seed_with(**changes: Any) -> dict[str, Any]:
    """The seed's first two providers, the second one changed."""
    providers = json.loads(SEED.read_text(encoding="utf-8"))["providers"][:2]
    providers[1] |= changes
    return {"providers": providers}


@pytest.mark.parametrize(
    "content,told",
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"\xff\xfe", "decode"),
        ([], "no object with a list"),
        ({"provider": []}, "no object with a list"),
        ({"providers": ["x"]}, "no object with a list"),
        ({"providers": [{}]}, "provider ?"),
        (seed_with(payee_accounts=[{"gateway": "paypal"}]), "external_id"),
        (seed_with(registry_accounts=7), "provider "),
        (seed_with(legal_name=None), "legal_name"),
    ],
)
def test_a_file_that_cannot_be_is_told_and_nothing_of_it_is_kept(
    run: Run, sessions: sessionmaker[Session], file: Callable[[Any], Path], content: Any, told: str
):
    assert told in run("import-providers", file(content)).sentence
    assert set(counts(sessions).values()) == {0}


def test_a_file_that_is_not_there_is_told(run: Run, tmp_path: Path):
    assert "nowhere.json" in run("import-providers", tmp_path / "nowhere.json").sentence


def test_without_the_gateway_it_says_so_and_the_next_time_goes_on(
    run: Run, run_in_town: Run, sessions: sessionmaker[Session]
):
    assert "paypal" in run("import-providers", SEED).sentence
    assert counts(sessions)["Provider"] > 0
    assert run_in_town("import-providers", SEED).code == 0
    with sessions() as session:
        assert all(webhooks_of(session).values())


# worker and web, as an operator starts them


def stop(process: subprocess.Popen[str]) -> str:
    """End it as an operator's supervisor does; what it wrote to standard error."""
    process.send_signal(signal.SIGTERM)
    _, complained = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, complained
    return complained


def test_the_worker_works_and_stops_when_told(settings: Settings, sessions: sessionmaker[Session]):
    with sessions.begin() as session:
        order = make_order(session)
        session.execute(text("UPDATE \"order\" SET hold_until = now() - interval '1 minute'"))
        session.execute(text("DELETE FROM procrastinate_jobs"))
        defer(session, "expire_order", order_id=order.id)
    command = [sys.executable, "-m", "app.cli", "worker"]
    worker = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stderr=subprocess.PIPE, text=True)
    give_up = time.monotonic() + SECONDS
    state = None
    while state != OrderState.EXPIRED and worker.poll() is None and time.monotonic() < give_up:
        time.sleep(0.05)
        with sessions() as session:
            state = session.get_one(Order, order.id).state
    lines = stop(worker).splitlines()
    assert state == OrderState.EXPIRED
    [told] = [
        entry
        for entry in map(json.loads, lines)
        if entry["event"] == "job" and entry["job"] == "expire_order"
    ]
    assert (told["outcome"], told["order"]) == ("done", order.number)


def test_the_web_serves_pages_and_stops_when_told(settings: Settings):
    port = free_port()
    command = [sys.executable, "-m", "app.cli", "web", "--port", str(port)]
    web = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stderr=subprocess.PIPE, text=True)
    give_up = time.monotonic() + SECONDS
    answer = None
    while answer is None and web.poll() is None and time.monotonic() < give_up:
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=10, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
    page = httpx.get(f"http://127.0.0.1:{port}/fr/projects", timeout=60, trust_env=False)
    stop(web)
    assert answer is not None
    assert answer.json() == {
        "status": "degraded",
        "database": "ok",
        "migrations": "ok",
        "registry": "degraded",
    }
    assert (page.status_code, '<html lang="fr"' in page.text) == (200, True)
