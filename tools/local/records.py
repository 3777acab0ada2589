"""Which processes an earlier run of this clone left, told from strangers of the same number.

A record holds the process number and the moment at which the kernel started it, so that a number
that was given to another program since is never taken for ours.
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
    """A process number with its start, in clock ticks since the machine started."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """The living process with that number, or None."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        fields = text.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else cls(pid, int(fields[19]))

    def alive(self) -> bool:
        return Process.of(self.pid) == self


@dataclass(frozen=True)
class Record:
    """A process that a launcher started, and that launcher."""

    process: Process
    launcher: Process
    note: str = ""


def write(folder: Path, name: str, process: Process, *, note: str = "") -> None:
    """Say that this launcher answers for the process."""
    launcher = Process.of(os.getpid())
    if launcher is None:
        raise RuntimeError("/proc does not know this process")
    record = Record(process, launcher, note)
    unfinished = folder / f"{name}.new"
    unfinished.write_text(json.dumps(asdict(record)))
    unfinished.rename(folder / f"{name}.json")


def read(folder: Path, name: str) -> Record | None:
    """The record of a process that still runs; the record of a dead one is removed."""
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


def forget(folder: Path, name: str) -> None:
    (folder / f"{name}.json").unlink(missing_ok=True)


def end(process: Process, *, patience_s: float, group: bool = False) -> None:
    """Ask a process to end; after `patience_s` end it, and with `group` all of its group."""
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
