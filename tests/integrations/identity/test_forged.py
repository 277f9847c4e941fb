"""ID tokens and logout tokens that only look genuine, as a hostile or broken provider would send them."""

import time
from datetime import UTC, datetime

import pytest

from app.integrations.errors import TryAgain
from tests.integrations.identity.flows import Flow, refusal, sign_in

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def now():
    return datetime.now(UTC)


@pytest.mark.parametrize(
    "signature,code",
    [("none", "algorithm"), ("hmac", "algorithm"), ("foreign", "signature"), ("other_realm", "signature")],
)
def test_a_signature_that_is_not_the_realms_is_refused(sandbox, signature, code):
    flow = Flow(sandbox, "public")
    grant = flow.code(sandbox.person("public"))
    sandbox.forge(signature)
    assert refusal(flow.finish, grant) == code


@pytest.mark.parametrize(
    "claims,code",
    [
        ({"iss": "https://evil.example/realms/public"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "another-client"}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": []}, "audience"),
        ({"azp": "another-client"}, "audience"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "subject"),
        ({"sub": ""}, "subject"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "unreadable"),
        ({"exp": "tomorrow"}, "unreadable"),
        ({"iat": 4_000_000_000}, "not_yet"),
        ({"nbf": 4_000_000_000}, "not_yet"),
        ({"auth_time": 4_000_000_000}, "not_yet"),
        ({"auth_time": None}, "unreadable"),
        ({"typ": "Bearer"}, "unreadable"),
        ({"roles": "registry-administrator"}, "unreadable"),
        ({"accounts": [1]}, "unreadable"),
        ({"email": ["a"]}, "unreadable"),
        ({"name": "a\0b"}, "unreadable"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_claim_that_is_not_ours_is_refused(sandbox, claims, code):
    flow = Flow(sandbox, "public")
    grant = flow.code(sandbox.person("public"))
    sandbox.forge(**claims)
    assert refusal(flow.finish, grant) == code


@pytest.mark.parametrize("signature,code", [("none", "algorithm"), ("foreign", "signature")])
def test_a_refresh_is_checked_as_much(sandbox, signature, code):
    first = sign_in(sandbox, sandbox.person("public"))
    sandbox.forge(signature)
    assert refusal(sandbox.provider("public").refresh, first.tokens.refresh_token, now()) == code


def logout_token(sandbox, signature="own", **changes):
    """A genuine one, but for the changes."""
    issued = int(time.time())
    claims = {
        "aud": sandbox._settings["public_realm_client_id"],
        "azp": None,
        "sub": "somebody",
        "sid": "a-session",
        "jti": "a-number",
        "iat": issued,
        "exp": issued + 120,
        "typ": "Logout",
        "events": {EVENT: {}},
    }
    return sandbox.mint("public", signature, **(claims | changes))


def test_a_logout_token_made_here_is_as_good_as_one_that_came(sandbox):
    told = sandbox.provider("public").read_logout_token(logout_token(sandbox), now())
    assert (told.subject, told.sid, told.jti) == ("somebody", "a-session", "a-number")


@pytest.mark.parametrize(
    "signature,changes,code",
    [
        ("none", {}, "algorithm"),
        ("hmac", {}, "algorithm"),
        ("foreign", {}, "signature"),
        ("other_realm", {}, "signature"),
        ("own", {"iss": "https://evil.example"}, "issuer"),
        ("own", {"aud": "another-client"}, "audience"),
        ("own", {"nonce": "n"}, "nonce"),
        ("own", {"events": None}, "event"),
        ("own", {"events": {}}, "event"),
        ("own", {"events": {EVENT: None}}, "event"),
        ("own", {"events": [EVENT]}, "event"),
        ("own", {"sub": None, "sid": None}, "subject"),
        ("own", {"jti": None}, "unreadable"),
        ("own", {"iat": None}, "unreadable"),
        ("own", {"iat": 1}, "expired"),
        ("own", {"exp": 1}, "expired"),
        ("own", {"iat": 4_000_000_000}, "not_yet"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_logout_token_that_is_not_genuine_is_refused(sandbox, signature, changes, code):
    token = logout_token(sandbox, signature, **changes)
    assert refusal(sandbox.provider("public").read_logout_token, token, now()) == code


@pytest.mark.parametrize("kind", ["error_500", "error_503", "malformed", "drop", "drop_after"])
def test_what_goes_wrong_at_the_provider_is_try_again(sandbox, kind):
    flow = Flow(sandbox, "public")
    grant = flow.code(sandbox.person("public"))
    sandbox.fault("token", kind)
    with pytest.raises(TryAgain):
        flow.finish(grant)
    if kind not in {"malformed", "drop_after"}:
        assert flow.finish(grant), "the code was not used, and nobody tried it twice"
    else:
        assert refusal(flow.finish, grant) == "code"


@pytest.mark.parametrize("kind", ["error_500", "malformed", "drop"])
def test_so_is_what_goes_wrong_before(sandbox, kind):
    sandbox.fault("configuration", kind)
    with pytest.raises(TryAgain):
        Flow(sandbox, "public").begin()


def test_a_realm_that_calls_itself_something_else_is_not_gone_to(sandbox):
    # Another name of the same machine: an issuer is compared to the letter.
    provider = sandbox.client(
        "public", realm_url=sandbox.provider("public").issuer.replace("127.0.0.1", "localhost")
    )
    with pytest.raises(TryAgain, match="issuer"):
        provider.begin("r", "s", state="s", nonce="n", code_verifier="v", language="en")
    provider.close()


def test_no_token_is_in_a_log_line(sandbox, caplog):
    caplog.set_level(0)
    flow = Flow(sandbox, "public")
    grant = flow.code(sandbox.person("public"))
    signed_in = flow.finish(grant)
    provider = sandbox.provider("public")
    fresh = provider.refresh(signed_in.tokens.refresh_token, now())
    sandbox.fault("token", "malformed")
    with pytest.raises(TryAgain) as error:
        provider.refresh(fresh.tokens.refresh_token, now())
    refusal(provider.refresh, "made-up-token", now())
    refusal(provider.end_session, fresh.tokens.refresh_token)
    secrets = [
        token
        for tokens in (signed_in.tokens, fresh.tokens)
        for token in (tokens.access_token, tokens.refresh_token, tokens.id_token)
    ]
    secrets += [grant, flow.code_verifier, "secret-of-this-world", "made-up-token"]
    # The test's own visitor uses httpx, which tells everything; the platform's client does not.
    lines = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]
    told = f"{lines}{error.value!r}{error.value.__cause__!r}{provider!r}"
    assert "identity provider" in told
    assert [secret for secret in secrets if secret in told] == []
