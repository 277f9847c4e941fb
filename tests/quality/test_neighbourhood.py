"""The neighbours' command lines take whatever a secret is made of."""

from pathlib import Path

from sandbox.neighbours import SECRETS, Neighbourhood


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
