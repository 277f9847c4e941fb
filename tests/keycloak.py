"""One real Keycloak for a whole test run, however many workers it has.

The first worker that collected a test with the fixture `keycloak` starts a keeper (tests/keycloak_keeper.py), a
process of its own that starts Keycloak while other tests run already, and ends with the run, also with one that was
killed. Everybody else waits for the file in which it says how Keycloak is reached.

Without Java or the distribution such tests skip and say so; with VCP_REQUIRE_REAL=1 they fail.
"""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pyotp
import pytest
from keycloak import KeycloakAdmin, KeycloakPostError

from sandbox.keycloak.distribution import KeycloakMissing, find
from sandbox.keycloak.realms import REALMS, ROOT, code_generator, filled
from sandbox.keycloak.server import Secrets, administration, placeholders_of

ANSWER = "answer.json"
PID = "keeper.pid"
MAILS = "mails"
SECONDS_TO_WAIT = 110  # for a test; Keycloak began to start when the tests were collected
STEP = 30  # seconds that a code is good for


@dataclass
class Person:
    """Somebody who can sign in. Give every test that types codes a person of its own: a code works once."""

    realm: str
    subject: str
    email: str
    password: str
    totp_secret: str | None
    _last_step: int = 0

    def code(self) -> str:
        """A code that this person has not typed yet; now and then that is the next one's, or one has to wait."""
        assert self.totp_secret
        # Keycloak takes the code before and the code after, too.
        while (step := max(int(time.time()) // STEP, self._last_step + 1)) > time.time() // STEP + 1:
            time.sleep(0.2)
        self._last_step = step
        return pyotp.TOTP(self.totp_secret).at(step * STEP)


@dataclass(frozen=True)
class Keycloak:
    """The running Keycloak with both realms and the people of sandbox/seed/people.json."""

    base_url: str
    secrets: Secrets = field(repr=False)
    _admins: dict[str, KeycloakAdmin] = field(default_factory=dict, repr=False)

    def issuer(self, realm: str) -> str:
        """The issuer of `public` or `registry`."""
        return f"{self.base_url}/realms/{realm}"

    def admin(self, realm: str) -> KeycloakAdmin:
        """python-keycloak's admin client for a realm."""
        if realm not in self._admins:
            self._admins[realm] = administration(self.base_url, realm, self.secrets.operator)
        return self._admins[realm]

    def allow(self, public_url: str) -> dict[str, str]:
        """Let the platform at `public_url` sign people in; its settings, by their names in `app.settings`.

        Every platform gets a client of its own in both realms, `vcp-<port>`, a copy of `vcp`: addresses must match
        to the letter, and a client has one address for back-channel logout. Call it again and nothing changes.
        """
        client_id = f"vcp-{urlsplit(public_url).port}"
        values = placeholders_of(public_url, self.secrets, smtp_port=None)
        for name in REALMS:
            client = next(one for one in filled(name, values)["clients"] if one["clientId"] == "vcp")
            try:
                self.admin(name).create_client({**client, "clientId": client_id})
            except KeycloakPostError as error:
                if error.response_code != HTTPStatus.CONFLICT:  # else it is there, perhaps by another worker
                    raise
        return {
            "public_realm_url": self.issuer("public"),
            "public_realm_client_id": client_id,
            "public_realm_client_secret": self.secrets.public_client,
            "registry_realm_url": self.issuer("registry"),
            "registry_realm_client_id": client_id,
            "registry_realm_client_secret": self.secrets.registry_client,
            "registry_token_url": f"{self.issuer('registry')}/protocol/openid-connect/token",
            "registry_client_id": "vcp-service",
            "registry_client_secret": self.secrets.service_client,
        }

    def add_person(
        self,
        realm: str,
        *,
        roles: tuple[str, ...] = (),
        accounts: tuple[str, ...] = (),
        code_generator_set_up: bool = False,
    ) -> Person:
        """A new person whom no other test knows, with a verified e-mail address."""
        email = f"{secrets.token_hex(6)}@person.example"
        password = secrets.token_urlsafe(16)
        totp_secret = pyotp.random_base32() if code_generator_set_up else None
        credentials: list[dict[str, Any]] = [{"type": "password", "value": password, "temporary": False}]
        if totp_secret:
            credentials.append(code_generator(totp_secret))
        admin = self.admin(realm)
        subject = admin.create_user(
            {
                "username": email,
                "email": email,
                "emailVerified": True,
                "enabled": True,
                "firstName": "Test",
                "lastName": "Person",
                "attributes": {"locale": ["en"], **({"accounts": list(accounts)} if accounts else {})},
                "credentials": credentials,
            }
        )
        if roles:
            admin.assign_realm_roles(subject, [admin.get_realm_role(role) for role in roles])
        return Person(realm, subject, email, password, totp_secret)

    def mail_to(self, email: str) -> EmailMessage:
        """The last mail that Keycloak sent to this address; it may still be on its way."""
        give_up = time.monotonic() + 10
        folder = run_folder() / MAILS / "new"
        while time.monotonic() < give_up:
            for file in sorted(folder.glob("*"), key=lambda one: one.stat().st_mtime_ns, reverse=True):
                mail = message_from_bytes(file.read_bytes(), policy=default)
                if mail["To"] == email:
                    return mail
            time.sleep(0.1)
        raise AssertionError(f"no mail to {email}")

    def sign_out(self, person: Person) -> None:
        """End all of a person's sessions from Keycloak's side; it tells every client that wants to know."""
        self.admin(person.realm).user_logout(person.subject)


@pytest.fixture(scope="session")
def keycloak() -> Keycloak:
    """The one real Keycloak of this run."""
    try:
        find()
    except KeycloakMissing as missing:
        do_without(str(missing))
    start_keeper()
    answer = wait_for_answer(run_folder() / ANSWER)
    if "trouble" in answer:
        pytest.fail(answer["trouble"])
    return Keycloak(answer["base_url"], Secrets(**answer["secrets"]))


def do_without(reason: str) -> None:
    """Skip, or fail where the real one is required."""
    if os.environ.get("VCP_REQUIRE_REAL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def wait_for_answer(file: Path) -> Mapping[str, Any]:
    """What the keeper says, or that it says nothing."""
    give_up = time.monotonic() + SECONDS_TO_WAIT
    while not file.exists():
        if time.monotonic() > give_up:
            return {"trouble": f"Keycloak was not there after {SECONDS_TO_WAIT} seconds; see {file.parent}"}
        time.sleep(0.1)
    answer: Mapping[str, Any] = json.loads(file.read_text())
    return answer


def run_process() -> psutil.Process:
    """The process that lives as long as the run: pytest itself, the parent of parallel workers."""
    return psutil.Process(os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid())


def run_folder() -> Path:
    """The same for every worker of a run, and for no other run."""
    run = run_process()
    return Path(tempfile.gettempdir()) / f"vcp-keycloak-{run.pid}-{int(run.create_time())}"


def start_keeper() -> None:
    """Start it if nobody has: whoever makes the folder does."""
    folder, run = run_folder(), run_process()
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    with (folder / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.keycloak_keeper", str(folder), str(run.pid)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests; the keeper stops when they have
        )
    keeper.returncode = 0  # it may outlive this worker, and nobody here waits for it


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start early: Keycloak needs 20 seconds, in which other tests can run."""
    if session.config.option.collectonly or not any("keycloak" in names_of(item) for item in session.items):
        return
    try:
        find()
    except KeycloakMissing:
        return  # the fixture says so
    start_keeper()


def names_of(item: pytest.Item) -> list[str]:
    """The fixtures that a test uses."""
    return getattr(item, "fixturenames", [])


def pytest_unconfigure() -> None:
    """At the end of the run, however it ended: stop Keycloak and wait until it is gone."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    folder = run_folder()
    give_up = time.monotonic() + 30
    while folder.exists() and time.monotonic() < give_up:
        with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError):
            os.kill(int((folder / PID).read_text()), signal.SIGTERM)
        time.sleep(0.1)
