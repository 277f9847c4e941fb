"""`make demo` as somebody who has just cloned the project sees it, without the set-up before it."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import psutil
import pytest

from sandbox.neighbours import Neighbourhood
from sandbox.supervisor import SupervisorError, refuse_busy_ports
from tests.neighbours import free_port
from tests.quality.test_supervisor import wait_until_gone
from tests.quality.tree import ROOT


@pytest.fixture
def var():
    # Not in tmp_path: root's database runs as another user, and pytest shuts others out of its folders.
    with tempfile.TemporaryDirectory(prefix="vcp-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "var"


def ports_of(platform: int) -> dict[str, int]:
    neighbours = Neighbourhood(platform, Path(), "", secrets={}).ports
    return {"platform": platform, **neighbours}


def free_ports() -> dict[str, int]:
    """A platform's port whose neighbours' ports are free, too."""
    while True:
        ports = ports_of(free_port() % 20000 + 10000)
        try:
            refuse_busy_ports(ports, "")
        except SupervisorError:
            continue
        return ports


def start(var: Path, port: int) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "VAR_DIR": str(var),
        "PORT": str(port),
        "REGISTRY_URL": "http://127.0.0.1:1/",
    }
    return subprocess.Popen(
        [sys.executable, "scripts/demo.py"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.mark.timeout(300)
def test_it_comes_up_says_so_and_leaves_nothing_behind(var):
    ports = free_ports()
    demo = start(var, ports["platform"])
    try:
        said = []
        for line in demo.stdout:
            said.append(line)
            if line.startswith("Stop:"):
                break
        address = f"http://127.0.0.1:{ports['platform']}/en/"
        assert [line for line in said if "Ready" in line] == [f"Ready: {address}\n"], "".join(said)
        page = httpx.get(address, follow_redirects=True, trust_env=False)
        assert page.status_code == 200
        assert "Sample" in page.text  # the seed's activities, read from the registry
        for name in ("mailbox", "identity", "registry", "paypal"):
            [told] = re.findall(rf"(http://127\.0\.0\.1:{ports[name]}/)", "".join(said))
            assert httpx.get(told, follow_redirects=True, trust_env=False).status_code == 200

        [database] = (var / "postgres" / "postmaster.pid").read_text().split()[:1]
        started = [int(database), *(child.pid for child in psutil.Process(demo.pid).children(recursive=True))]
        assert len(started) >= 7
        other = subprocess.run(
            [sys.executable, "scripts/demo.py"],
            check=False,
            cwd=ROOT,
            env={**os.environ, "VAR_DIR": str(var), "PORT": str(ports["platform"])},
            capture_output=True,
            text=True,
        )
        assert (other.returncode, "Another demonstration runs on" in other.stderr) == (1, True)

        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0
        wait_until_gone(started)
        refuse_busy_ports(ports, "")
    finally:
        if demo.poll() is None:
            demo.terminate()
            demo.wait(60)
        demo.stdout.close()
    assert (var / "demo.env").stat().st_mode & 0o777 == 0o600
