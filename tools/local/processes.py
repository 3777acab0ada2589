"""The processes of one run: started in groups of their own, watched, and stopped together."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tools.local import records
from tools.local.data_folder import LocalError

STOP_PATIENCE_S = 20
LAST_LINES = 15
KEPT_LOG_BYTES = 5_000_000
SHOW_EVERY_S = 5


class Stopped(Exception):
    """Somebody asked the run to stop."""


class Interrupt:
    """Notes Ctrl-C, a closed terminal or a polite kill; the waits below turn it into `Stopped`.

    The handler itself only sets a flag: an exception out of a signal could fall between the start
    of a process and the note that it has to be stopped.
    """

    def __init__(self) -> None:
        self.number = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.number = number

    def check(self) -> None:
        if self.number:
            raise Stopped


@dataclass(frozen=True)
class Child:
    """A process that the run answers for."""

    name: str
    popen: subprocess.Popen[bytes]
    process: records.Process
    log: Path
    may_end: bool = False


class Children:
    """Starts processes and stops them in the reverse order."""

    def __init__(self, interrupt: Interrupt, *, run: Path, log: Path) -> None:
        self.interrupt = interrupt
        self._run = run
        self._log = log
        self._children: list[Child] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        may_end: bool = False,
    ) -> Child:
        """Start a process in a group of its own, with its output in ``log/NAME.log``.

        With `may_end`, `check` does not mind when the process ends by itself.
        """
        self.interrupt.check()
        left = records.read(self._run, name)
        if left is not None and not left.launcher.alive():
            records.end(left.process, patience_s=STOP_PATIENCE_S, group=True)
        log = self._log / f"{name}.log"
        if log.exists() and log.stat().st_size > KEPT_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as file:
            popen = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started = records.Process.of(popen.pid) or records.Process(popen.pid, -1)
        child = Child(name, popen, started, log, may_end)
        self._children.append(child)
        records.write(self._run, name, started)
        return child

    def run(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        show: Callable[[str], None] | None = None,
    ) -> None:
        """Run a process to its end; its failure is a `LocalError` with its last lines.

        With `show`, the newest line that says how far it is ("3 of 24") is handed on now and then.
        """
        child = self.start(name, command, environment)
        shown_at, shown = time.monotonic(), ""
        while child.popen.poll() is None:
            self.interrupt.check()
            if show and time.monotonic() - shown_at > SHOW_EVERY_S:
                shown_at, line = time.monotonic(), _newest_progress(child.log)
                if line != shown:
                    show(line)
                    shown = line
            time.sleep(0.05)
        self._forget(child)
        if child.popen.returncode != 0:
            raise _death(child)

    def check(self) -> None:
        """Raise when somebody asked to stop or when a process has ended by itself."""
        self.interrupt.check()
        for child in self._children:
            if child.popen.poll() is not None and not child.may_end:
                self._forget(child)
                raise _death(child)

    def end(self, child: Child) -> None:
        """End one process as `stop` ends all of them."""
        if child.popen.poll() is None:
            child.popen.send_signal(signal.SIGTERM)
        self._wait_for_end(child, time.monotonic() + STOP_PATIENCE_S)

    def stop(self) -> None:
        """End every process that still runs: politely at first, then with all of its group."""
        for child in reversed(self._children):
            if child.popen.poll() is None:
                child.popen.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE_S
        for child in reversed(list(self._children)):
            self._wait_for_end(child, deadline)

    def _wait_for_end(self, child: Child, deadline: float) -> None:
        while child.popen.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        _kill_group(child.popen.pid)
        child.popen.wait()
        self._forget(child)

    def _forget(self, child: Child) -> None:
        self._children.remove(child)
        records.forget(self._run, child.name)


def run_in_foreground(
    command: Sequence[str], environment: Mapping[str, str], interrupt: Interrupt
) -> int:
    """Run somebody's command with this terminal and return its exit status.

    At a terminal the command shares the group, so that it can read from it and Ctrl-C reaches it
    by itself; without one it gets a group of its own and the signal is passed on.
    """
    at_terminal = sys.stdin.isatty()
    try:
        child = subprocess.Popen(command, env=dict(environment), start_new_session=not at_terminal)
    except FileNotFoundError:
        raise LocalError(f"There is no command {command[0]}.") from None
    passed_on = 0
    deadline = 0.0
    while child.poll() is None:
        if interrupt.number and interrupt.number != passed_on:
            passed_on = interrupt.number
            deadline = time.monotonic() + STOP_PATIENCE_S
            if not (at_terminal and passed_on == signal.SIGINT):
                child.send_signal(passed_on)
        if deadline and time.monotonic() > deadline:
            child.kill()
        time.sleep(0.02)
    if not at_terminal:
        _kill_group(child.pid)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _newest_progress(log: Path) -> str:
    """The last line that holds "3 of 24", or nothing."""
    lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    return next((line for line in reversed(lines) if re.search(r"\d+ of \d+", line)), "")


def _death(child: Child) -> LocalError:
    lines = child.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    shown = "\n".join(f"    {line}" for line in lines)
    return LocalError(
        f"{child.name} ended by itself (exit status {child.popen.returncode}). "
        f"The last lines of {child.log}:\n{shown}"
    )
