"""For machines: is the process up, and can it serve?"""

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from tests.web.conftest import Fakes
from tests.web.pages import Client


def test_the_process_answers_whatever_is_away(alone: Flask, fakes: Fakes):
    fakes.registry.fail_next("health", TryAgain("away"))
    page = Client(alone.test_client()).get("/healthz")
    assert page.json == {"status": "ok"}
    assert fakes.registry.calls == []


def test_ready_when_everything_is_there(client: Client):
    assert client.get("/readyz").json == {
        "status": "ok",
        "database": "ok",
        "migrations": "ok",
        "registry": "ok",
    }


def test_not_ready_without_the_database(alone: Flask, fakes: Fakes):
    page = Client(alone.test_client()).get("/readyz", status=503)
    assert page.json == {
        "status": "unready",
        "database": "away",
        "migrations": "unknown",
        "registry": "unknown",
    }
    assert "password" not in page.response.text
    assert fakes.registry.calls == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = 'an-older-one'",
        "DELETE FROM alembic_version",
        "DROP TABLE alembic_version",
    ],
)
def test_not_ready_while_the_migrations_are_behind(client: Client, engine: Engine, fakes: Fakes, change: str):
    with engine.begin() as connection:
        connection.execute(text(change))
    page = client.get("/readyz", status=503)
    assert page.json == {
        "status": "unready",
        "database": "ok",
        "migrations": "behind",
        "registry": "unknown",
    }
    assert fakes.registry.calls == []


@pytest.mark.parametrize("error", [TryAgain("away"), OutcomeUnknown("timeout"), Refused("unauthorized")])
def test_without_the_registry_pages_are_served_and_it_says_so(client: Client, fakes: Fakes, error: Exception):
    fakes.registry.fail_next("health", error)
    assert client.get("/readyz").json == {
        "status": "degraded",
        "database": "ok",
        "migrations": "ok",
        "registry": "degraded",
    }
    assert client.get("/readyz").json["status"] == "ok", "it is asked anew each time"


def test_a_registry_that_calls_itself_degraded_is(client: Client, fakes: Fakes):
    fakes.registry.health_status = "degraded"
    page = client.get("/readyz")
    assert (page.json["status"], page.json["registry"]) == ("degraded", "degraded")


def test_no_transaction_is_open_while_the_registry_is_asked(
    app: Flask, engine: Engine, fakes: Fakes, monkeypatch
):
    taken = []
    health = fakes.registry.health

    def watched():
        taken.append(engine.pool.checkedout())
        return health()

    monkeypatch.setattr(fakes.registry, "health", watched)
    Client(app.test_client()).get("/readyz")
    assert taken == [0]
