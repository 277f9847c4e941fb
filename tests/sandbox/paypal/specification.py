"""PayPal's own OpenAPI files, merged into one. They are not part of the project: without them, tests skip."""

import functools
import json
import os
from pathlib import Path

import httpx
import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.neighbours import ROOT


@functools.cache
def _load(file: Path) -> OpenAPI:
    specification = json.loads(file.read_text("utf-8"))
    # The file allows GUEST_CHECKOUT here, and at most 13 letters, which it has one more than. PayPal takes it.
    wallet = specification["components"]["schemas"]["checkout-orders-v2.paypal_wallet_experience_context"]
    wallet["properties"]["landing_page"]["maxLength"] = len("GUEST_CHECKOUT")
    return OpenAPI.from_dict(specification)


def paypal_specification() -> OpenAPI:
    """The specification; skips the test where it is missing, or fails it with VCP_REQUIRE_REAL=1."""
    shared = Path(os.environ.get("VCP_SHARED", ROOT.parent / "shared"))
    file = shared / "specs" / "paypal" / "paypal_merged.json"
    if not file.is_file():
        missing = f"PayPal's specification is missing: {file}"
        if os.environ.get("VCP_REQUIRE_REAL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return _load(file)


def check_exchange(specification: OpenAPI, request: httpx.Request, response: httpx.Response) -> None:
    """Raise unless both the request and its answer are as the specification has them."""
    check_request(specification, request)
    specification.validate_response(
        _as_specified(request),
        MockResponse(
            response.content,
            response.status_code,
            headers=dict(response.headers),
            content_type=response.headers.get("content-type", "application/json").partition(";")[0],
        ),
    )


def check_request(specification: OpenAPI, request: httpx.Request) -> None:
    """Raise unless the request is as the specification has it."""
    specification.validate_request(_as_specified(request))


def _as_specified(request: httpx.Request) -> MockRequest:
    return MockRequest(
        "https://api-m.sandbox.paypal.com",
        request.method,
        request.url.path,
        args=dict(request.url.params),
        headers=dict(request.headers),
        data=request.content,
        content_type=request.headers.get("content-type", "application/json").partition(";")[0],
    )
