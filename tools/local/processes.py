"""Start the processes of a run in separate process groups, watch them, and stop them together."""

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
from tools.local.workspace import LocalError

# A stopped worker finishes its task first; a killed one leaves it to the next worker.
STOP_PATIENCE_S = 20
LAST_LINES = 15
LOG_LIMIT_BYTES = 5_000_000
"""A larger log is renamed before the next start."""
SHOW_EVERY_S = 5


class Stopped(Exception):
    """The run was asked to stop, for example by Ctrl-C."""


class Interrupt:
    """Records SIGINT, SIGTERM and SIGHUP; `check` turns them into `Stopped`.

    The signal handler only sets a flag. An exception from the handler could occur between the start
    of a process and its registration, and the process would never be stopped.
    """

    def __init__(self) -> None:
        self.number = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._record)

    def _record(self, number: int, _frame: FrameType | None) -> None:
        self.number = number

    def check(self) -> None:
        """Raise `Stopped` if a signal has arrived."""
        if self.number:
            raise Stopped


@dataclass(frozen=True)
class Child:
    """A process of the run."""

    name: str
    popen: subprocess.Popen[bytes]
    process: records.Process
    log: Path
    may_end: bool = False


class Children:
    """Start processes, and stop them in reverse order."""

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
        """Start a process in its own process group, with its output in ``log/NAME.log``.

        With `may_end`, `check` does not raise when the process has ended.
        """
        self.interrupt.check()
        # Left behind by a launcher that was killed.
        orphan = records.read(self._run, name)
        if orphan is not None and not orphan.launcher.alive():
            records.terminate(orphan.process, patience_s=STOP_PATIENCE_S, group=True)
        log = self._log / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
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
        # A process that has already ended gets a start time that no process has.
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
        """Run a process to its end.

        Parameters
        ----------
        show
            Called every few seconds with the latest progress line, such as "3 of 24".

        Raises
        ------
        LocalError
            If the process fails, with the last lines of its log.
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
        self._remove(child)
        if child.popen.returncode != 0:
            raise _unexpected_end(child)

    def check(self) -> None:
        """Raise `Stopped` on request, or LocalError if a process has ended unexpectedly."""
        self.interrupt.check()
        for child in self._children:
            if child.popen.poll() is not None and not child.may_end:
                self._remove(child)
                raise _unexpected_end(child)

    def end(self, child: Child) -> None:
        """Stop one process, as `stop` does with all."""
        if child.popen.poll() is None:
            child.popen.send_signal(signal.SIGTERM)
        self._wait_for_end(child, time.monotonic() + STOP_PATIENCE_S)

    def stop(self) -> None:
        """Send SIGTERM to all processes, wait, then kill what is left of their process groups."""
        # All receive the signal before any wait, so that they end in parallel.
        for child in reversed(self._children):
            if child.popen.poll() is None:
                child.popen.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE_S
        for child in reversed(list(self._children)):
            self._wait_for_end(child, deadline)

    def _wait_for_end(self, child: Child, deadline: float) -> None:
        while child.popen.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        # Also when the child has ended: its own children may still run.
        _kill_group(child.popen.pid)
        child.popen.wait()
        self._remove(child)

    def _remove(self, child: Child) -> None:
        self._children.remove(child)
        records.remove(self._run, child.name)


def run_in_foreground(
    command: Sequence[str], environment: Mapping[str, str], interrupt: Interrupt
) -> int:
    """Run a command of the user with this terminal and return its exit status.

    On a terminal, the command shares the process group, so that it can read from the terminal and
    receives Ctrl-C itself. Otherwise it gets a separate group, and signals are passed on.
    """
    at_terminal = sys.stdin.isatty()
    try:
        child = subprocess.Popen(command, env=dict(environment), start_new_session=not at_terminal)
    except FileNotFoundError:
        raise LocalError(f"The command {command[0]} does not exist.") from None
    last_signal = 0
    deadline = 0.0
    while child.poll() is None:
        if interrupt.number and interrupt.number != last_signal:
            last_signal = interrupt.number
            deadline = time.monotonic() + STOP_PATIENCE_S
            # On a terminal, the kernel has already sent SIGINT to the command.
            if not (at_terminal and last_signal == signal.SIGINT):
                child.send_signal(last_signal)
        if deadline and time.monotonic() > deadline:
            child.kill()
        time.sleep(0.02)
    if not at_terminal:
        _kill_group(child.pid)
    # 128 + signal number, as in shells.
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _newest_progress(log: Path) -> str:
    """Return the last line that contains progress such as "3 of 24"; empty if there is none."""
    lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    return next((line for line in reversed(lines) if re.search(r"\d+ of \d+", line)), "")


def _unexpected_end(child: Child) -> LocalError:
    lines = child.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    shown = "\n".join(f"    {line}" for line in lines)
    return LocalError(
        f"The process {child.name} ended unexpectedly (exit status {child.popen.returncode}). "
        f"Last lines of {child.log}:\n{shown}"
    )
