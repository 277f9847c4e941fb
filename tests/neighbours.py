"""Start the pretend neighbours as real processes on free ports, and stop them again.

with start_identity(tmp_path / "identity") as identity, start_registry(tmp_path / "registry", identity) as registry:
    httpx.get(registry.url + "/v1/health")
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests import forked
from tests.forked import ROOT

SECONDS_TO_START = 30
CLIENT_ID = "vcp-service"
CLIENT_SECRET = "sandbox-client-secret"
SIGN_IN_CLIENT_ID = "vcp"
PUBLIC_CLIENT_SECRET = "sandbox-public-secret"
REGISTRY_CLIENT_SECRET = "sandbox-registry-secret"
PEOPLE = ROOT / "sandbox" / "seed" / "people.json"
EVENT_SECRET = "sandbox-event-secret"
STRIPE_CONNECT_KEY = "rk_test_of_the_platform"
STRIPE_CONNECT_SECRET = "whsec_of_the_platform"
PAYPAL_PLATFORM = {
    "PAYPAL_PLATFORM_CLIENT_ID": "client-of-the-platform",
    "PAYPAL_PLATFORM_CLIENT_SECRET": "secret-of-the-platform",
    "PAYPAL_PAYEE_MODE": "experimental",
    "PAYPAL_PARTNER_MERCHANT_ID": "PLATFRM234567",
    "PAYPAL_PARTNER_ATTRIBUTION_ID": "SamplePlatform_SP",
}


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Program:
    """A running program in a process group of its own. Leaving the `with` block stops it."""

    url: str
    log: Path
    process: forked.Forked
    names: dict[str, str] = field(default_factory=dict)  # what else its users need, e.g. `issuer`

    def stop(self) -> None:
        """End it as Ctrl-C would (SIGTERM), and wait."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it and its workers at once (SIGKILL), as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(15)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_program(
    module: str, args: list[str], ready_url: str, log: Path, env: dict[str, str] | None = None
) -> Program:
    """Run a program, see tests/forked.py, wait until `ready_url` answers below 500, and return it.

    Standard output and error go to the file `log`. Raises RuntimeError, with the end of that file, when the
    program ends early or does not answer within 30 seconds.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    process = forked.start(module, args, {**os.environ, **(env or {})}, log)
    url = ready_url.split("/", 3)
    program = Program(url="/".join(url[:3]), log=log, process=process)
    give_up = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < give_up:
        try:
            if httpx.get(ready_url, timeout=2, trust_env=False).status_code < 500:
                return program
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    program.kill()
    raise RuntimeError(f"{module} did not start:\n{log.read_text(errors='replace')[-4000:]}")


def start_identity(
    state: Path,
    port: int | None = None,
    platform_url: str | None = None,
    smtp_port: int | None = None,
) -> Program:
    """The identity provider, with the demonstration people.

    `.names`: `issuer` and `token_url` of the service tokens, `public_realm` and `registry_realm` of people.
    `platform_url`: where people are sent back to; platforms can also be registered at /sandbox/clients.
    """
    port = port or free_port()
    args = ["--port", str(port), "--state", str(state)]
    args += ["--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET]
    args += ["--sign-in-client-id", SIGN_IN_CLIENT_ID, "--public-client-secret", PUBLIC_CLIENT_SECRET]
    args += ["--registry-client-secret", REGISTRY_CLIENT_SECRET]
    if platform_url:
        args += ["--platform-url", platform_url]
    if smtp_port:
        args += ["--smtp-port", str(smtp_port)]
    program = start_program("sandbox.identity", args, f"http://127.0.0.1:{port}/", state / "identity.log")
    issuer = f"{program.url}/realms/registry"
    program.names.update(
        issuer=issuer,
        token_url=f"{issuer}/protocol/openid-connect/token",
        public_realm=f"{program.url}/realms/public",
        registry_realm=issuer,
    )
    return program


def start_registry(
    state: Path, identity: Program, port: int | None = None, webhook: str | None = None, seed: bool = True
) -> Program:
    """The mechanism registry, trusting `identity`, telling its events to the address `webhook` if given."""
    port = port or free_port()
    args = ["--port", str(port), "--state", str(state), "--issuer", identity.names["issuer"]]
    args += ["--event-secret", EVENT_SECRET]
    if webhook:
        args += ["--platform-webhook", webhook]
    if seed:
        args.append("--seed")
    return start_program(
        "sandbox.registry", args, f"http://127.0.0.1:{port}/v1/health", state / "registry.log"
    )


def start_paypal(
    state: Path, port: int | None = None, merchants: Path | None = None, more: list[str] | None = None
) -> Program:
    """The PayPal-shaped gateway, with a platform as partner. `.names["ca_file"]` is what its webhooks' certificates are checked against.

    `merchants`: a seed file; sellers can also be registered at /sandbox/merchants.
    """
    port = port or free_port()
    args = ["--port", str(port), "--state", str(state), *(more or [])]
    for option in (
        "platform-client-id",
        "platform-client-secret",
        "partner-merchant-id",
        "partner-attribution-id",
    ):
        args += [f"--{option}", PAYPAL_PLATFORM[f"PAYPAL_{option.replace('-', '_').upper()}"]]
    if merchants:
        args += ["--merchants", str(merchants)]
    program = start_program("sandbox.paypal", args, f"http://127.0.0.1:{port}/", state / "paypal.log")
    program.names["ca_file"] = str(state / "ca.pem")
    return program


def start_stripe(
    state: Path,
    port: int | None = None,
    merchants: Path | None = None,
    connect_webhook: str | None = None,
    more: list[str] | None = None,
) -> Program:
    """The Stripe-shaped gateway, with a platform that may act for its connected accounts.

    `merchants`: a seed file; sellers can also be registered at /sandbox/accounts.
    """
    port = port or free_port()
    args = ["--port", str(port), "--state", str(state), "--platform-key", STRIPE_CONNECT_KEY, *(more or [])]
    if merchants:
        args += ["--merchants", str(merchants)]
    if connect_webhook:
        args += ["--connect-webhook", connect_webhook, "--connect-secret", STRIPE_CONNECT_SECRET]
    return start_program("sandbox.stripe", args, f"http://127.0.0.1:{port}/", state / "stripe.log")


def start_mollie(
    state: Path, port: int | None = None, merchants: Path | None = None, more: list[str] | None = None
) -> Program:
    """The Mollie-shaped gateway. `merchants`: a seed file; sellers can also be registered at /sandbox/organisations."""
    port = port or free_port()
    args = ["--port", str(port), "--state", str(state), *(more or [])]
    if merchants:
        args += ["--merchants", str(merchants)]
    return start_program("sandbox.mollie", args, f"http://127.0.0.1:{port}/", state / "mollie.log")


def start_mailbox(state: Path, port: int | None = None, smtp_port: int | None = None) -> Program:
    """The mailbox. `.names["mail_url"]` (`smtp_port`) is where to send mails, `.url` where to read them."""
    port, smtp_port = port or free_port(), smtp_port or free_port()
    args = ["--smtp-port", str(smtp_port), "--port", str(port), "--state", str(state)]
    program = start_program("sandbox.mailbox", args, f"http://127.0.0.1:{port}/", state / "mailbox.log")
    program.names.update(mail_url=f"smtp://127.0.0.1:{smtp_port}", smtp_port=str(smtp_port))
    return program


def start_bank(state: Path, accounts: Path, port: int | None = None) -> Program:
    """The pretend bank with the accounts of a seed file."""
    port = port or free_port()
    args = ["--port", str(port), "--state", str(state), "--accounts", str(accounts)]
    return start_program("sandbox.bank", args, f"http://127.0.0.1:{port}/", state / "bank.log")
