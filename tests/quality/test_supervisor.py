"""What `make demo` and `make sandbox` start is watched, and stopped to the last process."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from sandbox.neighbours import HIGHEST_PORT, keep_secrets, read_port, write_private
from sandbox.supervisor import Stopped, Supervisor, SupervisorError, refuse_busy_ports
from tests.neighbours import free_port
from tests.quality.tree import ROOT

FOR_EVER = "import time; time.sleep(600)"
# A program with a worker of its own that outlives it and takes no notice of SIGTERM.
STUBBORN = f"""
import pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
worker = subprocess.Popen([sys.executable, "-c", {FOR_EVER!r}])
pathlib.Path(sys.argv[1]).write_text(str(worker.pid))
sys.exit()
"""
# A server that says 503 twice, then 200.
UNREADY_AT_FIRST = """
import http.server, sys
answers = iter([503, 503])
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(next(answers, 200))
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(file: Path) -> str:
    deadline = time.monotonic() + 20
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < deadline, f"{file} was not written"
        time.sleep(0.02)
    return file.read_text()


def wait_until_gone(pids: list[int]) -> None:
    # The kernel ends a killed process in its own time.
    deadline = time.monotonic() + 20
    while left := [pid for pid in pids if alive(pid)]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.02)


def test_a_program_that_ends_is_named_with_its_last_words(tmp_path):
    with Supervisor(tmp_path) as programs:
        programs.start("steady", python(FOR_EVER), os.environ)
        programs.start("weak", python("import sys; sys.exit('no more power')"), os.environ)
        with pytest.raises(SupervisorError, match=r"weak ended with code 1\.\n(.|\n)*no more power"):
            programs.watch()


def test_a_killed_program_is_named_with_the_signal(tmp_path):
    with Supervisor(tmp_path) as programs:
        programs.start("weak", python("import os; os.kill(os.getpid(), 9)"), os.environ)
        with pytest.raises(SupervisorError, match=r"weak was killed by SIGKILL"):
            programs.watch()


def test_ready_means_a_good_answer(tmp_path):
    port = free_port()
    with Supervisor(tmp_path) as programs:
        programs.start("late", python(UNREADY_AT_FIRST, str(port)), os.environ)
        programs.wait_for_answer("late", f"http://127.0.0.1:{port}/")
        assert (tmp_path / "late.log").read_text().count('"GET / HTTP/1.1" 503') == 2


def test_a_step_that_fails_is_named(tmp_path):
    with (
        Supervisor(tmp_path) as programs,
        pytest.raises(SupervisorError, match=r"migrations ended with code 3"),
    ):
        programs.run("migrations", python("import sys; sys.exit(3)"), os.environ)


def test_a_step_does_not_wait_for_programs_that_died(tmp_path):
    with Supervisor(tmp_path) as programs:
        programs.start("weak", python(""), os.environ)
        with pytest.raises(SupervisorError, match="weak ended with code 0"):
            programs.run("migrations", python(FOR_EVER), os.environ)


def test_nothing_is_left_of_what_was_started(tmp_path):
    with Supervisor(tmp_path) as programs:
        programs.start("steady", python(f"import os; print(os.getpid(), flush=True); {FOR_EVER}"), os.environ)
        programs.start("stubborn", python(STUBBORN, str(tmp_path / "worker")), os.environ)
        started = [int(wait_for(tmp_path / name)) for name in ("steady.log", "worker")]
        assert [alive(pid) for pid in started] == [True, True]
    wait_until_gone(started)


def test_what_comes_afterwards_comes_when_all_have_stopped(tmp_path):
    seen = []
    with Supervisor(tmp_path) as programs:
        programs.start("steady", python(f"import os; print(os.getpid(), flush=True); {FOR_EVER}"), os.environ)
        steady = int(wait_for(tmp_path / "steady.log"))
        programs.afterwards(lambda: seen.append(alive(steady)))
    assert seen == [False]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_the_watch(tmp_path, number):
    before = signal.getsignal(number)
    with Supervisor(tmp_path) as programs:
        programs.start(
            "sender",
            python("import os, sys; os.kill(os.getppid(), int(sys.argv[1])); " + FOR_EVER, str(number.value)),
            os.environ,
        )
        with pytest.raises(Stopped, match=number.name):
            programs.watch()
    assert signal.getsignal(number) == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_programs_end_with_a_killed_supervisor(tmp_path):
    code = (
        "import os, pathlib, sys\n"
        "from sandbox.supervisor import Supervisor\n"
        "with Supervisor(pathlib.Path(sys.argv[1])) as programs:\n"
        f"    programs.start('steady', [sys.executable, '-c', {'import os; print(os.getpid(), flush=True); ' + FOR_EVER!r}], os.environ)\n"
        "    programs.watch()\n"
    )
    supervisor = subprocess.Popen(python(code, str(tmp_path)), cwd=ROOT)
    steady = int(wait_for(tmp_path / "steady.log"))
    supervisor.kill()
    supervisor.wait()
    wait_until_gone([steady])


def test_busy_ports_are_named():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(SupervisorError, match=rf"{port} \(registry\)\nTake another"):
            refuse_busy_ports({"registry": port}, "Take another.")
    refuse_busy_ports({"registry": port}, "Take another.")


@pytest.mark.parametrize("port", ["x", "0", "-1", "80.5", str(HIGHEST_PORT + 1), "²"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(ValueError, match="PORT is"):
        read_port({"PORT": port})


def test_the_usual_port_is_8000():
    assert (read_port({}), read_port({"PORT": ""}), read_port({"PORT": "8100"})) == (8000, 8000, 8100)


def test_secrets_are_made_once_and_kept_private(tmp_path):
    file = tmp_path / "var" / "demo.env"
    first = keep_secrets(file, ("A", "B"))
    write_private(file, {**first, "ADDRESS": "postgresql:///x?host=/a b'c"})  # what a shell would trip over
    again = keep_secrets(file, ("A", "B", "C"))
    # By its beginning the platform knows that no real money is meant.
    assert keep_secrets(file, ("STRIPE_CONNECT_KEY",))["STRIPE_CONNECT_KEY"].startswith("rk_test_")
    assert {name: again[name] for name in ("A", "B")} == first
    assert len({*again.values()}) == 3
    assert all(len(secret) >= 32 for secret in again.values())
    assert file.stat().st_mode & 0o777 == 0o600
