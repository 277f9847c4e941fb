"""One RSA key pair per realm, made once and kept in the state directory."""

import sqlite3
from contextlib import closing
from pathlib import Path

from joserfc.jwk import RSAKey

REALMS = ("registry", "public")


def load_keys(state: Path) -> dict[str, RSAKey]:
    """The key of each realm by name, from `state`/tokens.sqlite3; the missing ones are made."""
    state.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(state / "tokens.sqlite3")) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS realm_key (realm TEXT PRIMARY KEY, pem TEXT NOT NULL)")
        stored = dict(database.execute("SELECT realm, pem FROM realm_key"))
        for realm in REALMS:
            if realm not in stored:
                stored[realm] = RSAKey.generate_key(2048).as_pem(private=True).decode()
                database.execute("INSERT INTO realm_key VALUES (?, ?)", (realm, stored[realm]))
    return {realm: _with_id(pem) for realm, pem in stored.items()}


def _with_id(pem: str) -> RSAKey:
    key = RSAKey.import_key(pem, {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    return key
