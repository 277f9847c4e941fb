"""Secrets encrypted at rest, with keys that are not in the database: each purpose has a key of its own."""

import base64
from enum import StrEnum

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealBroken(Exception):
    """The sealed secret was not made with this SECRET_KEY for this purpose, or was tampered with."""


class Purpose(StrEnum):
    """What a secret is for. A key opens nothing of another purpose. The texts are part of the keys: never change one."""

    PAYEE_ACCOUNTS = "payee account secrets"
    SIGN_INS = "tokens of people who are signed in"
    INVITATIONS = "tokens of invitations"


_REMEDY = {
    Purpose.PAYEE_ACCOUNTS: "set the SECRET_KEY that the account was kept with, or enter its secret again",
    Purpose.SIGN_INS: "set the SECRET_KEY that the person signed in with, or let them sign in again",
    Purpose.INVITATIONS: "set the SECRET_KEY that the person was invited with, or invite them again",
}


class Sealer:
    """Seals and opens short texts with a key derived from SECRET_KEY."""

    def __init__(self, secret_key: str, purpose: Purpose = Purpose.PAYEE_ACCOUNTS) -> None:
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=purpose.value.encode()).derive(
            secret_key.encode()
        )
        self._purpose = purpose
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, text: str) -> bytes:
        """Encrypt and authenticate."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """The text again. SealBroken if it cannot be had."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SealBroken(_REMEDY[self._purpose]) from error
