"""Run a check that may hang without hanging with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")


class TimedCheck(Generic[Result]):
    """A check in a thread, running at most once at a time.

    Callers wait for the future as long as they like. While one run hangs, the next callers share
    it, so that repeated probes neither pile up threads nor connections.
    """

    def __init__(self, check: Callable[[], Result]) -> None:
        self._check = check
        self._lock = threading.Lock()
        self._running: Future[Result] | None = None

    def start(self) -> Future[Result]:
        """Return the run that is in progress, or start one."""
        with self._lock:
            if self._running is None or self._running.done():
                self._running = Future()
                # A daemon: a check that hangs must not keep the process from ending.
                threading.Thread(target=self._run, args=(self._running,), daemon=True).start()
            return self._running

    def _run(self, future: Future[Result]) -> None:
        try:
            future.set_result(self._check())
        except BaseException as error:
            future.set_exception(error)
