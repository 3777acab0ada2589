"""Run jobs in a sandbox process, one after another, until the caller closes the channel.

    python -m inference.sandbox.child CHANNEL LIFELINE MODULE LIMITS

CHANNEL and LIFELINE are inherited sockets, MODULE defines the tasks as ``TASKS``, and LIMITS are
the fields of `inference.sandbox.limits.Limits` as JSON.
"""

from __future__ import annotations

import errno
import json
import os
import select
import socket
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from inference.sandbox.job import Job, Refusal, Task, begin_job, enter_sandbox
from inference.sandbox.limits import (
    Limits,
    end_with_parent,
    limit_next_job,
    limit_this_process,
    peak_resident_bytes,
)
from inference.sandbox.messages import BrokenChannel, receive_with_files, send


def serve(channel: socket.socket, tasks: Mapping[str, Task], limits: Limits) -> None:
    """Run jobs until the channel closes, the process was idle too long, or it must be replaced."""
    for number in range(1, limits.jobs + 1):
        # Idle sandboxes end by themselves, so that a server without uploads needs no memory for
        # them.
        if not select.select([channel], [], [], limits.idle_s)[0]:
            return
        message, files = receive_with_files(channel)
        source, output = files
        # Before "started": from that message on, the caller blames the file for the end of the
        # process.
        limit_next_job(limits)
        send(channel, {"event": "started"})
        try:
            answer = _run(channel, tasks[message["task"]], message["request"], source, output)
        finally:
            # Left open, it would add up: a process may have 64 files open, and runs up to 200 jobs.
            os.close(output)
        # Fresh processes bound the effect of memory leaks in decoders.
        last = number == limits.jobs or peak_resident_bytes() > limits.retire_bytes
        send(channel, {**answer, "last": last})
        if last:
            return


def _run(
    channel: socket.socket, task: Task, request: dict[str, Any], source: int, output: int
) -> dict[str, Any]:
    """Run one job and return its last message."""

    def report_stage(name: str, facts: dict[str, Any]) -> None:
        send(channel, {"event": "stage", "stage": name, "facts": facts})

    with os.fdopen(source, "rb") as file:
        job = Job(request, file, output, report_stage)
        begin_job(job)
        try:
            values = task(job)
        except Refusal as refusal:
            parts = {"code": refusal.code, "text": refusal.text, "detail": refusal.detail}
            return {"event": "refused", **parts}
        except MemoryError:
            return {"event": "failed", "reason": "memory"}
        except BrokenChannel:
            raise
        except Exception as error:
            full = isinstance(error, OSError) and error.errno == errno.EFBIG
            # EFBIG is what writing beyond RLIMIT_FSIZE raises, since Python ignores SIGXFSZ.
            reason = "output" if full else "error"
            return {"event": "failed", "reason": reason, "kind": type(error).__name__}
    return {"event": "answered", "values": values, "sizes": job.sizes}


def main() -> None:
    """Serve jobs of the process that started this one."""
    channel, lifeline = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    limits = Limits(**json.loads(sys.argv[4]))
    end_with_parent(lifeline)
    tasks: Mapping[str, Task] = import_module(sys.argv[3]).TASKS
    # Tasks are imported before the limits apply: imports need files and memory.
    enter_sandbox()
    limit_this_process(limits)
    try:
        serve(channel, tasks, limits)
    except BrokenChannel:
        return


if __name__ == "__main__":
    main()
