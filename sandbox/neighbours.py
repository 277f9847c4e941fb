"""Who the pretend neighbours are: their ports, how each is started, and what the platform is told about them."""

import os
import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.supervisor import Supervisor

# Distances from the platform's port. Multiples of 101, so that demonstrations at 8000, 8001, 8080, 8100 or 9000
# do not meet.
_DISTANCES = {
    "identity": 101,
    "registry": 202,
    "paypal": 303,
    "mailbox": 404,
    "mailbox (SMTP)": 505,
    "stripe": 606,
    "bank": 707,
    "mollie": 818,
}
HIGHEST_PORT = 65535 - max(_DISTANCES.values())
CLIENT_ID = "vcp-service"
SIGN_IN_CLIENT_ID = "vcp"
SEED = Path(__file__).resolve().parent / "seed" / "platform.json"
SECRETS = (
    *("REGISTRY_CLIENT_SECRET", "REGISTRY_EVENT_SECRET"),
    *("PUBLIC_REALM_CLIENT_SECRET", "REGISTRY_REALM_CLIENT_SECRET"),
    *("STRIPE_CONNECT_KEY", "STRIPE_CONNECT_SECRET", "PAYPAL_PLATFORM_CLIENT_SECRET"),
)
# Stripe's keys say themselves whether they are for trying out.
_BEGINS = {"STRIPE_CONNECT_KEY": "rk_test_"}
# The platform at PayPal: its application, its own account, and the code that PayPal knows its partner by.
PAYPAL_PLATFORM = {
    "PAYPAL_PLATFORM_CLIENT_ID": "sandbox-client-of-the-platform",
    "PAYPAL_PARTNER_MERCHANT_ID": "PLATFRM234567",
    "PAYPAL_PARTNER_ATTRIBUTION_ID": "SamplePlatform_SP",
}
# Whom people sign in at, by VCP_IDENTITY, and the program of this package that is started for it. Both have the same
# addresses, options and people.
IDENTITIES = {"sandbox": "identity", "keycloak": "keycloak"}


@dataclass(frozen=True)
class Neighbourhood:
    """The neighbours of one platform. `state` keeps their data; `public_url` is where they find the platform.

    `secrets`: by the names in SECRETS, those that they share with the platform. `identity`: the program that people
    sign in at, one of IDENTITIES.
    """

    port: int
    state: Path
    public_url: str
    secrets: Mapping[str, str] = field(repr=False)
    identity: str = "identity"

    @property
    def ports(self) -> dict[str, int]:
        """Port by neighbour; the mailbox has two."""
        return {name: self.port + distance for name, distance in _DISTANCES.items()}

    @property
    def issuer(self) -> str:
        """Whose tokens the registry accepts."""
        return self.realm("registry")

    def realm(self, name: str) -> str:
        """The issuer that people of this realm sign in at."""
        return f"{self.url('identity')}/realms/{name}"

    def url(self, name: str) -> str:
        """Where a neighbour answers."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def start(self, programs: Supervisor) -> None:
        """Start all of them at once."""
        for name, command in self.commands().items():
            programs.start(name, command, os.environ)

    def wait(self, programs: Supervisor) -> None:
        """Until each of them answers. SupervisorError if one does not."""
        for name in self.commands():
            discovery = "realms/registry/.well-known/openid-configuration" if name == "identity" else ""
            programs.wait_for_answer(name, f"{self.url(name)}/{discovery}")

    def commands(self) -> dict[str, list[str]]:
        """How each neighbour is started."""
        # Glued to its option: a secret may begin with a dash.
        identity = [
            f"--client-secret={self.secrets['REGISTRY_CLIENT_SECRET']}",
            f"--public-client-secret={self.secrets['PUBLIC_REALM_CLIENT_SECRET']}",
            f"--registry-client-secret={self.secrets['REGISTRY_REALM_CLIENT_SECRET']}",
            *("--platform-url", self.public_url, "--smtp-port", str(self.ports["mailbox (SMTP)"])),
        ]
        registry = [
            *("--issuer", self.issuer, "--platform-webhook", f"{self.public_url}/webhooks/registry"),
            f"--event-secret={self.secrets['REGISTRY_EVENT_SECRET']}",
        ]
        paypal = [
            "--platform-webhook",
            f"{self.public_url}/webhooks/paypal/{{account}}",
            "--merchants",
            str(SEED),
            f"--platform-client-secret={self.secrets['PAYPAL_PLATFORM_CLIENT_SECRET']}",
            *(f"--{_option(name)}={value}" for name, value in PAYPAL_PLATFORM.items()),
        ]
        stripe = [
            f"--platform-key={self.secrets['STRIPE_CONNECT_KEY']}",
            f"--connect-secret={self.secrets['STRIPE_CONNECT_SECRET']}",
            *("--connect-webhook", f"{self.public_url}/webhooks/stripe/connect", "--merchants", str(SEED)),
        ]
        return {
            "identity": self._command("identity", *identity, program=self.identity),
            "registry": self._command("registry", *registry, "--seed"),
            "paypal": self._command("paypal", *paypal),
            "stripe": self._command("stripe", *stripe),
            "mollie": self._command("mollie", "--merchants", str(SEED)),
            "bank": self._command("bank", "--accounts", str(SEED)),
            "mailbox": self._command("mailbox", "--smtp-port", str(self.ports["mailbox (SMTP)"])),
        }

    def _command(self, name: str, *options: str, program: str | None = None) -> list[str]:
        module = program or name
        own = ["--port", str(self.ports[name]), "--state", str(self.state / module)]
        return [sys.executable, "-m", f"sandbox.{module}", *own, *options]

    def settings(self) -> dict[str, str]:
        """The platform's settings that name its neighbours."""
        return {
            "PUBLIC_URL": self.public_url,
            "REGISTRY_URL": self.url("registry"),
            "REGISTRY_TOKEN_URL": f"{self.issuer}/protocol/openid-connect/token",
            "REGISTRY_CLIENT_ID": CLIENT_ID,
            "PUBLIC_REALM_URL": self.realm("public"),
            "PUBLIC_REALM_CLIENT_ID": SIGN_IN_CLIENT_ID,
            "REGISTRY_REALM_URL": self.realm("registry"),
            "REGISTRY_REALM_CLIENT_ID": SIGN_IN_CLIENT_ID,
            **{name: self.secrets[name] for name in SECRETS},
            "PAYPAL_API_URL": self.url("paypal"),
            **PAYPAL_PLATFORM,
            "PAYPAL_PAYEE_MODE": "experimental",
            "STRIPE_API_URL": self.url("stripe"),
            "MOLLIE_API_URL": self.url("mollie"),
            "PAYPAL_CA_FILE": str(self.state / "paypal" / "ca.pem"),
            "MAIL_URL": f"smtp://127.0.0.1:{self.ports['mailbox (SMTP)']}",
        }

    def pages(self) -> str:
        """Lines for the terminal: which pages of the neighbours a person may want to open."""
        people = f"  people (sandbox)     {self.url('identity')}/"
        if self.identity == "keycloak":
            password = self.state / "keycloak" / "secrets.env"
            people = (
                f"  people (Keycloak)    {self.url('identity')}/admin/ as operator, password in {password}"
            )
        return "\n".join(
            [
                f"  mail that was sent   {self.url('mailbox')}/",
                people,
                f"  registry (sandbox)   {self.url('registry')}/",
                f"  PayPal (sandbox)     {self.url('paypal')}/",
                f"  cards (sandbox)      {self.url('stripe')}/",
                f"  Mollie (sandbox)     {self.url('mollie')}/",
                f"  bank (sandbox)       {self.url('bank')}/",
            ]
        )


def _option(setting: str) -> str:
    """The pretend PayPal's option for a setting of the platform's."""
    return setting.removeprefix("PAYPAL_").lower().replace("_", "-")


def read_port(environ: Mapping[str, str]) -> int:
    """PORT of the platform, 8000 if not set. ValueError says what is wrong with it."""
    text = environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= HIGHEST_PORT):
        raise ValueError(
            f"PORT is {text!r}; it must be a number from 1 to {HIGHEST_PORT}, its neighbours lie above it"
        )
    return int(text)


def read_identity(environ: Mapping[str, str]) -> str:
    """The program that VCP_IDENTITY names, the sandbox's own if not set. ValueError for any other."""
    wanted = environ.get("VCP_IDENTITY") or "sandbox"
    if wanted not in IDENTITIES:
        raise ValueError(f"VCP_IDENTITY is {wanted!r}; it must be one of {', '.join(IDENTITIES)}")
    return IDENTITIES[wanted]


def keep_secrets(file: Path, names: tuple[str, ...]) -> dict[str, str]:
    """The secrets in `file`; those that are not there yet are made up and written. Nobody else may read the file."""
    lines = shlex.split(file.read_text()) if file.exists() else []
    kept = dict(line.split("=", 1) for line in lines if "=" in line)
    for name in names:
        begins = _BEGINS.get(name, "")
        if not kept.get(name, "").startswith(begins) or not kept.get(name):
            kept[name] = begins + secrets.token_urlsafe(32)
    write_private(file, kept)
    return {name: kept[name] for name in names}


def write_private(file: Path, values: Mapping[str, str]) -> None:
    """Write NAME=value lines that a shell can source, at once (never half), to a file only its owner reads."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items()))
    draft.replace(file)
