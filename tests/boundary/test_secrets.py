"""No secret is in a log, on a page or in a `repr`, whatever breaks and whatever the neighbours answer.

A process of its own goes through the platform with secrets that are easy to recognise, while every neighbour is first away
and then answers with errors that repeat what it was sent.
"""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.engine import URL

from app import logs
from app.database import make_engine, make_sessions
from app.domain.mails.models import Mail
from app.domain.orders.models import Order
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.people.models import Realm, SignIn
from app.factory import create_app
from app.jobs.queue import jobs_by_name
from app.sealing import Sealer
from app.settings import Settings
from app.shells.sync_registry import sync_registry
from app.shells.works import Works
from app.web.support.gate import open_to_all
from app.web.support.signed_in import provider_token, signed_in
from tests.conftest import lonely_settings
from tests.databases import address_of, copy_database
from tests.factories import make_mandate, make_offer, make_order, make_payee_account, make_provider
from tests.neighbours import ROOT
from tests.town import plain_mail
from tests.web.pages import Client
from tests.web.roles import sign_in_administrator, sign_in_provider

# Each is written so that nothing else looks like it.
SECRETS = {
    "secret_key": "canary-of-the-secret-key-0123456789abcdef",
    "registry_client_secret": "canary-of-the-service-client",
    "registry_event_secret": "canary-of-the-events",
    "public_realm_client_secret": "canary-of-the-public-realm",
    "registry_realm_client_secret": "canary-of-the-registry-realm",
}
MAIL, DATABASE, PAYEE = "canary-of-the-mail-server", "canary-of-the-database", "canary-of-a-payee-account"
TOKEN, CODE = "canary-of-a-persons-token", "canary-of-a-code"
CANARY = "canary"


class Repeating(BaseHTTPRequestHandler):
    """Answers everything with an error that holds what it was asked with."""

    status = 500

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        said = json.dumps(
            {"error": "invalid_request", "error_description": f"{self.path} {self.headers} {sent}"}
        )
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said.encode())))
        self.end_headers()
        self.wfile.write(said.encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 (so they are called)

    def log_message(self, *_: object) -> None:
        """Not into what is looked through."""


def with_secrets(settings: Settings, neighbour: str) -> Settings:
    return replace(
        settings,
        **SECRETS,
        registry_url=neighbour,
        registry_token_url=f"{neighbour}/token",
        public_realm_url=f"{neighbour}/realms/public",
        registry_realm_url=f"{neighbour}/realms/registry",
        api_urls={**settings.api_urls, "paypal": neighbour},
        mail_url=f"smtp://mailer:{MAIL}@127.0.0.1:1",
    )


class Visit:
    """One platform with such settings, and everything that it says."""

    def __init__(self, database_address: str, folder: Path, neighbour: str) -> None:
        self.settings = with_secrets(lonely_settings(database_address, folder), neighbour)
        self.engine = make_engine(database_address)
        self.app = create_app(self.settings, engine=self.engine)
        self.app.config["WTF_CSRF_ENABLED"] = False
        self.works: Works = self.app.extensions["vcp_works"]
        self.said: list[str] = []
        self.failed = 0

    def open(self, client: Client, method: str, url: str, **options: Any) -> None:
        answer = client.inner.open(url, method=method, **options)
        self.failed += answer.status_code >= 400
        self.said.append(f"{answer.headers}\n{answer.text}")

    def run(self) -> None:
        self._as_a_guest()
        self._as_a_provider()
        self._as_an_administrator()
        self._jobs()
        self.said += [repr(each) for each in (self.settings, self.works, self.works.neighbours, self.app)]
        self.said += [repr(each) for each in vars(self.works.neighbours).values()]
        self.engine.dispose()

    def _as_a_guest(self) -> None:
        guest = Client(self.app.test_client())
        _add_trap(self.app, self.settings)
        for url in ("/readyz", "/en/sign-in", "/en/console/sign-in", "/en/trap", "/en/nowhere"):
            self.open(guest, "GET", url)
        self.open(guest, "GET", f"/sign-in/registry/back?code={CODE}&state={CODE}")
        self.open(guest, "POST", "/sign-in/public/back-channel-logout", data={"logout_token": f"{TOKEN}.b.c"})
        headers = {"Registry-Signature": f"t=1,v1={'0' * 64}"}
        self.open(guest, "POST", "/webhooks/registry", data=b"{}", headers=headers)
        with self.works.sessions() as session:
            for account in session.scalars(select(ProviderPayeeAccount.id)):
                self.open(guest, "POST", f"/webhooks/paypal/{account}", data=b"{}")

    def _as_a_provider(self) -> None:
        seller = Client(self.app.test_client())
        with self.works.sessions.begin() as session:
            provider = make_provider(session)
            [account] = [each.account_id for each in provider.registry_accounts]
            mandate_id = make_mandate(session, provider).mandate_id
        sign_in_provider(self.app, seller, account, token=TOKEN)
        key = str(uuid4())
        form = {"account": account, "block": "block-1", "quantity": "1", "key": key}
        self.open(seller, "GET", "/en/console/holdings")
        self.open(seller, "GET", "/en/console/offers/new", query_string=form)
        self.open(seller, "POST", "/en/console/offers/new", data=form)
        self.open(seller, "GET", f"/en/console/offers/drafts/{key}/preview")
        seen = {"seen": "2026-11-23T12:00:00+00:00"}
        self.open(seller, "POST", f"/en/console/offers/drafts/{key}/publish", data=seen)
        self.open(seller, "POST", f"/en/console/mandates/{mandate_id}/revoke", data={"key": str(uuid4())})
        self.open(seller, "GET", "/en/console/holdings")
        self.open(seller, "GET", "/en/token-trap")
        self._getting_paid(seller, provider.id)
        self.open(seller, "POST", "/en/sign-out", data={"realm": Realm.REGISTRY.value})

    def _getting_paid(self, seller: Client, provider_id: UUID) -> None:
        """Secrets that are typed in, refused, tried out and replaced."""
        place = "/en/console/payee-accounts"
        with self.works.sessions.begin() as session:
            session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(acr="2"))
        form = {"method": "paypal", "mode": "own_app", "client_id": "client", "secret": PAYEE}
        for currencies in ("", "USD"):
            form |= {"external_id": uuid4().hex[:13], "currencies": currencies}
            self.open(seller, "POST", f"{place}/new", data=form)
        with self.works.sessions() as session:
            accounts = session.scalars(
                select(ProviderPayeeAccount.id).where(ProviderPayeeAccount.provider_id == provider_id)
            ).all()
        for account in accounts:
            for page in ("", "/secret", "/revoke"):
                self.open(seller, "GET", f"{place}/{account}{page}")
            self.open(seller, "POST", f"{place}/{account}/secret", data={"secret": PAYEE})
            self.open(seller, "POST", f"{place}/{account}/probe")
        with self.works.sessions.begin() as session:
            session.execute(update(SignIn).values(auth_time=SignIn.auth_time - timedelta(minutes=10)))
        self.open(seller, "POST", f"{place}/new", data=form)
        self.open(seller, "GET", place)

    def _as_an_administrator(self) -> None:
        administrator = Client(self.app.test_client())
        sign_in_administrator(self.app, administrator, token=TOKEN)
        for page in ("", "/providers", "/people?email=a@example.org", "/audit"):
            self.open(administrator, "GET", f"/en/console/admin{page}")
        self.open(administrator, "GET", "/en/console/elevate?next=/en/console/admin")

    def _jobs(self) -> None:
        with self.works.sessions.begin() as session:
            provider = make_provider(session, account=False)
            sealed = Sealer(self.settings.secret_key).seal(PAYEE)
            account = make_payee_account(session, provider, secret_sealed=sealed)
            order = make_order(session, make_offer(session, provider=provider), now=datetime.now(UTC))
            self.said.append(repr(account))
            order_id, account_id = order.id, account.id
            mails = list(session.scalars(select(Mail.id)))
        jobs = jobs_by_name(self.works, plain_mail)
        client = Client(self.app.test_client())
        self.open(client, "POST", f"/webhooks/paypal/{account_id}", data=b"{}")
        with self.works.sessions() as session:
            token = session.get_one(Order, order_id).token
        self.open(client, "POST", f"/en/orders/{token}/pay")
        for mail_id in mails:
            self._try(lambda mail_id=mail_id: jobs["send_mail"](mail_id=str(mail_id)))
        self._try(lambda: sync_registry(self.works, full=True))
        self._try(lambda: jobs["read_resource"](kind="mandate", resource_id="MND-1"))

    def _try(self, act: Any) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 (whatever it is, as the worker's own log has it)
            logs.log.exception("job failed")
            self.failed += 1
            self.said.append(f"{error!r} {error.__cause__!r}")


def _add_trap(pages: Flask, settings: Settings) -> None:
    @pages.get("/en/trap")
    @open_to_all
    def trap() -> str:
        held = settings  # where a traceback with values would find it
        raise RuntimeError(f"it is broken: {held}")

    @pages.get("/en/token-trap")
    @open_to_all
    def token_trap() -> str:
        person = signed_in(Realm.REGISTRY)
        assert person is not None
        token = provider_token(person)
        raise RuntimeError(f"it is broken: {person.person.id} {person!r} {len(token)}")


def act(database_address: str, folder: str) -> dict[str, Any]:
    """In the other process."""
    logs.set_up("DEBUG")
    said: list[str] = []
    failed = []
    visits = [Visit(database_address, Path(folder) / "away", "http://127.0.0.1:1")]
    with ThreadingHTTPServer(("127.0.0.1", 0), Repeating) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        for status in (500, 400, 401):
            Repeating.status = status
            address = f"http://127.0.0.1:{server.server_port}"
            visits.append(Visit(database_address, Path(folder) / str(status), address))
            visits[-1].run()
        server.shutdown()
        thread.join()
    visits[0].run()
    for visit in visits:
        said += visit.said
        failed.append(visit.failed)
    said += _without_database(Path(folder))
    return {"said": said, "failed": failed}


def _without_database(folder: Path) -> list[str]:
    url = f"postgresql://vcp:{DATABASE}@127.0.0.1:1/none"
    settings = replace(with_secrets(lonely_settings(url, folder), "http://127.0.0.1:1"), database_url=url)
    app = create_app(settings)
    answers = [app.test_client().get(path).text for path in ("/readyz", "/en/projects", "/en/basket")]
    with contextlib.suppress(Exception):
        make_sessions(make_engine(url))().connection()
    return [*answers, repr(settings), repr(make_engine(url))]


@dataclass
class Told:
    """What that process wrote into its log, and what its pages and objects said."""

    log: str
    said: list[str]
    failed: list[int]


@pytest.fixture(scope="module")
def told(postgres: URL, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with copy_database(postgres, template_database) as name:
        folder = tmp_path_factory.mktemp("secrets")
        module = ["-m", "tests.boundary.test_secrets"]
        done = subprocess.run(
            [sys.executable, *module, address_of(postgres.set(database=name)), str(folder)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        facts = json.loads(done.stdout)
        yield Told(done.stderr, facts["said"], facts["failed"])


def around(text: str) -> list[str]:
    return [text[max(at - 200, 0) : at + 60] for at in range(len(text)) if text.startswith(CANARY, at)]


def test_everything_was_asked_and_much_went_wrong(told: Told):
    assert len(told.said) > 80
    assert min(told.failed) > 5
    for said in ("unexpected error", "job failed", "identity provider does not answer", "holdings not read"):
        assert said in told.log
    for path in ("/v1/accounts", "/token", "/v1/oauth2/token"):
        assert path in told.log, "it was never called"


def test_no_secret_is_in_a_log(told: Told):
    assert around(told.log) == []


def test_no_secret_is_on_a_page_or_in_a_repr(told: Told):
    assert [found for each in told.said for found in around(each)] == []


def test_no_cookie_that_signs_somebody_in_is_in_a_log(told: Told):
    assert "vcp-console" not in told.log
    assert "vcp-public" not in told.log


if __name__ == "__main__":
    print(json.dumps(act(*sys.argv[1:])))
