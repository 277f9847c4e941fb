"""The realm files of `deploy/keycloak`, with the demonstration people added for an import."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy" / "keycloak"
PEOPLE = ROOT / "sandbox" / "seed" / "people.json"
REALMS = ("public", "registry")
OUR_CLIENTS = ("vcp", "vcp-service")
_PLACEHOLDER = re.compile(
    r"\$\{([A-Z_]+)(?::[^}]*)?\}"
)  # Keycloak's own, ${client_account} say, are in lower case


def write_realms(folder: Path) -> None:
    """Write what Keycloak imports at its first start: both realms, placeholders untouched, and who is in them."""
    folder.mkdir(parents=True, exist_ok=True)
    seed = json.loads(PEOPLE.read_text())
    for name in REALMS:
        realm = json.loads((DEPLOY / f"{name}-realm.json").read_text())
        realm["users"] = [
            user(person, seed["password"]) for person in seed["people"] if person["realm"] == name
        ]
        (folder / f"{name}-realm.json").write_text(json.dumps(realm))


def filled(name: str, placeholders: Mapping[str, str]) -> dict[str, Any]:
    """The realm file with its placeholders filled in as Keycloak does at an import. KeyError for a missing one."""
    text = (DEPLOY / f"{name}-realm.json").read_text()
    return json.loads(_PLACEHOLDER.sub(lambda found: json.dumps(placeholders[found[1]])[1:-1], text))


def user(person: dict[str, Any], password: str) -> dict[str, Any]:
    """Keycloak's UserRepresentation of a person of people.json. The subject is the person's `id`."""
    attributes = {"locale": [person["locale"]]}
    if person["accounts"]:
        attributes["accounts"] = person["accounts"]
    credentials = [{"type": "password", "value": password, "temporary": False}]
    if person["totp_secret"]:
        credentials.append(code_generator(person["totp_secret"]))
    return {
        "id": person["id"],
        "username": person["email"],
        "email": person["email"],
        "emailVerified": person["email_verified"],
        "enabled": True,
        "firstName": person["given_name"],
        "lastName": person["family_name"],
        "attributes": attributes,
        "credentials": credentials,
        # An import gives nobody the default roles by itself, and without them no one may open the account pages.
        "realmRoles": [f"default-roles-{person['realm']}", *person["roles"]],
    }


def code_generator(secret: str) -> dict[str, Any]:
    """The credential of a TOTP secret (base32): six digits, every 30 seconds, HMAC-SHA-1."""
    kind = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
    return {
        "type": "otp",
        "userLabel": "code generator",
        "secretData": json.dumps({"value": secret}),
        "credentialData": json.dumps({**kind, "secretEncoding": "BASE32"}),
    }
