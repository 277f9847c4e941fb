"""What a machine that cannot run Keycloak is told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.keycloak import distribution
from sandbox.keycloak.distribution import KeycloakMissing, cache_folder, fetch, find
from sandbox.keycloak.realms import ROOT
from tests.keycloak import do_without


def program(folder: Path, name: str, lines: str) -> None:
    """A program of that name on PATH."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{lines}\n")
    file.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, with a Java 17 in it; the cache is empty."""
    folder = tmp_path / "bin"
    program(folder, "java", "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("VCP_CACHE", str(tmp_path / "cache"))
    return folder


def test_without_java_it_says_which_one_is_needed(programs: Path):
    (programs / "java").unlink()
    with pytest.raises(KeycloakMissing, match=r"needs Java 17, 21 or 25 .* there is no java on PATH"):
        fetch()


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.22"])
def test_an_old_java_is_named(programs: Path, version: str):
    program(programs, "java", f"echo 'openjdk version \"{version}\"' >&2")
    with pytest.raises(KeycloakMissing, match=f"needs Java 17.*{version}"):
        find()


def test_java_home_comes_before_path(programs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(KeycloakMissing, match="there is no /nowhere/bin/java"):
        find()


def test_what_was_not_fetched_is_not_found(programs: Path):
    with pytest.raises(KeycloakMissing, match="make setup-dev"):
        find()
    cache_folder().mkdir(parents=True)
    assert find() == cache_folder()


def test_without_maven_it_says_so(programs: Path):
    with pytest.raises(KeycloakMissing, match="there is no mvn on PATH"):
        fetch()


def test_a_maven_that_fails_is_quoted(programs: Path):
    program(programs, "mvn", "echo 'Could not resolve the host'; exit 1")
    with pytest.raises(KeycloakMissing, match="Could not resolve the host"):
        fetch()
    assert not cache_folder().exists()


def test_another_file_than_the_known_one_is_refused(programs: Path):
    to_folder = 'for word in "$@"; do case $word in -DoutputDirectory=*) folder=${word#*=};; esac; done'
    name = f"keycloak-quarkus-dist-{distribution.VERSION}.zip"
    program(programs, "mvn", f"{to_folder}\necho something else > $folder/{name}")
    with pytest.raises(KeycloakMissing, match="SHA-256"):
        fetch()
    assert [path.name for path in cache_folder().parent.iterdir()] == [f"{cache_folder().name}.lock"]


def test_the_command_ends_with_the_sentence(programs: Path):
    (programs / "java").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "sandbox.keycloak", "--fetch"],
        cwd=ROOT,
        env={**os.environ, "PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Keycloak 26.7.4 needs Java")
    assert "Traceback" not in done.stderr


def test_a_missing_keycloak_is_a_skip_and_a_failure_where_it_is_required(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("VCP_REQUIRE_REAL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Java here"):
        do_without("no Java here")
    monkeypatch.setenv("VCP_REQUIRE_REAL", "1")
    with pytest.raises(pytest.fail.Exception, match="no Java here"):
        do_without("no Java here")
