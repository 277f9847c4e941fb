"""What the realm files must say, read without any Keycloak."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from sandbox.keycloak.realms import DEPLOY, PEOPLE, REALMS, ROOT, filled, write_realms

PLACEHOLDERS = {
    "PUBLIC_URL": "https://platform.example",
    "PUBLIC_REALM_CLIENT_SECRET": "the public secret",
    "REGISTRY_REALM_CLIENT_SECRET": 'a "quoted" secret',
    "REGISTRY_CLIENT_SECRET": "the service's secret",
    "SMTP_HOST": "mail.example",
    "SMTP_PORT": "587",
    "SMTP_FROM": "no-reply@platform.example",
    "SMTP_AUTH": "true",
    "SMTP_USER": "sender",
    "SMTP_PASSWORD": "the mail's secret",
    "SMTP_STARTTLS": "true",
    "SMTP_TLS": "false",
}
REGISTRY_SCOPES = {"activities:read", "holdings:read", "mandates:write"}
SERVICE_SCOPES = {"activities:read", "mandates:read", "cancellations:write", "cancellations:read"}


def read(name: str) -> dict[str, Any]:
    realm: dict[str, Any] = json.loads((DEPLOY / f"{name}-realm.json").read_text())
    return realm


def client_of(realm: dict[str, Any], client_id: str) -> dict[str, Any]:
    (client,) = [one for one in realm["clients"] if one["clientId"] == client_id]
    return client


def mappers_of(realm: dict[str, Any], scopes: set[str]) -> list[dict[str, Any]]:
    return [
        mapper for one in realm["clientScopes"] if one["name"] in scopes for mapper in one["protocolMappers"]
    ]


def steps_of(realm: dict[str, Any], alias: str) -> Iterator[dict[str, Any]]:
    """Every step of a flow, those of the flows inside it included."""
    (flow,) = [one for one in realm["authenticationFlows"] if one["alias"] == alias]
    for step in flow["authenticationExecutions"]:
        if step["authenticatorFlow"]:
            yield from steps_of(realm, step["flowAlias"])
        else:
            yield step


@pytest.fixture(params=REALMS)
def realm(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each of the two realm files."""
    return read(request.param)


def test_no_client_uses_a_grant_that_shows_a_password_or_token_to_others(realm: dict[str, Any]):
    for client in realm["clients"]:
        assert client["directAccessGrantsEnabled"] is False
        assert client["implicitFlowEnabled"] is False
        assert client["fullScopeAllowed"] is False
        if client["clientId"].startswith("vcp"):
            for grant in ("oauth2.device.authorization.grant", "oidc.ciba.grant", "standard.token.exchange"):
                assert client["attributes"][f"{grant}.enabled"] == "false"


def test_direct_grants_end_in_a_refusal_for_every_client(realm: dict[str, Any]):
    (flow,) = [one for one in realm["authenticationFlows"] if one["alias"] == realm["directGrantFlow"]]
    last = flow["authenticationExecutions"][-1]
    assert (last["authenticator"], last["requirement"]) == ("deny-access-authenticator", "REQUIRED")


def test_people_sign_in_by_code_with_pkce_and_a_secret(realm: dict[str, Any]):
    client = client_of(realm, "vcp")
    assert client["standardFlowEnabled"] is True
    assert client["publicClient"] is False
    assert client["serviceAccountsEnabled"] is False
    assert client["attributes"]["pkce.code.challenge.method"] == "S256"
    assert client["attributes"]["id.token.signed.response.alg"] == "RS256"
    assert client["secret"] == f"${{{realm['realm'].upper()}_REALM_CLIENT_SECRET}}"


def test_people_are_sent_back_to_one_address_only(realm: dict[str, Any]):
    name, client = realm["realm"], client_of(realm, "vcp")
    assert client["redirectUris"] == [f"${{PUBLIC_URL}}/sign-in/{name}/back"]
    assert client["webOrigins"] == []
    attributes = client["attributes"]
    assert attributes["post.logout.redirect.uris"] == "${PUBLIC_URL}/signed-out"
    assert attributes["backchannel.logout.url"] == f"${{PUBLIC_URL}}/sign-in/{name}/back-channel-logout"
    assert attributes["backchannel.logout.session.required"] == "true"


def test_no_secret_is_in_the_file(realm: dict[str, Any]):
    assert "users" not in realm
    assert "components" in realm
    assert "org.keycloak.keys.KeyProvider" not in realm["components"]
    secrets = [client["secret"] for client in realm["clients"] if "secret" in client]
    secrets += [realm["smtpServer"]["password"]]
    assert all(re.fullmatch(r"\$\{[A-Z_]+:?\}", secret) for secret in secrets), secrets


def test_guessing_a_password_is_slow(realm: dict[str, Any]):
    assert realm["bruteForceProtected"] is True
    assert realm["permanentLockout"] is False  # or anybody could lock anybody out for good
    assert realm["failureFactor"] <= 10
    assert "length(12)" in realm["passwordPolicy"]


def test_lifetimes_are_those_of_the_platforms_sessions():
    public, registry = read("public"), read("registry")
    assert (public["accessTokenLifespan"], registry["accessTokenLifespan"]) == (300, 300)
    assert (public["ssoSessionIdleTimeout"], public["ssoSessionMaxLifespan"]) == (2592000, 2592000)
    assert (registry["ssoSessionIdleTimeout"], registry["ssoSessionMaxLifespan"]) == (28800, 43200)


def test_mail_addresses_are_verified_and_passwords_can_be_reset(realm: dict[str, Any]):
    assert realm["verifyEmail"] is True
    assert realm["resetPasswordAllowed"] is True
    assert realm["duplicateEmailsAllowed"] is False
    assert realm["registrationAllowed"] is (realm["realm"] == "public")


def test_a_new_password_by_mail_does_not_get_around_a_code_generator(realm: dict[str, Any]):
    flows = {flow["alias"]: flow["authenticationExecutions"] for flow in realm["authenticationFlows"]}
    last = flows[realm["resetCredentialsFlow"]][-1]
    steps = [step["authenticator"] for step in flows[last["flowAlias"]]]
    assert last["requirement"] == "CONDITIONAL"
    assert steps == [*("conditional-user-configured", "conditional-level-of-authentication", "auth-otp-form")]


def test_an_address_is_verified_before_anybody_sets_a_password(realm: dict[str, Any]):
    """Else somebody could register another person's address, set a password, and wait for their click."""
    enabled = [one for one in realm["requiredActions"] if one["enabled"]]
    assert min(enabled, key=lambda one: one["priority"])["alias"] == "VERIFY_EMAIL"


def test_code_generators_in_both_and_passkeys_in_the_public_realm():
    public = {one["alias"] for one in read("public")["requiredActions"] if one["enabled"]}
    registry = {one["alias"] for one in read("registry")["requiredActions"] if one["enabled"]}
    assert {"CONFIGURE_TOTP", "webauthn-register", "webauthn-register-passwordless"} <= public
    assert "CONFIGURE_TOTP" in registry
    assert not {one for one in registry if one.startswith("webauthn")}
    assert not any(one["defaultAction"] for one in read("public")["requiredActions"])
    assert read("public")["webAuthnPolicyPasswordlessPasskeysEnabled"] is True


def test_codes_work_once(realm: dict[str, Any]):
    assert realm["otpPolicyCodeReusable"] is False


def test_a_person_can_neither_see_nor_change_their_registry_accounts():
    (provider,) = read("registry")["components"]["org.keycloak.userprofile.UserProfileProvider"]
    profile = json.loads(provider["config"]["kc.user.profile.config"][0])
    (accounts,) = [one for one in profile["attributes"] if one["name"] == "accounts"]
    assert accounts["permissions"] == {"view": ["admin"], "edit": ["admin"]}
    assert accounts["multivalued"] is True
    assert profile.get("unmanagedAttributePolicy") is None  # else people could add attributes of their own


def test_each_level_of_authentication_is_there_once(realm: dict[str, Any]):
    """Keycloak breaks off a sign-in by cookie when a browser flow has the same level twice."""
    configs = {one["alias"]: one["config"] for one in realm["authenticatorConfig"]}
    levels = [
        configs[step["authenticatorConfig"]]["loa-condition-level"]
        for step in steps_of(realm, realm["browserFlow"])
        if step["authenticator"] == "conditional-level-of-authentication"
    ]
    assert len(levels) >= 3
    assert sorted(levels) == sorted(set(levels))
    assert json.loads(realm["attributes"]["acr.loa.map"]) == {"1": 10, "2": 20}


def test_an_administrators_code_counts_for_no_later_sign_in():
    realm = read("registry")
    flows = {flow["alias"]: flow["authenticationExecutions"] for flow in realm["authenticationFlows"]}
    configs = {one["alias"]: one["config"] for one in realm["authenticatorConfig"]}
    assert flows[realm["browserFlow"]][1]["flowAlias"] == "administrator"
    role, level, code = flows["administrator"]
    assert configs[role["authenticatorConfig"]] == {
        "condUserRole": "registry-administrator",
        "negate": "false",
    }
    assert int(configs[level["authenticatorConfig"]]["loa-condition-level"]) >= 20
    assert configs[level["authenticatorConfig"]]["loa-max-age"] == "0"
    assert (code["authenticator"], code["requirement"]) == ("auth-otp-form", "REQUIRED")


def test_the_service_client_has_the_least_scopes():
    realm = read("registry")
    client = client_of(realm, "vcp-service")
    assert client["serviceAccountsEnabled"] is True
    assert client["standardFlowEnabled"] is False
    assert client["redirectUris"] == []
    assert set(client["defaultClientScopes"]) == SERVICE_SCOPES | {"basic", "mechanism-registry"}
    assert client["optionalClientScopes"] == []


def test_people_get_scopes_of_the_registry_when_asked_for_and_at_the_registry_only():
    registry, public = client_of(read("registry"), "vcp"), client_of(read("public"), "vcp")
    assert set(registry["optionalClientScopes"]) == REGISTRY_SCOPES
    assert not (REGISTRY_SCOPES | SERVICE_SCOPES) & set(registry["defaultClientScopes"])
    assert public["optionalClientScopes"] == []
    assert set(public["defaultClientScopes"]) == {"basic", "acr", "profile", "email"}


def test_no_token_of_the_public_realm_is_for_the_registry():
    assert "mechanism-registry" not in (DEPLOY / "public-realm.json").read_text()


def test_tokens_carry_roles_accounts_and_the_registry_as_audience():
    realm = read("registry")
    mappers = mappers_of(realm, set(client_of(realm, "vcp")["defaultClientScopes"]))
    claims = {one["config"].get("claim.name"): one["config"] for one in mappers}
    for name in ("roles", "accounts"):
        assert claims[name]["id.token.claim"] == claims[name]["access.token.claim"] == "true"
        assert claims[name]["multivalued"] == "true"
    (audience,) = [one["config"] for one in mappers if one["protocolMapper"] == "oidc-audience-mapper"]
    assert audience["included.custom.audience"] == "mechanism-registry"
    assert (audience["access.token.claim"], audience["id.token.claim"]) == ("true", "false")


def test_every_scope_that_a_client_names_is_listed(realm: dict[str, Any]):
    """An import with a list of scopes gets none of Keycloak's own beside it."""
    listed = {one["name"] for one in realm["clientScopes"]}
    for client in realm["clients"]:
        assert {*client["defaultClientScopes"], *client["optionalClientScopes"]} <= listed


def test_texts_are_there_in_three_languages(realm: dict[str, Any]):
    assert realm["internationalizationEnabled"] is True
    assert set(realm["supportedLocales"]) == set(realm["localizationTexts"]) == {"en", "fr", "es"}
    english, *others = (realm["localizationTexts"][language] for language in ("en", "fr", "es"))
    for texts in others:
        assert set(texts) == set(english)
        assert not [key for key, text in texts.items() if text == english[key]]


def test_placeholders_are_filled_as_text(realm: dict[str, Any]):
    whole = filled(realm["realm"], PLACEHOLDERS)
    client = client_of(whole, "vcp")
    assert client["redirectUris"] == [f"https://platform.example/sign-in/{realm['realm']}/back"]
    assert client["secret"] == PLACEHOLDERS[f"{realm['realm'].upper()}_REALM_CLIENT_SECRET"]
    assert whole["smtpServer"]["host"] == "mail.example"
    assert not re.findall(r"\$\{[A-Z_]+[:}]", json.dumps(whole))
    assert client_of(whole, "account")["name"] == "${client_account}"


def test_an_import_adds_the_demonstration_people_and_nothing_else(tmp_path, realm: dict[str, Any]):
    write_realms(tmp_path)
    name = realm["realm"]
    written = json.loads((tmp_path / f"{name}-realm.json").read_text())
    people = [one for one in json.loads(PEOPLE.read_text())["people"] if one["realm"] == name]
    users = written.pop("users")
    assert written == realm
    assert [user["id"] for user in users] == [person["id"] for person in people]
    for user, person in zip(users, people, strict=True):
        assert user["realmRoles"] == [f"default-roles-{name}", *person["roles"]]
        kinds = {credential["type"] for credential in user["credentials"]}
        assert kinds == ({"password", "otp"} if person["totp_secret"] else {"password"})


def test_compose_hands_over_every_placeholder_and_no_secret():
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    compose = yaml.safe_load(text)
    handed = compose["services"]["keycloak"]["environment"]
    assert set(PLACEHOLDERS) <= set(handed)
    example = dict(
        line.split("=", 1)
        for line in (ROOT / "deploy" / ".env.example").read_text().splitlines()
        if line and not line.startswith("#")
    )
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) == set(example)
    named = [name for name in example if re.search("SECRET|PASSWORD", name)]
    assert named
    assert not [name for name in named if example[name]]
