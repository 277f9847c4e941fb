"""The bounds of the leeway to the second, and keys that are asked for no more than once a second."""

from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.integrations.errors import Refused, TryAgain
from app.integrations.identity.checks import read_id_token, read_logout_claims, verified
from app.integrations.identity.keys import RealmKeys
from tests.integrations.identity.flows import refusal

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
ISSUER = "https://login.example.org/realms/public"
GENUINE = {
    "iss": ISSUER,
    "aud": "vcp",
    "sub": "somebody",
    "nonce": "n",
    "iat": AT,
    "exp": AT + 60,
    "auth_time": AT,
    "email": "ana@example.org",
    "acr": "2",
}
LOGOUT = {
    "iss": ISSUER,
    "aud": "vcp",
    "sub": "somebody",
    "jti": "j",
    "iat": AT,
    "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
}


def read(now=NOW, **changes):
    return read_id_token(GENUINE | changes, ISSUER, "vcp", "n", now)


def second(number: float) -> datetime:
    return NOW + timedelta(seconds=number)


@pytest.mark.parametrize(
    "now,code",
    [
        (second(64.999), None),  # five seconds after it has expired
        (second(65), "expired"),
        (second(-5), None),  # five seconds before it was issued
        (second(-5.001), "not_yet"),
    ],
    ids=["just good", "just over", "just early", "too early"],
)
def test_the_leeway_is_five_seconds(now, code):
    if code is None:
        assert read(now).subject == "somebody"
    else:
        assert refusal(read, now) == code


@pytest.mark.parametrize("name", ["nbf", "auth_time"])
def test_so_it_is_for_other_times(name):
    assert read(**{name: AT + 5})
    assert refusal(read, **{name: AT + 6}) == "not_yet"


@pytest.mark.parametrize(
    "now,code",
    [(second(304.999), None), (second(305), "expired"), (second(-5), None), (second(-6), "not_yet")],
    ids=["just good", "just over", "just early", "too early"],
)
def test_a_logout_token_is_good_for_five_minutes(now, code):
    if code is None:
        assert read_logout_claims(LOGOUT, ISSUER, "vcp", now).jti == "j"
    else:
        assert refusal(read_logout_claims, LOGOUT, ISSUER, "vcp", now) == code


@pytest.mark.parametrize(
    "audience,party,code",
    [
        ("vcp", None, None),
        (["vcp"], None, None),
        (["vcp", "other"], "vcp", None),
        (["vcp", "other"], None, "audience"),
        (["vcp", "other"], "other", "audience"),
        (["other"], "vcp", "audience"),
        ({"vcp": 1}, "vcp", "audience"),
        ("vcp-other", None, "audience"),
    ],
    ids=str,
)
def test_several_audiences_need_an_authorized_party(audience, party, code):
    changes = {"aud": audience} | ({"azp": party} if party else {})
    if code is None:
        assert read(**changes)
    else:
        assert refusal(read, **changes) == code


@pytest.mark.parametrize(
    "value", [True, "1", None, [], 10**400, -(10**18), float("inf"), float("nan")], ids=repr
)
def test_what_is_no_time_is_unreadable(value):
    assert refusal(read, exp=value) == "unreadable"


@pytest.mark.parametrize("value", [True, 1, "true", "false", None])
def test_an_address_is_verified_only_where_it_says_so(value):
    assert read(email_verified=value).email_verified is (value is True)


def test_who_has_no_name_goes_by_the_address():
    assert read().name == "ana@example.org"
    assert read(name="Ana").name == "Ana"


def test_who_says_nothing_about_factors_has_none():
    claims = {name: value for name, value in GENUINE.items() if name != "acr"}
    assert read_id_token(claims, ISSUER, "vcp", "n", NOW).acr == "0"


def test_a_refresh_has_no_nonce_of_ours():
    claims = {name: value for name, value in GENUINE.items() if name != "nonce"}
    assert read_id_token(claims, ISSUER, "vcp", None, NOW)


# Keys.


KEY = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "two"}, private=True)


def published(*keys: RSAKey, **changes):
    return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": "RS256", **changes} for key in keys]}


class Realm:
    """Publishes keys, and counts how often it is asked."""

    def __init__(self) -> None:
        self.keys = published(KEY)
        self.asked = 0
        self.time = 0.0
        self.away = False

    def fetch(self):
        self.asked += 1
        if self.away:
            raise TryAgain("identity_unavailable")
        return self.keys


@pytest.fixture
def realm():
    return Realm()


@pytest.fixture
def known(realm):
    return RealmKeys(realm.fetch, lambda: realm.time)


def test_a_key_is_asked_for_once(realm, known):
    for _ in range(3):
        assert known.get("one").kid is None or known.get("one")
    assert realm.asked == 1


def test_a_new_key_is_found_and_the_old_one_forgotten(realm, known):
    known.get("one")
    realm.keys, realm.time = published(OTHER), 1.0
    assert known.get("two")
    assert refusal(known.get, "one") == "signature"


def test_strangers_make_us_ask_once_a_second(realm, known):
    for number in range(50):
        assert refusal(known.get, f"made-up-{number}") == "signature"
    assert realm.asked == 1
    realm.time = 0.999
    refusal(known.get, "made-up")
    assert realm.asked == 1
    realm.time = 1.0
    refusal(known.get, "made-up")
    assert realm.asked == 2


def test_known_keys_stay_while_the_realm_is_away(realm, known):
    known.get("one")
    realm.away, realm.time = True, 5.0
    with pytest.raises(TryAgain):
        known.get("two")
    assert known.get("one")


@pytest.mark.parametrize(
    "changes", [{"use": "enc"}, {"alg": "RSA-OAEP"}, {"alg": "PS256"}, {"kty": "oct"}], ids=str
)
def test_keys_for_other_things_sign_nothing(realm, known, changes):
    realm.keys = published(KEY, **changes)
    assert refusal(known.get, "one") == "signature"


def test_a_signature_is_checked_with_the_key_that_is_named(known):
    token = jwt.encode({"alg": "RS256", "kid": "one"}, GENUINE, KEY)
    assert verified(token, known.get)["sub"] == "somebody"
    assert (
        refusal(verified, jwt.encode({"alg": "RS256", "kid": "one"}, GENUINE, OTHER), known.get)
        == "signature"
    )
    assert refusal(verified, jwt.encode({"alg": "RS256"}, GENUINE, KEY), known.get) == "signature"


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_another_algorithm_is_none(known, algorithm):
    token = jwt.encode({"alg": algorithm, "kid": "one"}, GENUINE, KEY, algorithms=[algorithm])
    assert refusal(verified, token, known.get) == "algorithm"


@pytest.mark.parametrize(
    "payload", [b"[]", b"1", b"no json", b"\xff", b"[" * 5000], ids=lambda text: repr(text[:8])
)
def test_claims_that_are_none_are_unreadable(known, payload):
    from joserfc import jws

    token = jws.serialize_compact({"alg": "RS256", "kid": "one"}, payload, KEY)
    assert refusal(verified, token, known.get) == "unreadable"


def test_a_refusal_says_nothing_of_the_token():
    with pytest.raises(Refused) as refused:
        read(iss="https://evil.example/secret-of-the-token")
    assert "secret-of-the-token" not in str(refused.value)
