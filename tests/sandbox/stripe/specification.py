"""Stripe's own OpenAPI file, cut to what is used here. It is not part of the project: without it, tests skip."""

import functools
import json
import os
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS30Validator

from sandbox.stripe.forms import read_form
from tests.neighbours import ROOT

Json = Any


class Specification:
    """Checks forms and answers. The file is of 2023, so it lacks some newer words."""

    NEWER = frozenset({"adaptive_pricing", "api_version"})  # the latter with values of its own time only
    NEWER_EVENTS = frozenset({"refund.failed"})

    def __init__(self, document: Json) -> None:
        self._document = document
        _admit_null(document["components"]["schemas"])

    def request_errors(self, request: httpx.Request) -> list[str]:
        """What is wrong with a request's form."""
        operation = self._operation(request)
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/x-www-form-urlencoded", {}).get("schema")
        text = request.content.decode()
        if request.method == "GET":
            known = {parameter["name"] for parameter in operation.get("parameters", ())}
            return [name for name in read_form(request.url.query.decode()) if name not in known]
        if schema is None:
            return [f"{request.method} {request.url.path} takes no form"] if text else []
        sent = {name: value for name, value in read_form(text).items() if name not in self.NEWER}
        if "enabled_events" in sent:
            sent["enabled_events"] = [
                name for name in sent["enabled_events"] if name not in self.NEWER_EVENTS
            ]
        return self._errors(self._typed(sent, schema), schema)

    def answer_errors(self, request: httpx.Request, response: httpx.Response) -> list[str]:
        """What is wrong with the answer to a request."""
        answers = self._operation(request)["responses"]
        answer = answers.get(str(response.status_code), answers["default"])
        return self._errors(response.json(), answer["content"]["application/json"]["schema"])

    def object_errors(self, kind: str, value: Json) -> list[str]:
        """What is wrong with an object, an event for example."""
        return self._errors(value, {"$ref": f"#/components/schemas/{kind}"})

    def _errors(self, value: Json, schema: Json) -> list[str]:
        whole = {"components": self._document["components"], **schema}
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in OAS30Validator(whole).iter_errors(value)
        ]

    def _operation(self, request: httpx.Request) -> Json:
        for template, item in self._document["paths"].items():
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
            if re.fullmatch(pattern, request.url.path) and request.method.lower() in item:
                return item[request.method.lower()]
        raise AssertionError(f"the specification has no {request.method} {request.url.path}")

    def _typed(self, value: Json, schema: Json) -> Json:
        """A form's texts as the schema wants them: numbers, booleans, lists."""
        schema = self._resolved(schema)
        for one in schema.get("anyOf", ()):
            found = self._resolved(one)
            shape = {dict: "object", list: "array"}.get(type(value))
            if found.get("type") == shape or (shape is None and found.get("type") not in ("object", "array")):
                return self._typed(value, found)
        if isinstance(value, dict):
            known, others = schema.get("properties", {}), schema.get("additionalProperties")
            return {
                name: self._typed(part, known.get(name) or (others if isinstance(others, dict) else {}))
                for name, part in value.items()
            }
        if isinstance(value, list):
            return [self._typed(part, schema.get("items", {})) for part in value]
        if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", value):
            return int(value)
        return value == "true" if schema.get("type") == "boolean" and value in ("true", "false") else value

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            schema = self._document["components"]["schemas"][name]
        return schema


def stripe_specification() -> Specification:
    """The specification; skips the test where it is missing, or fails it with VCP_REQUIRE_REAL=1."""
    shared = Path(os.environ.get("VCP_SHARED", ROOT.parent / "shared"))
    file = shared / "specs" / "stripe" / "stripe_subset.json"
    if not file.is_file():
        missing = f"Stripe's specification is missing: {file}"
        if os.environ.get("VCP_REQUIRE_REAL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return _load(file)


def check_exchange(specification: Specification, request: httpx.Request, response: httpx.Response) -> None:
    """AssertionError unless both the request and its answer are as the specification has them."""
    wrong = specification.request_errors(request) + specification.answer_errors(request, response)
    if wrong:
        raise AssertionError("\n".join(wrong))


@functools.cache
def _load(file: Path) -> Specification:
    return Specification(json.loads(file.read_text("utf-8")))


def _admit_null(value: Json) -> None:
    """`nullable` beside enum or anyOf admits null at Stripe, not in JSON Schema's terms."""
    if isinstance(value, dict):
        if value.get("nullable") is True:
            if "enum" in value and None not in value["enum"]:
                value["enum"] = [*value["enum"], None]
            if "anyOf" in value:
                value["anyOf"] = [*value["anyOf"], {"nullable": True, "enum": [None]}]
        for part in list(value.values()):
            _admit_null(part)
    elif isinstance(value, list):
        for part in value:
            _admit_null(part)
