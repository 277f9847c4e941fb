"""Starts a Keycloak with both realms in a folder of its own.

running = start_keycloak(Path("var/keycloak"), 8101, "http://127.0.0.1:8000", secrets)
running.issuer("public")  ->  "http://127.0.0.1:8101/realms/public"
running.stop()
"""

import contextlib
import os
import signal
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from keycloak import KeycloakAdmin

from sandbox.keycloak import distribution
from sandbox.keycloak.realms import OUR_CLIENTS, REALMS, filled, write_realms
from sandbox.supervisor import end_with_parent

OPERATOR = "operator"  # who administers Keycloak itself, in its realm `master`
SECONDS_TO_START = 180  # 15 alone on two cores, a minute beside four busy test workers
SECONDS_TO_STOP = 15
# C1 only and the plain collector: it is up sooner and takes less of the machine than with the server's defaults.
JAVA_OPTIONS = (
    "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms128m -Xmx512m -XX:MaxMetaspaceSize=256m "
    "-Dfile.encoding=UTF-8 -Djava.security.egd=file:/dev/urandom"
)


class KeycloakFailed(Exception):
    """Keycloak did not start; the message has the end of its log."""


@dataclass(frozen=True)
class Secrets:
    """What nobody else may know: the clients' secrets and the operator's password."""

    public_client: str = field(repr=False)
    registry_client: str = field(repr=False)
    service_client: str = field(repr=False)
    operator: str = field(repr=False)


@dataclass(frozen=True)
class Running:
    """A Keycloak that answers."""

    base_url: str
    process: subprocess.Popen[bytes] = field(repr=False)
    secrets: Secrets = field(repr=False)

    def issuer(self, realm: str) -> str:
        """The issuer of `public` or `registry`."""
        return f"{self.base_url}/realms/{realm}"

    def admin(self, realm: str) -> KeycloakAdmin:
        """python-keycloak's admin client for one realm."""
        return administration(self.base_url, realm, self.secrets.operator)

    def stop(self) -> None:
        """Ask it to end, and end whatever is left of it after 15 seconds."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(SECONDS_TO_STOP)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start_keycloak(
    folder: Path, port: int, public_url: str, secrets: Secrets, smtp_port: int | None = None
) -> Running:
    """Start it and wait until both realms answer on 127.0.0.1:`port`.

    `folder` keeps its data: what is there already is left as it is, an empty one gets both realms and their people.
    `public_url` is where the platform is; mails go to `smtp_port` of this machine, nowhere if None.
    KeycloakMissing (nothing to start), KeycloakFailed.
    """
    home = distribution.find()
    folder = folder.resolve()
    lived_before = (folder / "data" / "keycloak.mv.db").exists()
    _make_home(folder, home)
    placeholders = placeholders_of(public_url, secrets, smtp_port)
    base_url = f"http://127.0.0.1:{port}"
    log = folder / "keycloak.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *distribution.kc(home),
                f"-Dkc.home.dir={folder}",
                "start",
                "--optimized",
                "--import-realm",
                "--cache=local",
                "--http-enabled=true",
                "--http-host=127.0.0.1",
                f"--http-port={port}",
                f"--hostname={base_url}",
                f"--db-url=jdbc:h2:file:{folder}/data/keycloak;NON_KEYWORDS=VALUE",
            ],
            env=_environment(secrets, placeholders),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - whoever starts it has one thread
        )
    running = Running(base_url, process, secrets)
    try:
        _wait(running, log)
        if lived_before:
            _bring_up_to_date(running, placeholders)
    except BaseException:
        running.stop()
        raise
    return running


def administration(base_url: str, realm: str, password: str) -> KeycloakAdmin:
    """python-keycloak's admin client for one realm, signed in as the operator of the realm `master`."""
    return KeycloakAdmin(
        server_url=base_url,
        username=OPERATOR,
        password=password,
        realm_name=realm,
        user_realm_name="master",
        timeout=30,
    )


def _make_home(folder: Path, home: Path) -> None:
    """Keycloak keeps data beside its programs; links let several data folders share one distribution."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("lib", "providers", "themes", "conf", "version.txt"):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(home / name)
    write_realms(folder / "data" / "import")


def placeholders_of(public_url: str, secrets: Secrets, smtp_port: int | None) -> dict[str, str]:
    """What the realm files leave open, by name."""
    return {
        "PUBLIC_URL": public_url.rstrip("/"),
        "PUBLIC_REALM_CLIENT_SECRET": secrets.public_client,
        "REGISTRY_REALM_CLIENT_SECRET": secrets.registry_client,
        "REGISTRY_CLIENT_SECRET": secrets.service_client,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(smtp_port or 1),
        "SMTP_FROM": "no-reply@identity.example",
        "SMTP_AUTH": "false",
        "SMTP_USER": "",
        "SMTP_PASSWORD": "",
        "SMTP_STARTTLS": "false",
        "SMTP_TLS": "false",
    }


def _environment(secrets: Secrets, placeholders: dict[str, str]) -> dict[str, str]:
    # Options of another Keycloak or another Java program would change this one.
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("KC_", "JAVA_OPTS"))
    }
    return {
        **inherited,
        **placeholders,
        "JAVA_OPTS": JAVA_OPTIONS,
        "KC_BOOTSTRAP_ADMIN_USERNAME": OPERATOR,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": secrets.operator,
    }


def _wait(running: Running, log: Path) -> None:
    give_up = time.monotonic() + SECONDS_TO_START
    while not all(_answers(running.issuer(realm)) for realm in REALMS):
        if running.process.poll() is not None or time.monotonic() > give_up:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
            raise KeycloakFailed(f"Keycloak did not start. The end of {log}:\n{tail}")
        time.sleep(0.2)


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as response:
            return bool(response.status == HTTPStatus.OK)
    except OSError:
        return False


def _bring_up_to_date(running: Running, placeholders: dict[str, str]) -> None:
    """A realm is imported once; afterwards only the admin API changes where the platform and the mails are."""
    for name in REALMS:
        realm, admin = filled(name, placeholders), running.admin(name)
        admin.update_realm(name, {"smtpServer": realm["smtpServer"]})
        for client in realm["clients"]:
            if client["clientId"] in OUR_CLIENTS:
                admin.update_client(admin.get_client_id(client["clientId"]) or "", client)
