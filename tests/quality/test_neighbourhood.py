"""The neighbours' command lines take whatever a secret is made of."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from sandbox.neighbours import IDENTITIES, SECRETS, Neighbourhood, read_identity


def test_a_secret_that_begins_with_a_dash_is_no_option(tmp_path: Path) -> None:
    neighbourhood = Neighbourhood(
        port=8000,
        state=tmp_path,
        public_url="http://127.0.0.1:8000",
        secrets={name: f"--{name.lower()}" for name in SECRETS},
    )
    arguments = [word for command in neighbourhood.commands().values() for word in command]
    glued = [word for word in arguments for name in SECRETS if word.endswith(f"=--{name.lower()}")]
    assert len(glued) == len(SECRETS)
    assert not {f"--{name.lower()}" for name in SECRETS} & set(arguments)


@pytest.mark.parametrize("wanted", sorted(IDENTITIES))
def test_either_identity_provider_is_started_in_the_same_place(tmp_path: Path, wanted: str) -> None:
    secrets = dict.fromkeys(SECRETS, "a secret")
    usual = Neighbourhood(8000, tmp_path, "http://127.0.0.1:8000", secrets)
    chosen = Neighbourhood(
        8000, tmp_path, "http://127.0.0.1:8000", secrets, identity=read_identity({"VCP_IDENTITY": wanted})
    )
    _, _, module, *options = chosen.commands()["identity"]
    assert find_spec(f"{module}.__main__")
    assert module == f"sandbox.{IDENTITIES[wanted]}"
    assert options[:2] == ["--port", str(chosen.ports["identity"])]
    assert chosen.settings() == usual.settings()
    assert f"{chosen.url('identity')}/" in chosen.pages()


def test_an_unknown_identity_provider_is_refused() -> None:
    assert read_identity({}) == IDENTITIES["sandbox"]
    with pytest.raises(ValueError, match="VCP_IDENTITY is 'okta'; it must be one of sandbox, keycloak"):
        read_identity({"VCP_IDENTITY": "okta"})
