"""The commands say what they do, and the settings they fill are the ones that the platform asks for."""

import ast
import re
import subprocess
from pathlib import Path

from app.domain.payments.methods import BY_SERVICE
from sandbox.neighbours import SECRETS, Neighbourhood
from tests.quality.tree import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
NEIGHBOURHOOD = Neighbourhood(
    port=8000,
    state=Path("state"),
    public_url="http://127.0.0.1:8000",
    secrets={name: name.lower() for name in SECRETS},
)


def targets() -> set[str]:
    [phony] = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    return set(phony.split())


def test_every_target_is_phony_and_says_what_it_does():
    defined = set(re.findall(r"^([a-z-]+):(?!=)", MAKEFILE, re.MULTILINE))
    described = set(re.findall(r"^([a-z-]+):[^#\n]*## \w", MAKEFILE, re.MULTILINE))
    assert defined == described == targets()


def test_help_lists_every_target():
    answer = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert {line.split()[1] for line in answer.splitlines()} == targets()


def settings_of_the_platform() -> set[str]:
    """Names of environment variables, as app/settings.py writes them."""
    module = ast.parse((ROOT / "app/settings.py").read_text())
    texts = {
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # The addresses of payment services are named by the table of ways to pay.
    texts |= {f"{code.upper()}_API_URL" for code in BY_SERVICE}
    return {text for text in texts if re.fullmatch(r"[A-Z]+(_[A-Z]+)+", text)}


def test_every_setting_is_documented():
    documented = (ROOT / "docs/configuration.md").read_text()
    missing = {setting for setting in settings_of_the_platform() if f"`{setting}`" not in documented}
    assert len(settings_of_the_platform()) > 10
    assert missing == set()


def test_the_demonstration_fills_only_settings_that_there_are():
    assert set(NEIGHBOURHOOD.settings()) <= settings_of_the_platform()


def test_neighbours_of_usual_ports_do_not_meet():
    usual = (3000, 5000, 8000, 8001, 8002, 8010, 8080, 8081, 8100, 8888, 9000)
    taken = [
        port
        for platform in usual
        for port in (
            platform,
            *Neighbourhood(platform, Path(), "", secrets={}).ports.values(),
        )
    ]
    assert sorted(taken) == sorted(set(taken))
