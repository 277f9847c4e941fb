"""What the real Keycloak gives to whom, seen from outside as any OpenID client sees it."""

import json
import re
import time
from collections.abc import Iterator
from email.message import EmailMessage
from urllib.parse import urljoin
from uuid import uuid4

import httpx
import pytest

from sandbox.keycloak.realms import PEOPLE
from tests.deploy.visit import Flow, Visit, claims_of
from tests.keycloak import Keycloak, Person

PLATFORM = "http://127.0.0.1:9"
ALL_SCOPES = "openid profile email activities:read holdings:read mandates:write"
BASIC_CLAIMS = {"iss", "aud", "exp", "iat", "jti", "typ", "azp", "sub", "sid", "acr", "auth_time"}
ID_CLAIMS = BASIC_CLAIMS | {
    *("nonce", "at_hash", "email", "email_verified", "name", "given_name", "family_name", "locale")
}


def flow_of(keycloak: Keycloak, realm: str) -> Flow:
    """A platform of this module, the same for all its tests."""
    settings = keycloak.allow(PLATFORM)
    return Flow(
        keycloak.issuer(realm),
        settings[f"{realm}_realm_client_id"],
        settings[f"{realm}_realm_client_secret"],
        f"{PLATFORM}/sign-in/{realm}/back",
    )


@pytest.fixture
def public(keycloak: Keycloak) -> Flow:
    return flow_of(keycloak, "public")


@pytest.fixture
def registry(keycloak: Keycloak) -> Flow:
    return flow_of(keycloak, "registry")


@pytest.fixture
def browser(registry: Flow) -> Iterator[Visit]:
    """A browser that signs in at the registry."""
    with Visit(registry.redirect_uri) as visit:
        yield visit


@pytest.fixture
def administrator(keycloak: Keycloak) -> Person:
    return keycloak.add_person("registry", roles=("registry-administrator",), code_generator_set_up=True)


def sign_in(visit: Visit, flow: Flow, person: Person, scope: str = ALL_SCOPES) -> dict[str, str]:
    """Sign in with all that is asked for; the token endpoint's answer."""
    visit.open(flow.url(scope)).submit(username=person.email, password=person.password)
    if visit.asked == {"otp"}:
        visit.submit(otp=person.code())
    return redeemed(visit, flow)


def redeemed(visit: Visit, flow: Flow) -> dict[str, str]:
    """The tokens for the code that came back."""
    assert visit.back is not None, visit.text
    answer = flow.redeem(visit.back["code"])
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_service_token_says_what_the_registry_needs_and_no_more(keycloak: Keycloak, registry: Flow):
    service = Flow(registry.issuer, "vcp-service", keycloak.secrets.service_client, "")
    answer = service.token(grant_type="client_credentials")
    claims = claims_of(answer.json()["access_token"])
    assert set(claims) == {"iss", "aud", "sub", "azp", "scope", "exp", "iat", "jti", "typ"}
    assert claims["iss"] == keycloak.issuer("registry")
    assert claims["aud"] == "mechanism-registry"
    assert claims["azp"] == "vcp-service"
    assert claims["exp"] - claims["iat"] == 300
    assert set(claims["scope"].split()) == {
        *("activities:read", "mandates:read", "cancellations:write", "cancellations:read")
    }
    assert "refresh_token" not in answer.json()


@pytest.mark.parametrize("scope", ["holdings:read", "mandates:write", "openid offline_access"])
def test_the_service_cannot_ask_for_more(keycloak: Keycloak, registry: Flow, scope: str):
    service = Flow(registry.issuer, "vcp-service", keycloak.secrets.service_client, "")
    answer = service.token(grant_type="client_credentials", scope=scope)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_a_provider_signs_in_with_roles_and_accounts(keycloak: Keycloak, registry: Flow, browser: Visit):
    person = keycloak.add_person("registry", roles=("provider",), accounts=("MW-ACC-100017", "KE-ACC-100090"))
    tokens = sign_in(browser, registry, person)
    claims = claims_of(tokens["id_token"])
    assert set(claims) == ID_CLAIMS | {"roles", "accounts"}
    assert (claims["iss"], claims["aud"], claims["azp"]) == (
        registry.issuer,
        registry.client[0],
        registry.client[0],
    )
    assert (claims["sub"], claims["nonce"], claims["acr"]) == (person.subject, registry.nonce, "1")
    assert (claims["email"], claims["email_verified"]) == (person.email, True)
    assert (claims["name"], claims["locale"]) == ("Test Person", "en")
    assert claims["roles"] == ["provider"]
    assert sorted(claims["accounts"]) == ["KE-ACC-100090", "MW-ACC-100017"]


def test_a_providers_access_token_is_for_the_registry(keycloak: Keycloak, registry: Flow, browser: Visit):
    person = keycloak.add_person("registry", roles=("provider",), accounts=("MW-ACC-100017",))
    claims = claims_of(sign_in(browser, registry, person)["access_token"])
    assert set(claims) == BASIC_CLAIMS | {"scope", "roles", "accounts"}
    assert claims["aud"] == "mechanism-registry"
    assert claims["accounts"] == ["MW-ACC-100017"]
    assert set(claims["scope"].split()) == set(ALL_SCOPES.split())


def test_scopes_of_the_registry_are_given_only_when_asked_for(
    keycloak: Keycloak, registry: Flow, browser: Visit
):
    person = keycloak.add_person("registry", roles=("provider",), accounts=("MW-ACC-100017",))
    claims = claims_of(sign_in(browser, registry, person, "openid")["access_token"])
    assert set(claims["scope"].split()) == {"openid", "profile", "email"}


def test_a_buyers_token_is_not_for_the_registry(keycloak: Keycloak, public: Flow):
    person = keycloak.add_person("public")
    with Visit(public.redirect_uri) as visit:
        tokens = sign_in(visit, public, person, "openid profile email")
    claims = claims_of(tokens["access_token"])
    assert claims["iss"] == keycloak.issuer("public")
    assert set(claims) == BASIC_CLAIMS - {"aud"} | {"scope"}
    assert set(claims_of(tokens["id_token"])) == ID_CLAIMS


@pytest.mark.parametrize(
    "scope", ["openid activities:read", "openid mandates:write", "openid offline_access"]
)
def test_a_buyer_gets_no_scope_of_the_registry(public: Flow, scope: str):
    with Visit(public.redirect_uri) as visit:
        visit.open(public.url(scope))
        assert visit.back is not None
        assert visit.back["error"] == "invalid_scope"


def test_nobody_signs_in_without_pkce(registry: Flow, browser: Visit):
    browser.open(registry.url(code_challenge="", code_challenge_method=""))
    assert browser.back is not None
    assert browser.back["error"] == "invalid_request"
    browser.open(registry.url(code_challenge=registry.verifier, code_challenge_method="plain"))
    assert browser.back is not None
    assert browser.back["error"] == "invalid_request"


def test_nobody_is_sent_to_another_address(registry: Flow, browser: Visit):
    browser.open(registry.url(redirect_uri=f"{PLATFORM}/sign-in/registry/back/elsewhere"))
    assert browser.back is None
    assert "redirect_uri" in browser.text


@pytest.mark.parametrize("realm", ["public", "registry"])
@pytest.mark.parametrize("client", ["vcp", "admin-cli"])
def test_no_client_takes_a_persons_password(keycloak: Keycloak, realm: str, client: str):
    person = keycloak.add_person(realm)
    secret = {"public": keycloak.secrets.public_client, "registry": keycloak.secrets.registry_client}[realm]
    form = {
        "grant_type": "password",
        "username": person.email,
        "password": person.password,
        "client_id": client,
    }
    answer = httpx.post(
        f"{keycloak.issuer(realm)}/protocol/openid-connect/token",
        data=form | ({"client_secret": secret} if client == "vcp" else {}),
        timeout=30,
    )
    assert answer.status_code in {400, 401}
    assert "access_token" not in answer.text


def test_a_code_is_good_for_one_use(keycloak: Keycloak, registry: Flow, browser: Visit):
    sign_in(browser, registry, keycloak.add_person("registry"))
    assert browser.back is not None
    again = registry.redeem(browser.back["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_an_administrator_types_a_code(registry: Flow, browser: Visit, administrator: Person):
    browser.open(registry.url()).submit(username=administrator.email, password=administrator.password)
    assert browser.asked == {"otp"}
    browser.submit(otp="000000")
    assert browser.asked == {"otp"}
    browser.submit(otp=administrator.code())
    claims = claims_of(redeemed(browser, registry)["id_token"])
    assert (claims["acr"], claims["roles"]) == ("2", ["registry-administrator"])


def test_an_administrator_types_a_code_at_every_sign_in(
    registry: Flow, browser: Visit, administrator: Person
):
    sign_in(browser, registry, administrator)
    time.sleep(1.1)  # a level is good for the second in which it was reached
    browser.open(registry.url())
    assert browser.asked == {"otp"}, "the cookie of the first sign-in says who it is, and no more"
    browser.submit(otp=administrator.code())
    assert claims_of(redeemed(browser, registry)["id_token"])["acr"] == "2"


def test_an_administrator_without_code_generator_sets_one_up_first(
    keycloak: Keycloak, registry: Flow, browser: Visit
):
    person = keycloak.add_person("registry", roles=("registry-administrator",))
    browser.open(registry.url()).submit(username=person.email, password=person.password)
    assert browser.asked == {"totp", "userLabel"}


def test_elevation_asks_for_both_again(registry: Flow, browser: Visit, administrator: Person):
    before = claims_of(sign_in(browser, registry, administrator)["id_token"])
    time.sleep(1.1)
    browser.open(registry.url(ALL_SCOPES, acr_values="2", max_age="0", prompt="login"))
    assert browser.asked == {"password"}
    browser.submit(password=administrator.password)
    assert browser.asked == {"otp"}
    browser.submit(otp=administrator.code())
    after = claims_of(redeemed(browser, registry)["id_token"])
    assert (after["acr"], after["sid"], after["sub"]) == ("2", before["sid"], before["sub"])
    assert after["auth_time"] > before["auth_time"]


def test_a_provider_who_set_up_a_code_generator_is_asked_once(
    keycloak: Keycloak, registry: Flow, browser: Visit
):
    person = keycloak.add_person("registry", roles=("provider",), code_generator_set_up=True)
    browser.open(registry.url()).submit(username=person.email, password=person.password)
    assert browser.asked == {"otp"}
    browser.submit(otp=person.code())
    assert claims_of(redeemed(browser, registry)["id_token"])["acr"] == "2"
    time.sleep(1.1)
    browser.open(registry.url())
    assert claims_of(redeemed(browser, registry)["id_token"])["acr"] == "2"


def test_who_is_signed_in_comes_back_without_a_page(keycloak: Keycloak, registry: Flow, browser: Visit):
    first = claims_of(sign_in(browser, registry, keycloak.add_person("registry"))["id_token"])
    browser.open(registry.url())
    second = claims_of(redeemed(browser, registry)["id_token"])
    assert (second["acr"], second["sid"]) == ("1", first["sid"])


def test_a_refresh_says_roles_and_accounts_as_they_are_now(
    keycloak: Keycloak, registry: Flow, browser: Visit
):
    person = keycloak.add_person("registry", roles=("provider",), accounts=("MW-ACC-100017",))
    tokens = sign_in(browser, registry, person)
    admin = keycloak.admin("registry")
    admin.delete_realm_roles_of_user(person.subject, [admin.get_realm_role("provider")])
    admin.update_user(
        person.subject, admin.get_user(person.subject) | {"attributes": {"accounts": ["PE-ACC-100074"]}}
    )
    answer = registry.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    claims = claims_of(answer.json()["id_token"])
    assert "roles" not in claims
    assert claims["accounts"] == ["PE-ACC-100074"]


def test_a_sign_out_at_keycloak_ends_the_refresh(keycloak: Keycloak, registry: Flow, browser: Visit):
    person = keycloak.add_person("registry")
    tokens = sign_in(browser, registry, person)
    keycloak.sign_out(person)
    answer = registry.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_person_cannot_change_their_registry_accounts(keycloak: Keycloak, browser: Visit, registry: Flow):
    person = keycloak.add_person("registry", roles=("provider",), accounts=("MW-ACC-100017",))
    account = f"{keycloak.issuer('registry')}/account/"
    console = Flow(registry.issuer, "account-console", "", account)
    with Visit(account) as visit:
        visit.open(console.url("openid")).submit(username=person.email, password=person.password)
        assert visit.back is not None
        form = {"grant_type": "authorization_code", "code": visit.back["code"], "redirect_uri": account}
        form |= {"code_verifier": console.verifier, "client_id": "account-console"}
        token = httpx.post(f"{console.endpoints}/token", data=form, timeout=30).json()["access_token"]
    headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
    mine = httpx.get(account, headers=headers, timeout=30).json()
    assert (mine["email"], mine.get("attributes", {}).get("accounts")) == (person.email, None)
    changed = {"firstName": "Another", "lastName": "Name", "email": person.email}
    answer = httpx.post(
        account,
        headers=headers,
        json=changed | {"attributes": {"accounts": ["PE-ACC-100074"], "locale": ["en"]}},
        timeout=30,
    )
    assert (answer.status_code, answer.json()["field"]) == (400, "accounts")
    assert httpx.post(account, headers=headers, json=changed, timeout=30).status_code == 204
    user = keycloak.admin("registry").get_user(person.subject)
    assert (user["firstName"], user["attributes"]["accounts"]) == ("Another", ["MW-ACC-100017"])


@pytest.mark.parametrize(
    "realm, language, texts",
    [
        ("public", "en", ("Sign in to the voluntary cancellation platform", "Create an account")),
        ("public", "fr", ("Se connecter à la plateforme d’annulation volontaire", "Créer un compte")),
        ("public", "es", ("Iniciar sesión en la plataforma de cancelación voluntaria", "Crear una cuenta")),
        ("registry", "en", ("Sign in to the mechanism registry",)),
        ("registry", "fr", ("Se connecter au registre du mécanisme",)),
        ("registry", "es", ("Iniciar sesión en el registro del mecanismo",)),
    ],
)
def test_the_sign_in_page_has_our_words_in_three_languages(
    keycloak: Keycloak, realm: str, language: str, texts: tuple[str, ...]
):
    flow = flow_of(keycloak, realm)
    with Visit(flow.redirect_uri) as visit:
        visit.open(flow.url(ui_locales=language))
        assert visit.page.html is not None
        assert visit.page.html["lang"] == language
        for text in texts:
            assert text in visit.text
        assert ("register" in visit.text.lower()) is False
        assert visit.asked == {"username", "password"}


def test_only_the_public_realm_lets_people_register(keycloak: Keycloak, public: Flow, registry: Flow):
    with Visit(public.redirect_uri) as visit:
        assert visit.open(public.url(prompt="create")).asked == {"email", "firstName", "lastName"}
    answer = httpx.get(registry.url(prompt="create"), timeout=30)
    assert answer.status_code == 400


def test_ten_wrong_passwords_lock_a_person_out_for_a_while(
    keycloak: Keycloak, registry: Flow, browser: Visit
):
    person = keycloak.add_person("registry")
    browser.open(registry.url())
    for _ in range(10):
        browser.submit(username=person.email, password="wrong")
    browser.submit(username=person.email, password=person.password)
    assert browser.back is None
    assert keycloak.admin("registry").get_bruteforce_detection_status(person.subject)["disabled"] is True


def test_each_platform_has_a_client_of_its_own(keycloak: Keycloak):
    first, second = keycloak.allow("http://127.0.0.1:18"), keycloak.allow("http://127.0.0.1:19")
    assert keycloak.allow("http://127.0.0.1:18") == first
    assert first["public_realm_client_id"] != second["public_realm_client_id"]
    admin = keycloak.admin("registry")
    client = admin.get_client(admin.get_client_id(first["registry_realm_client_id"]))
    assert client["redirectUris"] == ["http://127.0.0.1:18/sign-in/registry/back"]
    where = "http://127.0.0.1:18/sign-in/registry/back-channel-logout"
    assert client["attributes"]["backchannel.logout.url"] == where


def test_the_demonstration_people_have_the_subjects_of_the_seed(keycloak: Keycloak):
    for person in json.loads(PEOPLE.read_text())["people"]:
        user = keycloak.admin(person["realm"]).get_user(person["id"])
        assert user["email"] == person["email"]
        assert user["attributes"].get("accounts", []) == person["accounts"]
        assert user["totp"] == bool(person["totp_secret"])


def link_in(mail: EmailMessage) -> str:
    """The address in the mail that leads back to Keycloak."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://127\.0\.0\.1:\d+/\S+", body.get_content())
    assert found is not None
    return found[0]


def test_a_buyer_creates_an_account_and_verifies_the_address(keycloak: Keycloak, public: Flow):
    email, password = f"{uuid4().hex}@buyer.example", "a long password of their own"
    with Visit(public.redirect_uri) as visit:
        visit.open(public.url(prompt="create", ui_locales="fr"))
        visit.submit(email=email, firstName="New", lastName="Buyer")
        assert visit.back is None, "nobody comes in before the address is verified"
        mail = keycloak.mail_to(email)
        assert mail["From"].addresses[0].display_name == "Voluntary cancellation platform"
        visit.open(link_in(mail))
        assert visit.asked == {"password-new", "password-confirm"}
        visit.submit(**{"password-new": "short", "password-confirm": "short"})
        assert visit.asked == {"password-new", "password-confirm"}
        visit.submit(**{"password-new": password, "password-confirm": password})
        claims = claims_of(redeemed(visit, public)["id_token"])
    assert (claims["email"], claims["email_verified"], claims["name"]) == (email, True, "New Buyer")
    assert claims["locale"] == "fr"


def test_a_new_password_by_mail_asks_an_administrator_for_a_code(
    registry: Flow, keycloak: Keycloak, browser: Visit, administrator: Person
):
    browser.open(registry.url())
    reset = next(link["href"] for link in browser.page.find_all("a") if "reset-credentials" in link["href"])
    browser.open(urljoin(browser.url, reset)).submit(username=administrator.email)
    browser.open(link_in(keycloak.mail_to(administrator.email)))
    assert browser.asked == {"otp"}
    browser.submit(otp=administrator.code())
    password = "another long password"
    assert browser.asked == {"password-new", "password-confirm"}
    browser.submit(**{"password-new": password, "password-confirm": password})
    assert claims_of(redeemed(browser, registry)["id_token"])["acr"] == "2"
    time.sleep(1.1)
    browser.open(registry.url())
    assert browser.asked == {"otp"}


def test_buyers_delete_their_sign_in_themselves_and_nobody_of_the_registry_does(
    keycloak: Keycloak, public: Flow, registry: Flow
):
    """The platform's erasure leaves that to Keycloak, and says so; it has to be possible there."""
    buyer, provider = keycloak.add_person("public"), keycloak.add_person("registry", roles=("provider",))
    with Visit(public.redirect_uri) as visit:
        sign_in(visit, public, buyer, "openid")
        visit.open(f"{public.url('openid')}&kc_action=delete_account")
        if "re-authenticate" in visit.text:  # the sign-in is not of this very second any more
            visit.submit(password=buyer.password)
        assert "delete" in visit.text.lower()
        visit.submit()
        visit.open(public.url("openid")).submit(username=buyer.email, password=buyer.password)
        assert visit.back is None
        assert "Invalid username or password" in visit.text
    with Visit(registry.redirect_uri) as visit:
        sign_in(visit, registry, provider, "openid")
        visit.open(f"{registry.url('openid')}&kc_action=delete_account")
        assert visit.back is not None
        assert visit.back["kc_action_status"] == "error"
