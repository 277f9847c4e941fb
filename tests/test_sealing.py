"""Secrets: sealed with keys that are not in the database, each purpose with its own."""

from uuid import uuid4

import pytest

from app.sealing import Purpose, SealBroken, Sealer

KEY = "a secret for tests only, long enough for anything"
SECRET = "client-secret-of-the-provider ñ 🌱"


def test_what_was_sealed_is_opened_again():
    sealed = Sealer(KEY).seal(SECRET)
    assert Sealer(KEY).open(sealed) == SECRET


def test_a_seal_shows_nothing_and_is_never_the_same_twice():
    seals = [Sealer(KEY).seal(SECRET) for _ in range(3)]
    assert len(set(seals)) == 3
    assert all(b"client-secret" not in sealed for sealed in seals)


def test_another_key_opens_nothing_and_the_error_says_what_to_do():
    sealed = Sealer(KEY).seal(SECRET)
    with pytest.raises(SealBroken, match="set the SECRET_KEY") as error:
        Sealer(KEY + "x").open(sealed)
    assert SECRET not in str(error.value)


def test_a_key_opens_nothing_of_another_purpose():
    sealed = {purpose: Sealer(KEY, purpose).seal(SECRET) for purpose in Purpose}
    for sealed_for, text in sealed.items():
        for purpose in Purpose:
            if purpose is sealed_for:
                assert Sealer(KEY, purpose).open(text) == SECRET
            else:
                with pytest.raises(SealBroken, match="again"):
                    Sealer(KEY, purpose).open(text)


@pytest.mark.parametrize("spoil", ["changed", "cut", "empty", "foreign"])
def test_what_was_tampered_with_is_not_opened(spoil: str):
    sealed = Sealer(KEY).seal(SECRET)
    spoilt = {
        "changed": sealed[:-5] + (b"A" if sealed[-5:-4] != b"A" else b"B") + sealed[-4:],
        "cut": sealed[:-1],
        "empty": b"",
        "foreign": b"client-secret in the clear",
    }[spoil]
    with pytest.raises(SealBroken):
        Sealer(KEY).open(spoilt)


def test_each_account_has_a_key_of_its_own():
    one, other = uuid4(), uuid4()
    sealed = Sealer(KEY).of(one).seal(SECRET)
    assert Sealer(KEY).of(one).open(sealed) == SECRET
    for sealer in (Sealer(KEY).of(other), Sealer(KEY), Sealer(KEY, Purpose.SIGN_INS).of(one)):
        with pytest.raises(SealBroken):
            sealer.open(sealed)


def test_what_was_sealed_before_accounts_had_keys_is_still_opened():
    assert Sealer(KEY).of(uuid4()).open(Sealer(KEY).seal(SECRET)) == SECRET


@pytest.mark.parametrize("of_an_account", [False, True])
def test_the_key_of_before_opens_and_seals_nothing(of_an_account: bool):
    account = uuid4()

    def sealer(key: str, before: str = "") -> Sealer:
        made = Sealer(key, before=before)
        return made.of(account) if of_an_account else made

    old = sealer(KEY).seal(SECRET)
    changed = sealer(KEY + " of today", KEY)
    assert changed.open(old) == SECRET
    sealed = changed.seal(SECRET)
    assert sealer(KEY + " of today").open(sealed) == SECRET
    with pytest.raises(SealBroken):
        sealer(KEY).open(sealed)
