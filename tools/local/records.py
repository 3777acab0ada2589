"""Records of the processes that launchers of a checkout have started.

A record holds the process ID and the start time in the kernel. If the operating system has reused
the ID for another program, the start time differs, so that program is never taken for ours.
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process ID with its start time, in clock ticks since the machine started."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """Return the running process with an ID; None if there is none."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # proc(5): the name in parentheses may contain spaces, so fields are counted after it.
        fields = text.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else cls(pid, int(fields[19]))

    def alive(self) -> bool:
        """Return whether this process, and not a later one with its ID, still runs."""
        return Process.of(self.pid) == self


@dataclass(frozen=True)
class Record:
    """A process, and the launcher that is responsible for it."""

    process: Process
    launcher: Process
    note: str = ""


def write(folder: Path, name: str, process: Process, *, note: str = "") -> None:
    """Record that this launcher is responsible for a process."""
    launcher = Process.of(os.getpid())
    if launcher is None:
        raise RuntimeError("/proc does not know this process")
    record = Record(process, launcher, note)
    unfinished = folder / f"{name}.new"
    unfinished.write_text(json.dumps(asdict(record)))
    # Renaming is atomic, so that a reader never sees half a record.
    unfinished.rename(folder / f"{name}.json")


def read(folder: Path, name: str) -> Record | None:
    """Return the record of a running process; remove the record of a process that has ended."""
    path = folder / f"{name}.json"
    try:
        stored = json.loads(path.read_text())
        record = Record(Process(**stored["process"]), Process(**stored["launcher"]), stored["note"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        path.unlink(missing_ok=True)
        return None
    if record.process.alive():
        return record
    path.unlink(missing_ok=True)
    return None


def remove(folder: Path, name: str) -> None:
    """Remove the record of a process, if there is one."""
    (folder / f"{name}.json").unlink(missing_ok=True)


def terminate(process: Process, *, patience_s: float, group: bool = False) -> None:
    """Send SIGTERM to a process, and SIGKILL after ``patience_s`` seconds.

    With ``group``, everything in its process group is killed in any case.
    """
    # Polled, because only a parent can wait for a process.
    _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    while process.alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    if group:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
    elif process.alive():
        _signal(process, signal.SIGKILL)


def _signal(process: Process, number: signal.Signals) -> None:
    if process.alive():
        os.kill(process.pid, number)
