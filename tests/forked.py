"""Programs as real processes, forked from one that has everything loaded and nothing opened: there in milliseconds.

    program = Forked("app.cli", ["worker"], environment, log)
    done = run("app.cli", ["migrate"], environment)

Such a process is `python -m module args` in the project's folder, with an environment and a session of its own, but for
what it need not load. That the command lines themselves work is for tests/test_cli.py and tests/quality to see.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.loaded"])


class Forked:
    """A running process, with what its users need of subprocess.Popen."""

    def __init__(self, act: Callable[..., None], *arguments: Any) -> None:
        self._process = _processes.Process(target=act, args=arguments)
        self._process.start()

    @property
    def pid(self) -> int:
        """Also the number of its process group, if it is a program."""
        return self._process.pid or 0

    def poll(self) -> int | None:
        """What it ended with, the negative number of a signal that killed it; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The same in the end. subprocess.TimeoutExpired when it still runs after so many seconds."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(str(self._process), timeout or 0)
        return code

    def terminate(self) -> None:
        """Ask it to end (SIGTERM)."""
        self._process.terminate()

    def kill(self) -> None:
        """End it (SIGKILL)."""
        self._process.kill()


def start(
    module: str, args: Sequence[str], env: Mapping[str, str], output: Path, errors: Path | None = None
) -> Forked:
    """Run a program. What it says goes to the end of the file `output`, errors too unless they have a file."""
    return Forked(_be, module, [*args], {**env}, output, errors or output)


def run(
    module: str, args: Sequence[str], env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end. subprocess.TimeoutExpired when that takes more than so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder) / "output", Path(folder) / "errors"
        program = start(module, args, env, output, errors)
        try:
            code = program.wait(timeout)
        finally:
            program.kill()
        return subprocess.CompletedProcess([module, *args], code, output.read_text(), errors.read_text())


def _be(module: str, args: list[str], env: dict[str, str], output: Path, errors: Path) -> None:
    """Become the program."""
    os.setsid()
    os.chdir(ROOT)
    for number, file in ((1, output), (2, errors)):
        opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(env)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [module, *args]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
