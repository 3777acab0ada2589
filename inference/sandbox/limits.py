"""What a sandbox process may use."""

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
except ImportError:  # Windows has neither: there the time limit alone holds
    fcntl = resource = None  # type: ignore[assignment]

MIB = 2**20
OPEN_FILES = 64


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
        Time per job by the clock, in seconds, with the start of the process.
    output_bytes
        Everything that a job may write.
    jobs
        Jobs after which a process is replaced.
    retire_bytes
        A process that ever used more resident memory than this is replaced after its job.
    idle_s
        A process without a job for so long ends.
    """

    memory_bytes: int = 1024 * MIB
    cpu_s: int = 60
    wall_s: float = 180.0
    output_bytes: int = 256 * MIB
    jobs: int = 200
    retire_bytes: int = 300 * MIB
    idle_s: float = 300.0


def limit_this_process(limits: Limits) -> None:
    """Limit memory, output, open files, and forbid new processes and core files for good."""
    if resource is None:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a server ends its jobs after Ctrl-C
    for name, most in (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_AS", limits.memory_bytes),
        ("RLIMIT_FSIZE", limits.output_bytes),
        ("RLIMIT_NOFILE", OPEN_FILES),
        ("RLIMIT_NPROC", 0),
    ):
        with contextlib.suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), (most, most))
    with contextlib.suppress(OSError):  # where memory runs out, the kernel ends a sandbox first
        Path("/proc/self/oom_score_adj").write_text("1000")


def limit_next_job(limits: Limits) -> None:
    """Have the kernel end this process when its next job uses too much processor time."""
    if resource is None:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime) + 1 + limits.cpu_s
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def peak_resident_bytes() -> int:
    """The most resident memory that this process ever had."""
    if resource is None:
        return 0
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * 1024


def end_with_parent(lifeline: socket.socket) -> None:
    """Have the kernel end this process when the other end of the lifeline closes.

    SIGIO, which ends a process by default, needs no cooperation of a decoder in the middle of its
    work. Nothing is ever sent through the lifeline.
    """
    if fcntl is None:
        return
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | fcntl.FASYNC)
