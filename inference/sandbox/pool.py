"""Keep a few sandbox processes ready that the threads of one process share."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from typing import IO, Any

from inference.sandbox.files import anonymous_file, open_descriptor
from inference.sandbox.job import Refusal
from inference.sandbox.limits import Limits
from inference.sandbox.process import NotStarted, SandboxFailed, SandboxProcess

STARTS = 3
"""Processes that are tried for one job before giving up."""
PIECE_BYTES = 1 << 20
"""Bytes of an answer that are read at a time."""
WAIT_S = 120.0
"""Longest wait for a free process, in seconds."""


class SandboxBusy(Exception):
    """All sandbox processes were busy for `WAIT_S`; the job can be repeated later."""


class SandboxBroken(Exception):
    """No sandbox process could be started."""


class Answer:
    """The answer of a job, from a process that parsed untrusted bytes: check every value.

    Attributes
    ----------
    values
        JSON values; check them with `inference.sandbox.values.Values`.
    """

    def __init__(self, values: dict[str, Any], file: IO[bytes], sizes: list[int]) -> None:
        self.values = values
        self._file = file
        self._sizes = sizes

    def __len__(self) -> int:
        return len(self._sizes)

    def start(self, number: int, size: int) -> bytes:
        """Return the first `size` bytes of a part."""
        # pread leaves the shared position alone, so that parts can be read in any order.
        return os.pread(self._file.fileno(), size, sum(self._sizes[:number]))

    def part(self, number: int) -> bytes:
        """Return one part of the job's output.

        Raises
        ------
        ValueError
            If there is no such part, or the output is shorter than announced.
        """
        pieces = list(self._read(number, self.size(number)))
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def pieces(self, number: int) -> Iterator[bytes]:
        """Yield one part in pieces of at most `PIECE_BYTES`; raises ValueError as `part` does."""
        return self._read(number, PIECE_BYTES)

    def size(self, number: int) -> int:
        """Return the bytes of one part; raises ValueError if there is no such part."""
        if not 0 <= number < len(self._sizes):
            raise ValueError("The sandbox wrote fewer parts.")
        return self._sizes[number]

    def fill(self, number: int, target: memoryview) -> None:
        """Read one part into memory of exactly its size.

        Raises
        ------
        ValueError
            If the size differs, or as `part` does.
        """
        if target.nbytes != self.size(number):
            raise ValueError("The sandbox wrote a part of another size.")
        at = 0
        for piece in self.pieces(number):
            target[at : at + len(piece)] = piece
            at += len(piece)

    def _read(self, number: int, most: int) -> Iterator[bytes]:
        left, at = self.size(number), sum(self._sizes[:number])
        while left:
            piece = os.pread(self._file.fileno(), min(most, left), at)
            if not piece:
                raise ValueError("The sandbox wrote fewer bytes than it announced.")
            yield piece
            left, at = left - len(piece), at + len(piece)


class Pool:
    """At most `size` sandbox processes, started on demand and reused.

    A process that exceeded a limit or ended is replaced. The pool is thread-safe; after a fork, the
    child starts with an empty pool.
    """

    def __init__(
        self, tasks: str, *, limits: Limits | None = None, size: int = 2, wait_s: float = WAIT_S
    ) -> None:
        self.tasks = tasks
        self.limits = limits or Limits()
        self.size = size
        self.wait_s = wait_s
        self._reset()
        _POOLS.add(self)

    def _reset(self) -> None:
        self._free = threading.BoundedSemaphore(self.size)
        self._lock = threading.Lock()
        self._idle: list[SandboxProcess] = []
        self._all: set[SandboxProcess] = set()

    def run(self, task: str, request: dict[str, Any], source: bytes | IO[bytes]) -> Answer:
        """Run a task of the pool's module on a file and return its answer.

        Raises
        ------
        Refusal
            The task rejected the file; code and texts come from the sandbox.
        SandboxFailed
            The job exceeded a limit, or its process ended.
        SandboxBusy, SandboxBroken
            No process was free in time, or none could be started.
        """
        # The semaphore bounds the memory of all sandboxes together.
        if not self._free.acquire(timeout=self.wait_s):
            raise SandboxBusy
        try:
            with open_descriptor(source) as source_descriptor:
                return self._run(task, request, source_descriptor)
        finally:
            self._free.release()

    def _run(self, task: str, request: dict[str, Any], source: int) -> Answer:
        for _ in range(STARTS):
            process = self._take_process()
            with anonymous_file() as output:
                try:
                    message, last = process.run(task, request, source, output.fileno())
                    # The answer stays readable after the context closes the output file.
                    descriptor = os.dup(output.fileno())
                except NotStarted:
                    self._drop(process)
                    continue
                except BaseException:  # the state of the process is unknown
                    self._drop(process)
                    raise
            if last:
                self._drop(process)
            else:
                with self._lock:
                    self._idle.append(process)
            return _answer(message, os.fdopen(descriptor, "rb", buffering=0))
        raise SandboxBroken

    def _take_process(self) -> SandboxProcess:
        """Return an idle process, or start one; the semaphore limits their number."""
        while True:
            with self._lock:
                # The most recently used process is taken, so that surplus ones become idle and end.
                process = self._idle.pop() if self._idle else None
            if process is None:
                process = SandboxProcess(self.tasks, self.limits)
                with self._lock:
                    self._all.add(process)
                return process
            if process.usable:
                return process
            self._drop(process)

    def _drop(self, process: SandboxProcess) -> None:
        process.kill()
        with self._lock:
            self._all.discard(process)

    def pids(self) -> list[int]:
        """Return the identifiers of this pool's processes, busy or idle."""
        with self._lock:
            return [process.pid for process in self._all]

    def close(self) -> None:
        """Stop the idle processes."""
        while True:
            with self._lock:
                if not self._idle:
                    return
                process = self._idle.pop()
            self._drop(process)

    def reset_after_fork(self) -> None:
        """Start with an empty pool in a fork, whose parent owns the processes."""
        for process in self._all:
            process.abandon()
        self._reset()


_POOLS: weakref.WeakSet[Pool] = weakref.WeakSet()


def _reset_all_after_fork() -> None:
    for pool in list(_POOLS):
        pool.reset_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all_after_fork)


def _answer(message: dict[str, Any], file: IO[bytes]) -> Answer:
    """Return the answer in a message after checking its form; raise Refusal or SandboxFailed."""
    if message["event"] == "refused":
        file.close()
        texts = [str(message.get(name, "")) for name in ("code", "text", "detail")]
        raise Refusal(*texts)
    values, sizes = message.get("values"), message.get("sizes")
    # The announced sizes must add up to what was really written; otherwise a part would be cut.
    written = os.fstat(file.fileno()).st_size
    valid = isinstance(values, dict) and isinstance(sizes, list)
    if not (
        valid
        # type() instead of isinstance: JSON's true is an int in Python.
        and all(type(size) is int and size >= 0 for size in sizes or ())
        and sum(sizes or ()) == written
    ):
        file.close()
        raise SandboxFailed("died", "answer", {})
    return Answer(values or {}, file, sizes or [])
