"""Typed settings from the environment. Everything missing is listed at once, then nothing starts."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from app.domain.payments.methods import BY_SERVICE, METHODS


class SettingsError(Exception):
    """Settings are missing or make no sense; the message lists all of them and what to do."""


@dataclass(frozen=True)
class Settings:
    """What the environment says. Secrets stay out of `repr`."""

    secret_key: str = field(repr=False)
    public_url: str
    registry_url: str
    registry_token_url: str
    registry_client_id: str
    registry_client_secret: str = field(repr=False)
    registry_event_secret: str = field(repr=False)
    public_realm_url: str
    public_realm_client_id: str
    public_realm_client_secret: str = field(repr=False)
    registry_realm_url: str
    registry_realm_client_id: str
    registry_realm_client_secret: str = field(repr=False)
    api_urls: Mapping[str, str]  # of the payment services, by the codes of METHODS
    mail_url: str = field(repr=False)
    stripe_connect_key: str = field(
        default="", repr=False
    )  # "": no provider is connected to the platform's account
    stripe_connect_secret: str = field(default="", repr=False)
    secret_key_before: str = field(default="", repr=False)  # "": SECRET_KEY has not been changed
    paypal_platform_client_id: str = ""  # "": every provider has an application of their own at PayPal
    paypal_platform_client_secret: str = field(default="", repr=False)
    paypal_payee_mode: bool = False  # providers may be named as payees: experimental
    paypal_partner_id: str = ""  # the platform as PayPal's partner, who acts for providers; "": it is none
    paypal_partner_attribution_id: str = ""
    database_url: str | None = field(default=None, repr=False)  # None: the embedded PostgreSQL in var_dir
    paypal_ca_file: Path | None = None  # None: the public certificate authorities
    log_level: str = "INFO"
    trusted_proxies: int = 0  # in front of the web process, each adding to X-Forwarded-For
    var_dir: Path = Path("var")

    @property
    def public_origin(self) -> str:
        """Scheme and host of PUBLIC_URL, without a trailing slash."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def trial(self) -> bool:
        """Is this platform for trying out, so that accounts whose money is none may be added to it?"""
        return self.api_urls["stripe"] != METHODS["stripe"].api_url or "_test_" in self.stripe_connect_key


_REQUIRED = {
    "SECRET_KEY": "a long random text, at least 32 characters; signs cookies",
    "PUBLIC_URL": "the address buyers see, such as https://cancel.example.org",
    "REGISTRY_URL": "base address of the registry's API",
    "REGISTRY_TOKEN_URL": "token endpoint of the registry's identity provider",
    "REGISTRY_CLIENT_ID": "the platform's service client",
    "REGISTRY_CLIENT_SECRET": "its secret",
    "REGISTRY_EVENT_SECRET": "the secret shared with the registry for signing events",
    "PUBLIC_REALM_URL": "where buyers sign in, such as https://login.example.org/realms/public",
    "PUBLIC_REALM_CLIENT_ID": "the platform's client in that realm",
    "PUBLIC_REALM_CLIENT_SECRET": "its secret",
    "REGISTRY_REALM_URL": "the registry's single sign-on, such as https://login.example.org/realms/registry",
    "REGISTRY_REALM_CLIENT_ID": "the platform's client there, at which people sign in",
    "REGISTRY_REALM_CLIENT_SECRET": "its secret",
    "PAYPAL_API_URL": "base address of PayPal's REST API, such as https://api-m.paypal.com",
    "MAIL_URL": "smtp://[user:password@]host:port, or smtps://",
}
_REALMS = ("PUBLIC_REALM_URL", "REGISTRY_REALM_URL")
_API_URLS = {code: f"{code.upper()}_API_URL" for code in sorted(BY_SERVICE)}
_URLS = ("PUBLIC_URL", "REGISTRY_URL", "REGISTRY_TOKEN_URL", *_API_URLS.values(), *_REALMS)
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment. SettingsError lists every setting that is missing or wrong."""
    env = os.environ if environ is None else environ
    problems = [f"{name} is missing: {what}" for name, what in _REQUIRED.items() if not env.get(name)]
    if len(env.get("SECRET_KEY", "")) in range(1, 32):
        problems.append("SECRET_KEY is shorter than 32 characters")
    before = env.get("SECRET_KEY_BEFORE", "")
    if before and (len(before) < 32 or before == env.get("SECRET_KEY")):
        problems.append("SECRET_KEY_BEFORE is not the SECRET_KEY of before: shorter, or the same")
    problems += [
        f"{name} is no http or https address: {env[name]!r}"
        for name in _URLS
        if env.get(name) and not _is_address(env[name], "http", "https")
    ]
    problems += [
        f"{name} does not end in /realms/ and a name: {env[name]!r}"
        for name in _REALMS
        if _is_address(env.get(name, ""), "http", "https") and not re.search(r"/realms/[^/?#]+/?$", env[name])
    ]
    if env.get(_REALMS[0]) and env[_REALMS[0]].rstrip("/") == env.get(_REALMS[1], "").rstrip("/"):
        problems.append("REGISTRY_REALM_URL is PUBLIC_REALM_URL: everybody could sign in as a provider")
    if env.get("MAIL_URL") and not _is_address(env["MAIL_URL"], "smtp", "smtps"):
        problems.append("MAIL_URL is no smtp or smtps address")  # its value may hold a password
    if env.get("DATABASE_URL") and not re.match(r"postgres(ql)?(\+\w+)?://", env["DATABASE_URL"]):
        problems.append("DATABASE_URL does not begin with postgresql://")
    if env.get("LOG_LEVEL", "INFO") not in _LEVELS:
        problems.append(f"LOG_LEVEL is none of {', '.join(_LEVELS)}")
    proxies = env.get("TRUSTED_PROXIES") or "0"
    if not re.fullmatch("[0-9]", proxies):
        problems.append("TRUSTED_PROXIES is no number from 0 to 9")
    ca_file = Path(env["PAYPAL_CA_FILE"]) if env.get("PAYPAL_CA_FILE") else None
    if ca_file is not None and not ca_file.is_file():
        problems.append(f"PAYPAL_CA_FILE names no file: {ca_file}")
    if bool(env.get("STRIPE_CONNECT_KEY")) != bool(env.get("STRIPE_CONNECT_SECRET")):
        problems.append("STRIPE_CONNECT_KEY and STRIPE_CONNECT_SECRET are needed together, or neither")
    problems += _paypal_problems(env)
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise SettingsError(
            f"The platform cannot start with these settings:\n{listed}\nSee docs/configuration.md."
        )
    return Settings(
        secret_key=env["SECRET_KEY"],
        public_url=env["PUBLIC_URL"].rstrip("/"),
        registry_url=env["REGISTRY_URL"].rstrip("/"),
        registry_token_url=env["REGISTRY_TOKEN_URL"],
        registry_client_id=env["REGISTRY_CLIENT_ID"],
        registry_client_secret=env["REGISTRY_CLIENT_SECRET"],
        registry_event_secret=env["REGISTRY_EVENT_SECRET"],
        public_realm_url=env["PUBLIC_REALM_URL"].rstrip("/"),
        public_realm_client_id=env["PUBLIC_REALM_CLIENT_ID"],
        public_realm_client_secret=env["PUBLIC_REALM_CLIENT_SECRET"],
        registry_realm_url=env["REGISTRY_REALM_URL"].rstrip("/"),
        registry_realm_client_id=env["REGISTRY_REALM_CLIENT_ID"],
        registry_realm_client_secret=env["REGISTRY_REALM_CLIENT_SECRET"],
        api_urls={
            code: (env.get(name) or METHODS[code].api_url).rstrip("/") for code, name in _API_URLS.items()
        },
        mail_url=env["MAIL_URL"],
        stripe_connect_key=env.get("STRIPE_CONNECT_KEY", ""),
        stripe_connect_secret=env.get("STRIPE_CONNECT_SECRET", ""),
        secret_key_before=before,
        paypal_platform_client_id=env.get("PAYPAL_PLATFORM_CLIENT_ID", ""),
        paypal_platform_client_secret=env.get("PAYPAL_PLATFORM_CLIENT_SECRET", ""),
        paypal_payee_mode=bool(env.get("PAYPAL_PAYEE_MODE")),
        paypal_partner_id=env.get("PAYPAL_PARTNER_MERCHANT_ID", ""),
        paypal_partner_attribution_id=env.get("PAYPAL_PARTNER_ATTRIBUTION_ID", ""),
        database_url=env.get("DATABASE_URL") or None,
        paypal_ca_file=ca_file,
        log_level=env.get("LOG_LEVEL", "INFO"),
        trusted_proxies=int(proxies),
        var_dir=Path(env.get("VAR_DIR") or "var"),
    )


def _paypal_problems(env: Mapping[str, str]) -> list[str]:
    """What is wrong with the settings of the platform's own application at PayPal, which may have none."""
    application = ("PAYPAL_PLATFORM_CLIENT_ID", "PAYPAL_PLATFORM_CLIENT_SECRET")
    partner = ("PAYPAL_PARTNER_MERCHANT_ID", "PAYPAL_PARTNER_ATTRIBUTION_ID")
    problems = [
        f"{first} and {second} are needed together, or neither"
        for first, second in (application, partner)
        if bool(env.get(first)) != bool(env.get(second))
    ]
    if env.get("PAYPAL_PAYEE_MODE", "") not in ("", "experimental"):
        problems.append("PAYPAL_PAYEE_MODE is neither empty nor experimental")
    if not any(env.get(name) for name in application):
        problems += [
            f"{name} needs {application[0]} and {application[1]}"
            for name in ("PAYPAL_PAYEE_MODE", *partner)
            if env.get(name)
        ]
    merchant_id = env.get("PAYPAL_PARTNER_MERCHANT_ID", "")
    if merchant_id and not re.fullmatch("[2-9A-HJ-NP-Z]{13}", merchant_id):
        problems.append(f"PAYPAL_PARTNER_MERCHANT_ID is no merchant id of PayPal's: {merchant_id!r}")
    return problems


def _is_address(text: str, *schemes: str) -> bool:
    """Has it one of the schemes, a host, and nothing in the port's place that is no port?"""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
