"""Checks that may hang, run in a thread so that callers do not hang with them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")


class TimedCheck(Generic[Result]):
    """A check that runs in a thread, at most once at a time.

    Callers wait for the future with a timeout. While a run hangs, later callers share it, so that
    repeated probes do not accumulate threads or connections.
    """

    def __init__(self, check: Callable[[], Result]) -> None:
        self._check = check
        self._lock = threading.Lock()
        self._running: Future[Result] | None = None

    def start(self) -> Future[Result]:
        """Return the future of the run in progress, or of a new one."""
        with self._lock:
            # A hanging check is not started again with every probe, or threads would accumulate.
            if self._running is None or self._running.done():
                self._running = Future()
                # A daemon thread, because a hanging check must not keep the process from ending.
                threading.Thread(target=self._run, args=(self._running,), daemon=True).start()
            return self._running

    def _run(self, future: Future[Result]) -> None:
        try:
            future.set_result(self._check())
        except BaseException as error:
            future.set_exception(error)
