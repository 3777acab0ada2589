"""Limit the resources of a sandbox process."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

try:
    import fcntl
    import resource
except ImportError:  # not available on Windows, where only the time limit applies
    fcntl = resource = None  # type: ignore[assignment]

MIB = 2**20
OPEN_FILES = 64
"""Limit for open files of a sandbox."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one sandbox process.

    Attributes
    ----------
    memory_bytes
        Address space.
    cpu_s
        Processor time per job, in seconds.
    wall_s
        Wall-clock time per job in seconds, including the start of the process.
    output_bytes
        Output per job.
    jobs
        Number of jobs after which a process is replaced.
    retire_bytes
        Peak resident memory above which a process is replaced after its job.
    idle_s
        Time without a job, in seconds, after which a process ends.
    """

    memory_bytes: int = 1024 * MIB
    cpu_s: int = 60
    wall_s: float = 180.0
    output_bytes: int = 256 * MIB
    jobs: int = 200
    retire_bytes: int = 300 * MIB
    idle_s: float = 300.0


def limit_this_process(limits: Limits) -> None:
    """Limit memory, output and open files, and forbid new processes and core files, permanently."""
    if resource is None:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C, the server ends its jobs itself
    for name, limit in (
        # A core file would hold the image and the study's key. The kernel does not apply
        # RLIMIT_NPROC to root.
        ("RLIMIT_CORE", 0),
        ("RLIMIT_AS", limits.memory_bytes),
        ("RLIMIT_FSIZE", limits.output_bytes),
        ("RLIMIT_NOFILE", OPEN_FILES),
        ("RLIMIT_NPROC", 0),
    ):
        # A stricter limit that is already set cannot be raised, and need not be.
        with contextlib.suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), (limit, limit))
    with contextlib.suppress(OSError):  # when memory runs out, the kernel ends a sandbox first
        Path("/proc/self/oom_score_adj").write_text("1000")


def limit_next_job(limits: Limits) -> None:
    """Have the kernel end this process if its next job uses too much processor time."""
    if resource is None:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    # CPU time accumulates over all jobs of a process.
    # One second more, because int rounds the time used so far down. The hard limit stays infinite,
    # so that the soft one can be raised again for the next job; exceeding it ends the process
    # (SIGXCPU).
    soft = int(usage.ru_utime + usage.ru_stime) + 1 + limits.cpu_s
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def peak_resident_bytes() -> int:
    """Return the highest resident memory that this process has reached, in bytes.

    getrusage would not do: its figure survives exec, so a sandbox that a large web process starts
    begins with that process's peak and would be replaced after every job.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return 1024 * int(status.split("VmHWM:")[1].split()[0])
    except (OSError, IndexError, ValueError):
        return 0


def end_with_parent(lifeline: socket.socket) -> None:
    """Have the kernel end this process when the other end of the lifeline closes.

    SIGIO, which ends a process by default, works even while a decoder is busy. Nothing is ever sent
    through the lifeline.
    """
    if fcntl is None:
        return
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | fcntl.FASYNC)
