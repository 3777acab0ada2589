"""Control one sandbox process from the process that started it."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from inference.sandbox.limits import Limits
from inference.sandbox.messages import BrokenChannel, receive, send

Reason = Literal["memory", "time", "output", "died", "error"]

MAX_MESSAGES = 20
"""Messages that one job may send."""
WORD = re.compile(r"[A-Za-z]{1,40}")
ROOT = Path(__file__).resolve().parents[2]
# One thread and one malloc arena keep the address space small enough for its limit.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
INHERITED_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT")
"""Environment variables that a sandbox inherits; all others may contain secrets."""


class SandboxFailed(Exception):
    """A job exceeded a limit, or its process ended; the process is not reused.

    Attributes
    ----------
    reason
        "memory", "time", "output", "died", or "error" (an exception in the task).
    stage, facts
        Last stage that the job reported, and the facts of all stages.
    kind
        Class of the exception, for "error".
    """

    def __init__(self, reason: Reason, stage: str, facts: dict[str, Any], kind: str = "") -> None:
        super().__init__(f"{reason} in stage {stage or 'start'} {kind}".strip())
        self.reason = reason
        self.stage = stage
        self.facts = facts
        self.kind = kind


class NotStarted(Exception):
    """The process ended before it started the job, so another process can run it."""


class SandboxProcess:
    """A process that is ready to run one job at a time.

    It is a new interpreter, never a fork, because the parent has threads.
    """

    def __init__(self, tasks: str, limits: Limits) -> None:
        self.limits = limits
        # Sockets rather than pipes, because only sockets pass descriptors of files.
        self._channel, channel = socket.socketpair()
        self._lifeline, lifeline = socket.socketpair()
        with channel, lifeline:
            numbers = [channel.fileno(), lifeline.fileno()]
            program = [sys.executable, "-m", "inference.sandbox.child", *map(str, numbers), tasks]
            self._process = subprocess.Popen(
                [*program, json.dumps(asdict(limits))],
                stdin=subprocess.DEVNULL,
                # Messages of decoders may quote the file, so they reach no log.
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=numbers,
                cwd=ROOT,
                env={
                    **ONE_THREAD,
                    **{
                        name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ
                    },
                },
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Whether the process waits for a job; unexpected output or its end makes it unusable."""
        return not select.select([self._channel], [], [], 0)[0]

    def run(
        self, task: str, request: dict[str, Any], source: int, output: int
    ) -> tuple[dict[str, Any], bool]:
        """Run a job and return its last message, and whether the process ends afterwards.

        Raises
        ------
        NotStarted, SandboxFailed, BrokenChannel
            The process must not be reused.
        """
        deadline = time.monotonic() + self.limits.wall_s
        started, stage = False, ""
        facts: dict[str, Any] = {}
        try:
            self._channel.settimeout(self.limits.wall_s)
            send(self._channel, {"task": task, "request": request}, [source, output])
            # A compromised job could otherwise send messages without end.
            for _ in range(MAX_MESSAGES):
                message = receive(self._channel, deadline)
                match message.get("event"):
                    case "started":
                        started = True
                    case "stage":
                        stage = _name(message.get("stage"))
                        facts |= _dictionary(message.get("facts"))
                    case "answered" | "refused":
                        # Anything but an explicit False retires the process: if unclear, it is
                        # not reused.
                        return message, message.get("last") is not False
                    case "failed":
                        raise SandboxFailed(*_failure(message, stage, facts))
                    case _:
                        break
            raise SandboxFailed("died", stage, facts)
        except TimeoutError as error:
            raise SandboxFailed("time", stage, facts) from error
        except BrokenChannel as error:
            # Before the job started, the file cannot be the cause.
            if not started:
                raise NotStarted from error
            raise SandboxFailed(self._failure_reason(), stage, facts) from error

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()
        self.abandon()
        # Without waiting, the process would remain as a zombie.
        self._process.wait()

    def abandon(self) -> None:
        """Close this side of the connection, also in a fork that does not own the process."""
        self._channel.close()
        self._lifeline.close()

    def _failure_reason(self) -> Reason:
        """Return "time" if the kernel ended the process at its CPU limit, otherwise "died"."""
        self._process.kill()
        over_time = getattr(signal, "SIGXCPU", None)
        return "time" if over_time and self._process.wait() == -over_time else "died"


def _name(value: Any) -> str:
    """Return a value if it is a single word, which may be logged safely, otherwise ""."""
    return value if isinstance(value, str) and WORD.fullmatch(value) else ""


def _dictionary(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _failure(
    message: dict[str, Any], stage: str, facts: dict[str, Any]
) -> tuple[Reason, str, dict[str, Any], str]:
    """Return the arguments of SandboxFailed; the message itself is not trusted."""
    value = message.get("reason")
    reason: Reason = value if value in ("memory", "output", "error") else "died"
    return reason, stage, facts, _name(message.get("kind"))
