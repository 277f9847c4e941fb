"""Files are short, belong to this project, and would work on anybody's machine."""

import json
import re

import pytest

from tests.quality.tree import ROOT, files, name, project_files, text

LONGEST = 350  # lines: a file holds one act, and a reader sees it whole
OWN_SCRIPTS_AND_STYLES = ("static/src/", "sandbox/", "tests/")
LOCK_FILES = ("requirements.txt", "requirements-dev.txt")
# Home folders and mount points of somebody's machine.
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|home|root|Users|mnt|workspace)/\w")
ADDRESS = re.compile(r"https?://|index-url|find-links|\"resolved\"")


def test_no_file_of_code_is_long():
    long = {name(path): lines(path) for path in files("app/*.py", "sandbox/*.py") if lines(path) > LONGEST}
    assert long == {}


def lines(path) -> int:
    return len(path.read_text().splitlines())


@pytest.mark.parametrize("path", ["see /home/ada/x", "/root/app/y", "'/Users/ada/x'"])
def test_paths_of_a_machine_are_recognised(path: str):
    assert MACHINE_PATH.search(path)


def test_no_file_names_a_path_of_a_machine():
    found = [
        f"{name(path)}: {line.strip()}"
        for path in project_files()
        if path != ROOT / "tests/quality/test_files.py"
        for line in (text(path) or "").splitlines()
        if MACHINE_PATH.search(line) or (len(ROOT.parts) > 2 and f"{ROOT}/" in line)
    ]
    assert found == []


@pytest.mark.parametrize("lock", LOCK_FILES)
def test_python_packages_are_locked_with_hashes_and_without_addresses(lock: str):
    content = (ROOT / lock).read_text()
    blocks = re.split(r"\n(?=\S)", content.strip())
    without_hash = [block.split()[0] for block in blocks if "--hash=sha256:" not in block]
    assert len(blocks) > 20
    assert without_hash == []
    assert not ADDRESS.search(content)


def test_one_lock_file_serves_for_both():
    # Set-up relies on it: after `make test`, `make demo` installs nothing.
    running, testing = (pins(lock) for lock in LOCK_FILES)
    assert {pin for pin in running if pin not in testing} == set()


def pins(lock: str) -> set[str]:
    return set(re.findall(r"^[\w.\[\]-]+==\S+", (ROOT / lock).read_text(), re.MULTILINE))


def test_everything_asked_for_is_locked():
    for wanted, lock in (("requirements.in", LOCK_FILES[0]), ("requirements-dev.in", LOCK_FILES[1])):
        asked = re.findall(r"^[\w.-]+", (ROOT / wanted).read_text(), re.MULTILINE)
        locked = {re.split(r"==|\[", pin)[0] for pin in pins(lock)}
        asked = {package.lower().replace("_", "-") for package in asked if package != "-r"}
        assert asked - locked == set(), f"run `make lock` after changing {wanted}"


def test_front_end_packages_are_locked_with_hashes_and_without_addresses():
    content = (ROOT / "package-lock.json").read_text()
    packages = json.loads(content)["packages"]
    assert [path for path, package in packages.items() if path and "integrity" not in package] == []
    assert '"resolved"' not in content


def test_scripts_and_styles_of_others_are_installed_not_kept():
    kept = [name(path) for path in files("*.js", "*.css", "*.mjs", "*.woff", "*.woff2")]
    foreign = [path for path in kept if not path.startswith(OWN_SCRIPTS_AND_STYLES)]
    foreign += [path for path in kept if re.search(r"(^|/)(htmx|pico|axe|jquery|bootstrap)|\.min\.", path)]
    foreign += [
        path for path in kept if any(len(line) > 1000 for line in (text(ROOT / path) or "").split("\n"))
    ]
    assert foreign == []
