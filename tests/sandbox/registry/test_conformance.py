"""Generated calls, right and wrong ones, of every operation: every answer must be one that the contract knows."""

import copy
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import schemathesis
import yaml
from hypothesis import HealthCheck, settings

from tests.neighbours import ROOT, Program

Json = dict[str, Any]
ACCOUNT = "MW-ACC-100017"
SCOPES = "activities:read holdings:read mandates:write"


def _contract_with_known_ids() -> Json:
    """The contract with a few real ids in place of «any text», so that generated calls get past 404."""
    contract = yaml.safe_load((ROOT / "contract" / "registry-api.yaml").read_text(encoding="utf-8"))
    paths, schemas = contract["paths"], contract["components"]["schemas"]
    known = {
        "activity_ref": ["A6.4-MW-001042"],
        "account_id": [ACCOUNT],
        "mandate_id": ["MND-000001", "MND-000002"],
        "cancellation_id": ["VC-2026-00000001"],
    }
    for path in paths.values():
        for holder in path.values():
            for parameter in holder if isinstance(holder, list) else holder.get("parameters", []):
                if parameter.get("in") == "path":
                    parameter["schema"] = {"type": "string", "enum": known[parameter["name"]]}
    contract["components"]["parameters"]["Cursor"]["schema"]["enum"] = ["YWZ0ZXI6MA==", "YWZ0ZXI6Nzg="]
    grant = paths["/v1/accounts/{account_id}/mandates"]["post"]["requestBody"]["content"]["application/json"]
    grant["schema"]["properties"]["block_id"]["enum"] = ["BLK-00001", "BLK-00002"]
    grant["schema"]["properties"]["expires_at"] = {"enum": ["2099-01-01T00:00:00Z", None]}
    request = schemas["CancellationRequest"]["properties"]
    request["mandate_id"]["enum"] = known["mandate_id"]
    # The contract says in words only that an anonymous beneficiary has no name.
    public, anonymous = request["beneficiary"], copy.deepcopy(request["beneficiary"])
    public["properties"]["disclosure"] = {"enum": ["public"]}
    anonymous["properties"]["disclosure"] = {"enum": ["anonymous"]}
    anonymous["properties"]["name"] = {"type": "null"}
    request["beneficiary"] = {"anyOf": [public, anonymous]}
    return contract


schema = schemathesis.openapi.from_dict(_contract_with_known_ids())


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_keeps_the_contract(
    case: schemathesis.Case, running: Program, service_token: str, mint: Callable[..., str]
):
    kinds = {kind for choice in case.operation.definition.raw.get("security", []) for kind in choice}
    token = mint(scope=SCOPES, accounts=[ACCOUNT]) if "delegated" in kinds else service_token
    if 1 <= len(case.headers.get("Idempotency-Key", "")) <= 255:
        case.headers["Idempotency-Key"] = str(
            uuid4()
        )  # keys that are valid are new ones, else they must not match
    case.call_and_validate(base_url=running.url, headers={"Authorization": f"Bearer {token}"})
