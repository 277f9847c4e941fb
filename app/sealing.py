"""Secrets encrypted at rest, with keys that are not in the database: each purpose and each account has its own."""

import base64
from enum import StrEnum
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealBroken(Exception):
    """The sealed secret was not made with this SECRET_KEY for this purpose, or was tampered with."""


class Purpose(StrEnum):
    """What a secret is for. A key opens nothing of another purpose. The texts are part of the keys: never change one."""

    PAYEE_ACCOUNTS = "payee account secrets"
    SIGN_INS = "tokens of people who are signed in"
    INVITATIONS = "tokens of invitations"
    NOTICES = "links that switch notices off"


_REMEDY = {
    Purpose.PAYEE_ACCOUNTS: "set the SECRET_KEY that the account was kept with, or enter its secret again",
    Purpose.SIGN_INS: "set the SECRET_KEY that the person signed in with, or let them sign in again",
    Purpose.INVITATIONS: "set the SECRET_KEY that the person was invited with, or invite them again",
    Purpose.NOTICES: "set the SECRET_KEY that the mail was written with, or choose again in the console which mails come",
}


class Sealer:
    """Seals and opens short texts with keys derived from SECRET_KEY.

    `before`: the SECRET_KEY of the time before this one, with which nothing is sealed any more; "" if there was none.
    """

    def __init__(
        self,
        secret_key: str,
        purpose: Purpose = Purpose.PAYEE_ACCOUNTS,
        before: str = "",
        subject: UUID | None = None,
    ) -> None:
        self._secrets = (secret_key, purpose, before)
        self._purpose = purpose
        infos = [*([f"{purpose.value}: {subject}"] if subject else []), purpose.value]
        self._keys = MultiFernet(
            [Fernet(_key(secret, info)) for secret in (secret_key, before) if secret for info in infos]
        )

    def of(self, subject: UUID) -> "Sealer":
        """With a key for this one account: what it seals cannot be put into the row of another.

        It opens what was sealed before accounts had keys of their own, too.
        """
        return Sealer(*self._secrets, subject)

    def seal(self, text: str) -> bytes:
        """Encrypt and authenticate."""
        return self._keys.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """The text again. SealBroken if it cannot be had."""
        try:
            return self._keys.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SealBroken(_REMEDY[self._purpose]) from error


def _key(secret: str, info: str) -> bytes:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=info.encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
