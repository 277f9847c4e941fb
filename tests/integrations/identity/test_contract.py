"""What the platform may rely on, at the fake, the sandbox's identity provider and a real Keycloak."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.integrations.errors import TryAgain
from app.integrations.identity.keycloak import KeycloakIdentity
from tests.deploy.visit import Visit
from tests.integrations.identity.flows import Flow, refusal, sign_in


def now():
    return datetime.now(UTC)


# Signing in.


def test_a_buyer_signs_in(world):
    who = world.person("public")
    signed_in = sign_in(world, who)
    claims, tokens = signed_in.claims, signed_in.tokens
    assert (claims.issuer, claims.subject, claims.email) == (
        world.provider("public").issuer,
        who.subject,
        who.email,
    )
    assert (claims.name, claims.email_verified, claims.acr) == ("Test Person", True, "1")
    assert claims.sid
    assert timedelta(seconds=-5) < now() - claims.auth_time < timedelta(minutes=1)
    assert tokens.access_token
    assert tokens.refresh_token
    assert tokens.id_token
    assert timedelta(minutes=1) < tokens.access_expires_at - now() <= timedelta(minutes=5)
    assert {"openid", "profile", "email"} <= set(tokens.scope.split())


def test_a_provider_signs_in_with_roles_and_accounts(world):
    who = world.person("registry", roles=("provider",), accounts=("GB-ACC-100058", "KE-ACC-100090"))
    claims = sign_in(world, who).claims
    assert "provider" in claims.roles
    assert sorted(claims.accounts) == ["GB-ACC-100058", "KE-ACC-100090"]
    assert claims.acr == "1"


def test_a_role_in_the_buyers_realm_is_none(world):
    assert not sign_in(world, world.person("public")).claims.roles & {"provider", "registry-administrator"}


def test_an_administrator_signs_in_with_a_second_factor(world):
    who = world.person("registry", roles=("registry-administrator",), second_factor=True)
    claims = sign_in(world, who).claims
    assert "registry-administrator" in claims.roles
    assert claims.acr == "2"


def test_an_elevation_is_a_fresh_proof_by_the_same_person(world):
    who = world.person("registry", roles=("registry-administrator",), second_factor=True)
    first = sign_in(world, who).claims
    again = sign_in(world, who, acr="2", max_age=0, prompt="login").claims
    assert (again.issuer, again.subject, again.acr) == (first.issuer, first.subject, "2")
    assert again.auth_time >= first.auth_time
    assert now() - again.auth_time < timedelta(seconds=60)


def test_no_token_shows_in_a_repr(world):
    signed_in = sign_in(world, world.person("public"))
    tokens = signed_in.tokens
    for token in (tokens.access_token, tokens.refresh_token, tokens.id_token):
        assert token not in repr(signed_in)


# What is refused.


def test_a_code_works_once(world):
    flow = Flow(world, "public")
    code = flow.code(world.person("public"))
    flow.finish(code)
    assert refusal(flow.finish, code) == "code"


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "v" * 64}, {"redirect_uri": "http://127.0.0.1:1/sign-in/public/back"}],
    ids=["verifier", "redirect"],
)
def test_a_code_is_for_whoever_asked_for_it(world, changes):
    flow = Flow(world, "public")
    assert refusal(flow.finish, flow.code(world.person("public")), **changes) == "code"


def test_a_code_that_nobody_gave_is_refused(world):
    assert refusal(Flow(world, "public").finish, "made-up") == "code"


def test_a_code_of_one_realm_is_nothing_in_the_other(world):
    flow = Flow(world, "public")
    code = flow.code(world.person("public"))
    assert (
        refusal(Flow(world, "registry", nonce=flow.nonce, code_verifier=flow.code_verifier).finish, code)
        == "code"
    )


def test_another_nonce_is_refused(world):
    flow = Flow(world, "public")
    assert refusal(flow.finish, flow.code(world.person("public")), nonce="another") == "nonce"


# Refreshing.


def test_a_refresh_gives_new_tokens_and_reads_roles_and_accounts_again(world):
    who = world.person("registry", roles=("provider",), accounts=("GB-ACC-100058",))
    provider = world.provider("registry")
    first = sign_in(world, who)
    world.change(who, ("provider",), ("KE-ACC-100090",))
    second = provider.refresh(first.tokens.refresh_token, now())
    assert second.claims.accounts == ("KE-ACC-100090",)
    assert second.tokens.access_token != first.tokens.access_token
    assert (second.claims.subject, second.claims.sid, second.claims.auth_time) == (
        first.claims.subject,
        first.claims.sid,
        first.claims.auth_time,
    )
    world.change(who, (), ())
    third = provider.refresh(second.tokens.refresh_token, now())
    assert "provider" not in third.claims.roles
    assert third.claims.accounts == ()


@pytest.mark.parametrize("token", ["made-up", "a.b.c", "é"])
def test_a_refresh_token_that_nobody_gave_is_refused(world, token):
    assert refusal(world.provider("public").refresh, token, now()) == "session_ended"


def test_once_the_session_is_over_there_are_no_more_tokens(world):
    who = world.person("public")
    first = sign_in(world, who)
    world.sign_out(who)
    assert refusal(world.provider("public").refresh, first.tokens.refresh_token, now()) == "session_ended"


# Signing out.


def test_we_end_the_session_there(world):
    provider = world.provider("public")
    first = sign_in(world, world.person("public"))
    provider.end_session(first.tokens.refresh_token)
    assert refusal(provider.refresh, first.tokens.refresh_token, now()) == "session_ended"


@pytest.mark.parametrize("token", ["made-up", "a.b.c", "é"])
def test_no_session_is_ended_by_a_token_that_nobody_gave(world, token):
    assert refusal(world.provider("public").end_session, token) == "session_ended"


def test_the_provider_tells_of_a_sign_out(world):
    who = world.person("public")
    signed_in = sign_in(world, who)
    told = world.provider("public").read_logout_token(world.sign_out(who), now())
    assert told.issuer == signed_in.claims.issuer
    assert told.subject in (None, who.subject)
    assert told.sid in (None, signed_in.claims.sid)
    assert told.subject or told.sid
    assert told.jti


def test_a_logout_token_of_one_realm_is_refused_in_the_other(world):
    who = world.person("public")
    sign_in(world, who)
    token = world.sign_out(who)
    assert refusal(world.provider("registry").read_logout_token, token, now())


@pytest.mark.parametrize(
    "token", ["", "made-up", "a.b.c", "e30.e30.", "é", "x" * 70_000], ids=lambda text: text[:8]
)
def test_nonsense_is_no_logout_token(world, token):
    assert refusal(world.provider("public").read_logout_token, token, now()) == "unreadable"


# With real connections.


def test_a_token_is_good_for_its_time_only(connected):
    who = connected.person("public")
    flow = Flow(connected, "public")
    assert refusal(flow.finish, flow.code(who), now=now() + timedelta(hours=1)) == "expired"
    flow = Flow(connected, "public")
    assert refusal(flow.finish, flow.code(who), now=now() - timedelta(minutes=1)) == "not_yet"


def test_a_token_for_another_client_is_refused(connected):
    who = connected.person("public")
    sign_in(connected, who)
    token = connected.sign_out(who)
    other = connected.client("public", client_id="another-client")
    assert refusal(other.read_logout_token, token, now()) == "audience"
    other.close()


def test_a_logout_token_is_for_now(connected):
    who = connected.person("public")
    sign_in(connected, who)
    token = connected.sign_out(who)
    provider = connected.provider("public")
    assert refusal(provider.read_logout_token, token, now() + timedelta(minutes=10)) == "expired"
    assert refusal(provider.read_logout_token, token, now() - timedelta(minutes=1)) == "not_yet"


def test_a_logout_token_that_was_changed_is_refused(connected):
    who = connected.person("public")
    sign_in(connected, who)
    head, body, signature = connected.sign_out(who).split(".")
    changed = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    provider = connected.provider("public")
    assert refusal(provider.read_logout_token, f"{head}.{body}.{changed}", now()) == "signature"


def test_neither_an_id_token_nor_an_access_token_is_a_logout_token(connected):
    tokens = sign_in(connected, connected.person("registry", roles=("provider",))).tokens
    provider = connected.provider("registry")
    assert refusal(provider.read_logout_token, tokens.id_token, now()) == "nonce"
    assert refusal(provider.read_logout_token, tokens.access_token, now()) in {"audience", "event"}


def test_the_browser_is_signed_out_there_and_comes_back(connected):
    who = connected.person("public")
    signed_in = sign_in(connected, who)
    provider = connected.provider("public")
    back = f"{connected.url}/signed-out"
    with Visit(back) as visit:
        visit.open(provider.end_session_url(signed_in.tokens.id_token, back))
        assert visit.back is not None, visit.text
    assert refusal(provider.refresh, signed_in.tokens.refresh_token, now()) == "session_ended"


def test_a_link_without_the_id_token_ends_nobodys_session(connected):
    signed_in = sign_in(connected, connected.person("public"))
    provider = connected.provider("public")
    address = provider.end_session_url(None, f"{connected.url}/signed-out")
    assert httpx.get(address, timeout=60, trust_env=False).status_code < 400
    assert provider.refresh(signed_in.tokens.refresh_token, now())


def test_an_account_can_be_made(connected):
    flow = Flow(connected, "public")
    with Visit(flow.redirect_uri) as visit:
        visit.open(flow.begin(prompt="create"))
        assert "email" in visit.asked


def test_a_wrong_secret_is_no_fault_of_the_person(connected):
    client = connected.client("public", client_secret="wrong")
    flow = Flow(connected, "public")
    code = flow.code(connected.person("public"))
    with pytest.raises(TryAgain, match="client_refused"):
        client.finish(code, flow.redirect_uri, flow.nonce, flow.code_verifier, now())
    client.close()


def test_where_nobody_answers_it_is_try_again():
    client = KeycloakIdentity("http://127.0.0.1:1/realms/public", "vcp", "secret")
    for call in (
        lambda: client.begin("r", "s", state="s", nonce="n", code_verifier="v", language="en"),
        lambda: client.finish("c", "r", "n", "v", now()),
        lambda: client.refresh("r", now()),
        lambda: client.end_session("r"),
    ):
        with pytest.raises(TryAgain, match="identity_unavailable"):
            call()
    client.close()
