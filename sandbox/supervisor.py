"""Starts programs, watches them, and stops every one of them at the end, whatever the end is.

with Supervisor(logs) as programs:
    programs.start("registry", [sys.executable, "-m", "sandbox.registry", ...], env)
    programs.wait_for_answer("registry", "http://127.0.0.1:8202/")
    programs.run("migrations", [...], env)
    programs.watch()
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

SECONDS_TO_START = 90
SECONDS_TO_STOP = 10
TAIL = 25  # lines
ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SupervisorError(Exception):
    """A program failed or a port is taken; the message is meant for the person at the terminal."""


class Stopped(BaseException):
    """Ctrl-C or a signal asked for the end. No `Exception`: nothing on the way may swallow it."""


def refuse_busy_ports(ports: Mapping[str, int], advice: str) -> None:
    """SupervisorError naming each of `ports` (name → number) that somebody listens on, followed by `advice`."""
    busy = [f"  {port} ({name})" for name, port in ports.items() if _is_busy(port)]
    if busy:
        raise SupervisorError("\n".join(["Another program uses these ports of 127.0.0.1:", *busy, advice]))


def _is_busy(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do it: a port whose last connections are still closing (TIME_WAIT) is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({})
    )  # no proxy stands before this machine
    try:
        with opener.open(url, timeout=5) as response:
            return bool(response.status == HTTPStatus.OK)
    except OSError:  # URLError and HTTPError are, too
        return False


class Supervisor:
    """Programs in process groups of their own. Use it once, in the main thread, as a `with` block.

    Inside the block SIGINT, SIGTERM and SIGHUP raise `Stopped`; the block's end stops all programs.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._programs: dict[str, subprocess.Popen[bytes]] = {}
        self._handlers: dict[signal.Signals, Any] = {}
        self._afterwards = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        for number in ASKED_TO_STOP:
            self._handlers[number] = signal.signal(number, _stopped)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in ASKED_TO_STOP:  # a second Ctrl-C must not leave half of them running
            signal.signal(number, signal.SIG_IGN)
        with self._afterwards:
            self._stop_all()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def afterwards(self, act: Callable[[], object]) -> None:
        """Call `act` at the end, when every program has stopped. The last one given is called first."""
        self._afterwards.callback(act)

    def start(self, name: str, command: list[str], env: Mapping[str, str]) -> None:
        """Start a program that runs until the end. What it prints goes to the file `name`.log."""
        with self._log(name).open("wb") as log:
            self._programs[name] = subprocess.Popen(
                command,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - the supervisor has one thread
            )

    def run(self, name: str, command: list[str], env: Mapping[str, str]) -> None:
        """Run a program to its end while watching the others. SupervisorError when it fails."""
        self.start(name, command, env)
        program = self._programs.pop(name)
        try:
            self.wait_until(name, lambda: program.poll() is not None)
        except BaseException:
            self._programs[name] = program  # still running: to be stopped with the others
            raise
        if program.returncode:
            raise SupervisorError(self._last_words(name, program.returncode))

    def wait_for_answer(self, name: str, url: str) -> None:
        """Until a GET of `url` succeeds. SupervisorError if the program, or another, ends before."""
        self.wait_until(name, lambda: _answers(url))

    def wait_until(self, name: str, ready: Callable[[], bool]) -> None:
        """Until `ready()`. SupervisorError after 90 seconds, or if a program ends."""
        give_up = time.monotonic() + SECONDS_TO_START
        pause = 0.02
        while not ready():
            self._raise_for_dead()
            if time.monotonic() > give_up:
                raise SupervisorError(
                    f"{name} was not ready after {SECONDS_TO_START} seconds.\n{self._tail(name)}"
                )
            time.sleep(pause)
            pause = min(pause * 1.2, 1.0)  # at first to lose no time, later to leave it to the program

    def watch(self) -> NoReturn:
        """Until a program ends (SupervisorError) or the end is asked for (Stopped)."""
        while True:
            self._raise_for_dead()
            time.sleep(0.2)

    def _raise_for_dead(self) -> None:
        for name, program in self._programs.items():
            if program.poll() is not None:
                raise SupervisorError(self._last_words(name, program.returncode))

    def _last_words(self, name: str, code: int) -> str:
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return f"{name} {how}.\n{self._tail(name)}"

    def _tail(self, name: str) -> str:
        log = self._log(name)
        lines = log.read_text(errors="replace").splitlines()[-TAIL:]
        return "\n".join([f"The end of {log}:", *(f"  {line}" for line in lines)])

    def _log(self, name: str) -> Path:
        return self._logs / f"{name.replace(' ', '-')}.log"

    def _stop_all(self) -> None:
        programs = list(self._programs.values())
        for program in reversed(programs):
            if program.poll() is None:
                program.terminate()
        give_up = time.monotonic() + SECONDS_TO_STOP
        for program in programs:
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(max(0.0, give_up - time.monotonic()))
        for program in programs:
            # The whole group, also where its first process has ended: it may have left workers behind.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(program.pid, signal.SIGKILL)
            program.wait()


def _stopped(number: int, _frame: FrameType | None) -> NoReturn:
    raise Stopped(signal.Signals(number).name)


_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """Ask Linux to send this process a SIGTERM when its parent ends, even by SIGKILL (prctl(2))."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
