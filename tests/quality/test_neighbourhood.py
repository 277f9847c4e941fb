"""The neighbours' command lines take whatever a secret is made of."""

from pathlib import Path

from sandbox.neighbours import Neighbourhood


def test_a_secret_that_begins_with_a_dash_is_no_option(tmp_path: Path) -> None:
    neighbourhood = Neighbourhood(
        port=8000,
        state=tmp_path,
        public_url="http://127.0.0.1:8000",
        client_secret="-client",
        event_secret="--event",
    )
    arguments = [word for command in neighbourhood.commands().values() for word in command]
    assert "--client-secret=-client" in arguments
    assert "--event-secret=--event" in arguments
    assert not {"-client", "--event"} & set(arguments)
