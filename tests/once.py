"""What is the same for all tests is worked out once: fixtures for the whole session, used by every test."""

import gc
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType

import pytest
from flask import Flask
from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


@pytest.fixture(scope="session")
def run_folder(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the parallel workers of a run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session", autouse=True)
def little_to_collect() -> None:
    """What was imported stays: to look through it for garbage again and again takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def authorities_read_once() -> Iterator[None]:
    """Who certifies servers is read once, not for every client that calls a neighbour on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def addresses_read_once() -> Iterator[None]:
    """What an address means and how it is built is worked out once for all the applications that tests make."""
    compiled, known = Rule.compile, {}

    def remembered(rule: Rule) -> None:
        defaults = tuple(sorted((rule.defaults or {}).items()))
        converters = tuple(rule.map.converters.values())
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, defaults, converters)
        if key not in known:
            compiled(rule)
            found = {name: getattr(rule, name) for name in ("_parts", "_trace", "_converters", "arguments")}
            known[key] = found, rule._build.__func__, rule._build_unknown.__func__
        found, build, build_unknown = known[key]
        vars(rule).update(found)
        rule._build, rule._build_unknown = build.__get__(rule), build_unknown.__get__(rule)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", remembered)
        yield


class Compiled(BytecodeCache):
    """Templates that were compiled in this run: here, or by another worker, which has left them in a folder."""

    def __init__(self, folder: Path) -> None:
        self._files = FileSystemBytecodeCache(str(folder))
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            self._files.load_bytecode(bucket)
            self._keep(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._files.dump_bytecode(bucket)
        self._keep(bucket)

    def _keep(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._known[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(run_folder: Path) -> Iterator[None]:
    """To compile the templates of a page takes longer than to draw it."""
    folder = run_folder / "templates"
    folder.mkdir(exist_ok=True)
    compiled, made = Compiled(folder), Flask.create_jinja_environment

    def with_compiled(app: Flask) -> Environment:
        environment = made(app)
        environment.bytecode_cache = compiled
        return environment

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "create_jinja_environment", with_compiled)
        yield
