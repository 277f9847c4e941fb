"""A registry and its token issuer as real processes, shared by the tests; each test takes mandates of its own."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.neighbours import CLIENT_ID, CLIENT_SECRET, ROOT, Program, start_identity, start_registry

Json = dict[str, Any]
MANDATE_SCOPES = "activities:read holdings:read mandates:write"


@pytest.fixture(scope="session")
def contract() -> Json:
    return yaml.safe_load((ROOT / "contract" / "registry-api.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with start_identity(tmp_path_factory.mktemp("identity")) as program:
        yield program


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, identity: Program) -> Iterator[Program]:
    with start_registry(tmp_path_factory.mktemp("registry"), identity) as program:
        yield program


@pytest.fixture
def registry(running: Program) -> Iterator[Program]:
    """The shared registry, without faults before and after."""
    httpx.delete(f"{running.url}/sandbox/faults")
    yield running
    httpx.delete(f"{running.url}/sandbox/faults")


@pytest.fixture
def service_token(identity: Program) -> str:
    """The platform's own token. New for each test: it lives for five minutes only."""
    answer = httpx.post(
        identity.names["token_url"],
        data={"grant_type": "client_credentials"},
        auth=(CLIENT_ID, CLIENT_SECRET),
    )
    return answer.raise_for_status().json()["access_token"]


@pytest.fixture(scope="session")
def mint(identity: Program) -> Callable[..., str]:
    """Makes any token, from `scope`, `accounts`, `realm`, `aud`, `expires_in` or `claims`."""

    def mint_token(**wanted: Any) -> str:
        answer = httpx.post(f"{identity.url}/sandbox/tokens", json=wanted)
        return answer.raise_for_status().json()["access_token"]

    return mint_token


@pytest.fixture(scope="session")
def connect(contract: Json) -> Callable[[str, str], httpx.Client]:
    """A client whose every request and answer is held against the contract."""
    clients = []

    def open_client(url: str, token: str) -> httpx.Client:
        client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            event_hooks={"response": [_held_against(contract, url)]},
        )
        clients.append(client)
        return client

    yield open_client
    for client in clients:
        client.close()


@cache  # making one takes longer than a whole test
def _checker(contract: str, url: str) -> OpenAPI:
    specification = json.loads(contract) | {"servers": [{"url": url}]}
    # The checker knows bearer tokens but not where OAuth gets them; who may call what is in test_access.
    schemes = specification["components"]["securitySchemes"]
    schemes.update({name: {"type": "http", "scheme": "bearer"} for name in schemes})
    problems = Config(extra_media_type_deserializers={"application/problem+json": json.loads})
    return OpenAPI.from_dict(specification, config=problems)


def _held_against(contract: Json, url: str) -> Callable[[httpx.Response], None]:
    openapi = _checker(json.dumps(contract), url)

    def check(response: httpx.Response) -> None:
        response.read()
        sent = response.request
        if sent.url.path.startswith("/sandbox"):
            return
        request = MockRequest(
            str(sent.url.copy_with(path="/", query=None)).rstrip("/"),
            sent.method,
            sent.url.path,
            args=dict(sent.url.params),
            headers=dict(sent.headers),
            data=sent.read(),
        )
        answer = MockResponse(
            response.content,
            response.status_code,
            dict(response.headers),
            response.headers.get("content-type", ""),
        )
        openapi.validate_response(request, answer)
        if response.is_success:
            openapi.validate_request(request)

    return check


@pytest.fixture
def service(
    registry: Program, service_token: str, connect: Callable[[str, str], httpx.Client]
) -> httpx.Client:
    """The platform's own client: service token, all scopes."""
    return connect(registry.url, service_token)


@pytest.fixture
def control(registry: Program) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{registry.url}/sandbox") as client:
        yield client


@pytest.fixture
def fault(control: httpx.Client) -> Callable[..., Json]:
    """Queue a fault of requestCancellation, or of another operation."""

    def queue(kind: str, operation: str = "requestCancellation", **more: Any) -> Json:
        return (
            control.post("/faults", json={"kind": kind, "operation": operation, **more})
            .raise_for_status()
            .json()
        )

    return queue


@pytest.fixture(scope="session")
def seeded() -> list[Json]:
    """The blocks of the seed with their mandates."""
    return json.loads((ROOT / "sandbox" / "registry" / "seed" / "blocks.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def sellable(seeded: list[Json]) -> list[Json]:
    """Mandates over at least 300 units that can be cancelled from, each with its `block`."""
    found = []
    for block in seeded:
        voluntary = (
            block["authorization"]["status"] == "authorized" and "OP" in block["authorization"]["uses"]
        )
        if block["status"] == "active" and (block["unit_class"] == "MCER" or voluntary):
            found += [
                {**mandate, "block": block}
                for mandate in block["mandates"]
                if mandate["status"] == "active" and mandate["quantity"] >= 300
            ]
    return found


@pytest.fixture(scope="session")
def _unused(sellable: list[Json]) -> Iterator[Json]:
    generated = {"MND-000001", "MND-000002"}  # test_conformance uses these
    return (
        each
        for each in sellable
        # Whose first transfer is to come is left to the test of that.
        if (each["block"]["first_transferred_at"] or each["block"]["unit_class"] == "MCER")
        and each["mandate_id"] not in generated
    )


@pytest.fixture
def mandate(_unused: Iterator[Json]) -> Json:
    """A sellable mandate of the shared registry, with its `block`, that no other test has touched."""
    return next(_unused)


@pytest.fixture
def any_mandate(sellable: list[Json]) -> Json:
    """A sellable mandate in one piece, for tests with a registry of their own."""
    return next(each for each in sellable if not each["block"]["gone"])


@pytest.fixture
def ledger(control: httpx.Client) -> Callable[[str], Json]:
    """What the books say of a mandate, its invariants checked on the way."""

    def read(mandate_id: str) -> Json:
        (entry,) = control.get("/ledger", params={"mandate_id": mandate_id}).json()["items"]
        assert entry["quantity"] == sum(
            entry[name] for name in ("remaining", "reserved", "cancelled", "released")
        )
        numbers: set[int] = set()
        for cancellation in entry["cancellations"]:
            ranges = cancellation["serial_ranges"]
            if cancellation["status"] == "completed":
                assert sum(each["count"] for each in ranges) == cancellation["quantity"]
            for each in ranges:
                assert each["count"] == each["end"] - each["start"] + 1
                own = set(range(each["start"], each["end"] + 1))
                assert not own & numbers, "a serial number was used twice"
                numbers |= own
        assert len(numbers) == entry["cancelled"]
        return entry

    return read


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "registry"


def request_for(mandate: Json, reference: str, quantity: int = 1, **more: Any) -> Json:
    """A valid cancellation request."""
    return {
        "mandate_id": mandate["mandate_id"],
        "quantity": quantity,
        "purpose": "voluntary_contribution",
        "client_reference": reference,
        "beneficiary": {
            "type": "organisation",
            "name": "Sample School",
            "country": "MW",
            "disclosure": "public",
        },
        **more,
    }


def cancel(client: httpx.Client, body: Json, key: str | None = None, **more: Any) -> httpx.Response:
    """Request a cancellation; the key is the client reference unless given."""
    headers = {"Idempotency-Key": key or body["client_reference"]}
    return client.post("/v1/cancellations", json=body, headers=headers, **more)
