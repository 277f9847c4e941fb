"""Only one folder opens connections to the registry, and the platform's database is none of the registry's."""

import ast
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine, text

from app.domain.models import Base
from tests.boundary.conftest import Door
from tests.quality.tree import ROOT, files, name

# What can open a connection. import-linter forbids the other layers what integrations use; this finds the rest, too.
CONNECTING = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpcore",
    "httpx",
    "keycloak",
    "requests",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "xmlrpc",
}
MAKERS = {"HttpRegistry", "HttpDelegatedRegistry", "ServiceTokens", "HttpClient"}


def imported(module: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def connecting(module: ast.Module) -> set[str]:
    return {
        each
        for each in imported(module)
        for kind in CONNECTING
        if (each == kind or each.startswith(f"{kind}."))
        and each != "keycloak.pkce_utils.generate_code_verifier"
    }


@pytest.mark.parametrize(
    "code",
    ["import httpx", "from urllib import request", "import http.client as c", "from socket import socket"],
)
def test_what_connects_is_recognised(code: str):
    assert connecting(ast.parse(code))


@pytest.mark.parametrize(
    "code", ["from urllib.parse import quote", "from http import HTTPStatus", "import app"]
)
def test_what_does_not_is_not(code: str):
    assert not connecting(ast.parse(code))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_only_integrations_can_open_connections():
    found = {name(path): sorted(kinds) for path in files("app/*.py") if (kinds := connecting(parsed(path)))}
    assert {path for path in found if not path.startswith("app/integrations/")} == set(), found
    assert "app/integrations/http.py" in found


def test_only_the_registrys_own_folder_writes_its_paths():
    writers = {
        name(path)
        for path in files("app/*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/v1/")
    }
    assert {path for path in writers if path.startswith("app/integrations/registry/")}
    # PayPal's paths begin alike.
    elsewhere = {path for path in writers if not path.startswith("app/integrations/registry/")}
    assert all(path.startswith("app/integrations/gateways/paypal/") for path in elsewhere), elsewhere


def test_clients_are_made_where_addresses_are_known_and_nowhere_else():
    makers = {
        (name(path), node.func.id)
        for path in files("app/*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS
    }
    assert {made for path, made in makers if path == "app/wiring.py"} == MAKERS - {"HttpClient"}
    others = {path for path, _ in makers if path != "app/wiring.py"}
    assert all(path.startswith("app/integrations/") for path in others), others


def test_in_the_registrys_folder_no_address_comes_from_an_answer():
    """HttpClient takes whole addresses of its own origin, too: here nobody hands it one."""
    for path in files("app/integrations/registry/*.py"):
        for node in ast.walk(parsed(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "request"
            ):
                sent = [argument for argument in node.args[1:2] if not isinstance(argument, ast.Name)]
                assert all(isinstance(each, ast.Constant) and each.value.startswith("/v1/") for each in sent)


def test_the_platforms_role_owns_the_platforms_tables_and_no_other(engine: Engine):
    owned = "SELECT tablename FROM pg_tables WHERE tableowner = current_user AND schemaname NOT IN ({})"
    with engine.connect() as connection:
        system = "'pg_catalog', 'information_schema'"
        tables = set(connection.execute(text(owned.format(system))).scalars())
        schemas = set(
            connection.execute(
                text(
                    "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
                )
            ).scalars()
        )
        foreign = connection.execute(text("SELECT count(*) FROM pg_foreign_server")).scalar_one()
    ours = set(Base.metadata.tables) | {"alembic_version"}
    assert {table for table in tables - ours if not table.startswith("procrastinate_")} == set()
    assert ours <= tables
    assert schemas == {"public"}
    assert foreign == 0, "no way from this database into another"


# Of the registry the platform keeps what the API told it, and when.
COPIES = {
    "activity": {"read_at", "search_text", "registry_updated_at"},
    "block": {"read_at"},
    "mandate": {"read_at", "registry_updated_at"},
}
TOLD = {
    "crediting_start",
    "crediting_end",
    "monitoring_start",
    "monitoring_end",
    "authorization_status",
    "authorization_uses",
    "authorization_reference",
    "first_transfer",
    "first_transferred_at",
    "serial_prefix",
    "serial_start",
    "serial_end",
    "serial_count",
    "serial_printed",
}


@pytest.mark.parametrize("table", COPIES)
def test_of_the_registry_no_more_is_kept_than_its_api_says(table: str):
    contract = yaml.safe_load((ROOT / "contract" / "registry-api.yaml").read_text(encoding="utf-8"))
    fields = set(contract["components"]["schemas"][table.capitalize()]["properties"])
    assert set(Base.metadata.tables[table].columns.keys()) - fields - COPIES[table] - TOLD == {
        "mandate": {"block_id"}
    }.get(table, set())


def test_the_registry_keeps_its_books_elsewhere(sandbox_door: Door):
    books = list(sandbox_door.program.log.parent.glob("*.sqlite3"))
    assert books, "the registry's books are files of its own"
