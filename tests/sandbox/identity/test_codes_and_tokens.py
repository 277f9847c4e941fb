"""What a code and a refresh token are good for, how often, and for whom."""

import httpx
import pytest

from tests.neighbours import CLIENT_ID, CLIENT_SECRET
from tests.sandbox.identity.relying import ANA, PAULA, back


def code_of(browser, email=ANA):
    return back(browser.password(browser.ask(), email))["code"]


def refused(answer):
    """Error and description; nothing of it may be kept by a cache."""
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json()["error"], answer.json()["error_description"]


def test_a_code_is_good_once_and_a_second_use_ends_what_the_first_gave(relying):
    browser = relying()
    code = code_of(browser)
    tokens = browser.redeem(code).json()
    renewed = browser.refresh(tokens["refresh_token"])
    assert renewed.status_code == 200
    assert refused(browser.redeem(code)) == (400, "invalid_grant", "Code not valid")
    assert refused(browser.refresh(renewed.json()["refresh_token"])) == (
        400,
        "invalid_grant",
        "Session not active",
    )


@pytest.mark.parametrize(
    "wrong, description",
    [
        ({"code": "made-up"}, "Code not valid"),
        ({"redirect_uri": "http://127.0.0.1:9/elsewhere"}, "Invalid 'redirect_uri' in request."),
        ({"code_verifier": "a" * 43}, "Code challenge failed."),
    ],
    ids=["code", "address", "verifier"],
)
def test_a_code_needs_its_address_and_its_verifier(relying, wrong, description):
    browser = relying()
    asked = {"code": code_of(browser), **wrong}
    assert refused(browser.redeem(**asked)) == (400, "invalid_grant", description)


def test_a_code_that_was_tried_in_vain_is_spent(relying):
    browser = relying()
    code = code_of(browser)
    browser.redeem(code, code_verifier="a" * 43)
    assert refused(browser.redeem(code)) == (400, "invalid_grant", "Code not valid")


def test_a_code_without_verifier_is_refused(relying):
    browser = relying()
    form = {"code": code_of(browser), "redirect_uri": browser.redirect_uri}
    assert refused(browser.token(grant_type="authorization_code", **form))[:2] == (400, "invalid_request")


def test_a_code_lasts_a_minute(relying, forward):
    browser = relying()
    code = code_of(browser)
    forward(61)
    assert refused(browser.redeem(code)) == (400, "invalid_grant", "Code is expired")


def test_a_code_of_one_realm_is_nothing_in_the_other(relying):
    browser, other = relying(), relying("registry")
    other.verifier = browser.verifier
    assert refused(other.redeem(code_of(browser)))[2] == "Code not valid"


@pytest.mark.parametrize("client", [("vcp", "wrong"), ("somebody", "sandbox-public-secret")])
def test_a_client_must_know_its_secret(relying, client):
    browser = relying()
    code = code_of(browser)
    stranger = relying(client=client)
    stranger.verifier = browser.verifier
    unknown = (401, "unauthorized_client", "Invalid client or Invalid client credentials")
    assert refused(stranger.redeem(code)) == unknown
    assert refused(stranger.refresh("any")) == unknown
    assert browser.redeem(code).status_code == 200  # the stranger did not use it up


def test_the_secret_may_come_in_the_body(relying):
    browser = relying()
    form = {
        "grant_type": "authorization_code",
        "code": code_of(browser),
        "redirect_uri": browser.redirect_uri,
        "code_verifier": browser.verifier,
    }
    client_id, secret = browser.client
    body = {**form, "client_id": client_id, "client_secret": secret}
    assert httpx.post(f"{browser.endpoints}/token", data=body).status_code == 200


def test_each_refresh_gives_another_refresh_token_and_tells_the_present(relying, control):
    browser = relying("registry")
    tokens = browser.sign_in(PAULA)
    before = browser.claims(tokens["id_token"])
    try:
        control.patch(f"people/registry/{PAULA}", json={"roles": ["provider", "auditor"], "accounts": []})
        answer = browser.refresh(tokens["refresh_token"]).json()
    finally:
        control.patch(f"people/registry/{PAULA}", json={"roles": ["provider"], "accounts": ["MW-ACC-100017"]})
    assert answer["refresh_token"] != tokens["refresh_token"]
    after = browser.claims(answer["id_token"])
    assert after["roles"] == ["provider", "auditor"]
    assert "accounts" not in after
    assert "nonce" not in after
    same = ("iss", "sub", "aud", "azp", "sid", "auth_time", "acr")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert browser.claims(answer["access_token"])["roles"] == ["provider", "auditor"]


def test_a_used_refresh_token_ends_the_clients_session(relying):
    browser = relying()
    first = browser.sign_in(ANA)["refresh_token"]
    second = browser.refresh(first).json()["refresh_token"]
    assert refused(browser.refresh(first)) == (
        400,
        "invalid_grant",
        "Maximum allowed refresh token reuse exceeded",
    )
    assert refused(browser.refresh(second)) == (400, "invalid_grant", "Session not active")


def test_a_refresh_may_ask_for_less_but_not_for_more(relying):
    browser = relying("registry")
    tokens = browser.sign_in(PAULA, scope="openid holdings:read activities:read")
    less = browser.refresh(tokens["refresh_token"], scope="openid holdings:read").json()
    assert browser.claims(less["access_token"])["scope"] == "openid holdings:read"
    more = browser.refresh(less["refresh_token"], scope="openid mandates:write")
    assert refused(more)[:2] == (400, "invalid_scope")


def test_a_refresh_token_is_good_for_its_client_and_realm_only(relying, control):
    control.post("clients", json={"client_id": "vcp-3", "client_secret": "s3", "platform_url": "http://x"})
    browser = relying()
    token = browser.sign_in(ANA)["refresh_token"]
    assert refused(relying(client=("vcp-3", "s3")).refresh(token))[:2] == (400, "invalid_grant")
    assert refused(relying("registry").refresh(token))[2] == "Invalid refresh token"
    assert browser.refresh("made-up").json()["error_description"] == "Invalid refresh token"


def test_the_session_lasts_no_longer_than_its_realm_allows(relying, forward):
    browser = relying("registry")
    tokens = browser.sign_in(PAULA)
    assert tokens["refresh_expires_in"] == 8 * 3600
    forward(7 * 3600)
    tokens = browser.refresh(tokens["refresh_token"]).json()
    assert tokens["refresh_expires_in"] == pytest.approx(5 * 3600, abs=60)  # twelve hours in all
    forward(5 * 3600 + 60)
    assert refused(browser.refresh(tokens["refresh_token"]))[:2] == (400, "invalid_grant")
    assert 29 * 24 * 3600 < relying().sign_in(ANA)["refresh_expires_in"] <= 30 * 24 * 3600


def test_people_and_services_do_not_use_each_others_grants(relying):
    service = relying("registry", client=(CLIENT_ID, CLIENT_SECRET))
    browser = relying("registry")
    assert refused(service.redeem(code_of(browser, PAULA)))[1] == "unauthorized_client"
    assert refused(browser.token(grant_type="client_credentials"))[1] == "unauthorized_client"


def test_userinfo_tells_the_scope_of_the_token(relying, forward):
    browser = relying("registry")
    tokens = browser.sign_in(PAULA)
    told = browser.userinfo(tokens["access_token"]).json()
    claims = browser.claims(tokens["id_token"])
    assert told == {name: claims[name] for name in told}
    assert told["accounts"] == ["MW-ACC-100017"]
    for wrong in ("made-up", tokens["id_token"], relying().sign_in(ANA)["access_token"]):
        assert browser.userinfo(wrong).status_code == 401
    forward(301)
    assert browser.userinfo(tokens["access_token"]).status_code == 401


def test_revoking_a_refresh_token_ends_the_clients_session(relying):
    browser = relying()
    tokens = browser.sign_in(ANA)
    assert browser.post("revoke", token=tokens["refresh_token"]).status_code == 200
    assert refused(browser.refresh(tokens["refresh_token"]))[2] == "Session not active"


def test_revoking_an_access_token_ends_only_that(relying):
    browser = relying()
    tokens = browser.sign_in(ANA)
    assert browser.post("revoke", token=tokens["access_token"]).status_code == 200
    assert browser.userinfo(tokens["access_token"]).status_code == 401
    assert browser.refresh(tokens["refresh_token"]).status_code == 200


def test_nobody_revokes_what_is_not_theirs(relying, control):
    control.post("clients", json={"client_id": "vcp-4", "client_secret": "s4", "platform_url": "http://x"})
    browser, other = relying(), relying(client=("vcp-4", "s4"))
    tokens = browser.sign_in(ANA)
    assert (
        other.post("revoke", token=tokens["refresh_token"]).status_code == 200
    )  # RFC 7009: no hint to strangers
    assert other.post("revoke", token=tokens["access_token"]).status_code == 200
    assert browser.userinfo(tokens["access_token"]).status_code == 200
    assert browser.refresh(tokens["refresh_token"]).status_code == 200
    stranger = relying(client=("vcp", "wrong"))
    assert stranger.post("revoke", token=tokens["refresh_token"]).status_code == 401
