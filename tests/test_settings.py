"""Settings: everything that is missing or wrong is told at once, and no secret is shown."""

from pathlib import Path

import pytest

from app.settings import Settings, SettingsError, load_settings

SECRETS = {
    "SECRET_KEY": "key-of-forty-characters-0123456789-abcdef",
    "REGISTRY_CLIENT_SECRET": "secret-of-the-client",
    "REGISTRY_EVENT_SECRET": "secret-of-the-events",
    "PUBLIC_REALM_CLIENT_SECRET": "secret-of-the-public-realm",
    "REGISTRY_REALM_CLIENT_SECRET": "secret-of-the-registry-realm",
    "MAIL_URL": "smtp://postbox:secret-of-the-mail@mail.example.org:587",
    "DATABASE_URL": "postgresql://vcp:secret-of-the-database@db.example.org/vcp",
    "STRIPE_CONNECT_KEY": "rk_live_secret-of-the-platform",
    "STRIPE_CONNECT_SECRET": "whsec_secret-of-the-endpoint",
    "PAYPAL_PLATFORM_CLIENT_SECRET": "secret-of-the-application",
}
COMPLETE = SECRETS | {
    "PUBLIC_URL": "https://cancel.example.org",
    "REGISTRY_URL": "https://registry.example.org/api",
    "REGISTRY_TOKEN_URL": "https://login.example.org/token",
    "REGISTRY_CLIENT_ID": "vcp-service",
    "PUBLIC_REALM_URL": "https://login.example.org/realms/public",
    "PUBLIC_REALM_CLIENT_ID": "vcp",
    "REGISTRY_REALM_URL": "https://login.example.org/realms/registry",
    "REGISTRY_REALM_CLIENT_ID": "vcp-console",
    "PAYPAL_API_URL": "https://api-m.paypal.com",
    "PAYPAL_PLATFORM_CLIENT_ID": "client-of-the-platform",
    "PAYPAL_PAYEE_MODE": "experimental",
    "PAYPAL_PARTNER_MERCHANT_ID": "PLATFRM234567",
    "PAYPAL_PARTNER_ATTRIBUTION_ID": "SamplePlatform_SP",
}
NEEDED = {
    name
    for name in set(COMPLETE) - {"DATABASE_URL", "STRIPE_CONNECT_KEY", "STRIPE_CONNECT_SECRET"}
    if not name.startswith(("PAYPAL_P", "PAYPAL_CA"))
}


def complaints(**changes: str) -> list[str]:
    """The lines of what is said about complete settings with these changes; "" takes one away."""
    with pytest.raises(SettingsError) as error:
        load_settings(COMPLETE | changes)
    return [line.removeprefix("  - ") for line in str(error.value).splitlines() if line.startswith("  - ")]


def test_all_that_is_missing_is_listed_at_once_with_what_it_is():
    with pytest.raises(SettingsError) as error:
        load_settings({})
    lines = str(error.value).splitlines()
    listed = [line for line in lines if line.startswith("  - ")]
    assert {line.split()[1] for line in listed} == NEEDED
    assert all(len(line.partition(" is missing: ")[2]) > 5 for line in listed), listed
    assert lines[0] == "The platform cannot start with these settings:"
    assert lines[-1] == "See docs/configuration.md."


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_what_is_empty_is_missing(name: str):
    [only] = complaints(**{name: ""})
    assert only.startswith(f"{name} is missing: ")


@pytest.mark.parametrize(
    "name,value",
    [
        ("SECRET_KEY", "x" * 31),
        ("SECRET_KEY_BEFORE", "x" * 31),
        ("PUBLIC_URL", "cancel.example.org"),
        ("PUBLIC_URL", "ftp://cancel.example.org"),
        ("PUBLIC_URL", "https://"),
        ("REGISTRY_URL", "registry"),
        ("REGISTRY_URL", "https://[::1"),
        ("REGISTRY_TOKEN_URL", "https://login.example.org:token"),
        ("PAYPAL_API_URL", "//api-m.paypal.com"),
        ("STRIPE_API_URL", "api.stripe.com"),
        ("PUBLIC_REALM_URL", "login.example.org"),
        ("PUBLIC_REALM_URL", "https://login.example.org/public"),
        ("REGISTRY_REALM_URL", "https://login.example.org/realms/registry/account"),
        ("REGISTRY_REALM_URL", "https://login.example.org/realms/public/"),  # the buyers' own
        ("MAIL_URL", "mail.example.org:25"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_URL", "https://mail.example.org"),
        ("DATABASE_URL", "sqlite:///vcp.db"),
        ("DATABASE_URL", "host=db.example.org"),
        ("LOG_LEVEL", "LOUD"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "all"),
        ("TRUSTED_PROXIES", "10"),
        ("PAYPAL_CA_FILE", "nowhere/ca.pem"),
        ("PAYPAL_PAYEE_MODE", "yes"),
        ("PAYPAL_PARTNER_MERCHANT_ID", "platform@example.org"),
    ],
)
def test_what_makes_no_sense_is_told(name: str, value: str):
    [only] = complaints(**{name: value})
    assert only.startswith(name)


def test_what_is_wrong_is_listed_beside_what_is_missing():
    listed = complaints(SECRET_KEY="short", REGISTRY_URL="", MAIL_URL="x", LOG_LEVEL="loud")
    assert [line.split()[0] for line in listed] == ["REGISTRY_URL", "SECRET_KEY", "MAIL_URL", "LOG_LEVEL"]


def test_no_secret_is_repeated_in_a_complaint():
    told = "\n".join(
        complaints(
            SECRET_KEY="short-secret",
            MAIL_URL="smpt://postbox:secret-of-the-mail@mail.example.org",
            DATABASE_URL="mysql://vcp:secret-of-the-database@db",
        )
    )
    assert "secret-of" not in told
    assert "short-secret" not in told


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_database_is_named_as_usual(scheme: str):
    address = f"{scheme}://vcp@db.example.org/vcp"
    assert load_settings(COMPLETE | {"DATABASE_URL": address}).database_url == address


def test_complete_settings_are_read_as_they_are(tmp_path: Path):
    ca_file = tmp_path / "ca.pem"
    ca_file.touch()
    settings = load_settings(
        COMPLETE
        | {
            "PUBLIC_URL": "https://cancel.example.org:8443/",
            "REGISTRY_URL": "https://registry.example.org/api/",
            "REGISTRY_REALM_URL": "https://login.example.org/realms/registry/",
            "PAYPAL_CA_FILE": str(ca_file),
            "STRIPE_API_URL": "https://stripe.example.org/",
            "LOG_LEVEL": "DEBUG",
            "TRUSTED_PROXIES": "2",
            "VAR_DIR": str(tmp_path),
        }
    )
    assert settings == Settings(
        secret_key=SECRETS["SECRET_KEY"],
        public_url="https://cancel.example.org:8443",
        registry_url="https://registry.example.org/api",
        registry_token_url=COMPLETE["REGISTRY_TOKEN_URL"],
        registry_client_id="vcp-service",
        registry_client_secret=SECRETS["REGISTRY_CLIENT_SECRET"],
        registry_event_secret=SECRETS["REGISTRY_EVENT_SECRET"],
        public_realm_url="https://login.example.org/realms/public",
        public_realm_client_id="vcp",
        public_realm_client_secret=SECRETS["PUBLIC_REALM_CLIENT_SECRET"],
        registry_realm_url="https://login.example.org/realms/registry",
        registry_realm_client_id="vcp-console",
        registry_realm_client_secret=SECRETS["REGISTRY_REALM_CLIENT_SECRET"],
        paypal_platform_client_id="client-of-the-platform",
        paypal_platform_client_secret=SECRETS["PAYPAL_PLATFORM_CLIENT_SECRET"],
        paypal_payee_mode=True,
        paypal_partner_id="PLATFRM234567",
        paypal_partner_attribution_id="SamplePlatform_SP",
        api_urls={
            "paypal": "https://api-m.paypal.com",
            "stripe": "https://stripe.example.org",
            "mollie": "https://api.mollie.com",
        },
        stripe_connect_key=SECRETS["STRIPE_CONNECT_KEY"],
        stripe_connect_secret=SECRETS["STRIPE_CONNECT_SECRET"],
        mail_url=SECRETS["MAIL_URL"],
        database_url=SECRETS["DATABASE_URL"],
        paypal_ca_file=ca_file,
        log_level="DEBUG",
        trusted_proxies=2,
        var_dir=tmp_path,
    )
    assert settings.public_origin == "https://cancel.example.org:8443"


def test_what_may_be_left_out_has_a_default():
    needed = {name: value for name, value in COMPLETE.items() if name in NEEDED}
    empty = dict.fromkeys(("DATABASE_URL", "PAYPAL_CA_FILE", "VAR_DIR", "TRUSTED_PROXIES"), "")
    for environ in (needed, needed | empty):
        settings = load_settings(environ)
        assert (settings.database_url, settings.paypal_ca_file, settings.log_level) == (None, None, "INFO")
        assert (settings.api_urls["stripe"], settings.stripe_connect_key) == ("https://api.stripe.com", "")
        assert (settings.paypal_platform_client_id, settings.paypal_payee_mode) == ("", False)
        assert (settings.paypal_partner_id, settings.paypal_partner_attribution_id) == ("", "")
        assert (settings.var_dir, settings.trusted_proxies) == (Path("var"), 0)


def test_the_environment_is_where_they_come_from(monkeypatch: pytest.MonkeyPatch):
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    assert load_settings() == load_settings(COMPLETE)


def test_secrets_do_not_show():
    shown = repr(load_settings(COMPLETE))
    assert [name for name, value in SECRETS.items() if value in shown] == []
    assert "secret-of" not in shown
    assert "https://cancel.example.org" in shown, "what is no secret helps to see what is wrong"


def test_the_secret_key_of_before_is_another_one():
    assert load_settings(COMPLETE | {"SECRET_KEY_BEFORE": "y" * 32}).secret_key_before == "y" * 32
    [only] = complaints(SECRET_KEY_BEFORE=SECRETS["SECRET_KEY"])
    assert only.startswith("SECRET_KEY_BEFORE")


def test_whether_a_platform_is_for_trying_out():
    live = {"STRIPE_API_URL": "", "STRIPE_CONNECT_KEY": "rk_live_x"}
    assert not load_settings(COMPLETE | live).trial
    assert load_settings(COMPLETE | live | {"STRIPE_CONNECT_KEY": "rk_test_x"}).trial
    assert load_settings(COMPLETE | live | {"STRIPE_API_URL": "http://127.0.0.1:8606"}).trial


@pytest.mark.parametrize("name", ["STRIPE_CONNECT_KEY", "STRIPE_CONNECT_SECRET"])
def test_half_of_what_connected_accounts_need_is_refused(name: str):
    [only] = complaints(**{name: ""})
    assert only == "STRIPE_CONNECT_KEY and STRIPE_CONNECT_SECRET are needed together, or neither"


@pytest.mark.parametrize(
    "name, other",
    [
        ("PAYPAL_PLATFORM_CLIENT_ID", "PAYPAL_PLATFORM_CLIENT_SECRET"),
        ("PAYPAL_PARTNER_MERCHANT_ID", "PAYPAL_PARTNER_ATTRIBUTION_ID"),
    ],
)
def test_half_of_what_paypal_needs_of_a_platform_is_refused(name: str, other: str):
    said = f"{name} and {other} are needed together, or neither"
    assert (complaints(**{name: ""}), complaints(**{other: ""})) == ([said], [said])


def test_ways_to_be_paid_through_the_platform_need_its_application():
    listed = complaints(PAYPAL_PLATFORM_CLIENT_ID="", PAYPAL_PLATFORM_CLIENT_SECRET="")
    assert [line.split()[0] for line in listed] == [
        "PAYPAL_PAYEE_MODE",
        "PAYPAL_PARTNER_MERCHANT_ID",
        "PAYPAL_PARTNER_ATTRIBUTION_ID",
    ]
