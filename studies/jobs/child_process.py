"""Child processes for work that needs much memory, which is freed when they end.

``python -m studies.jobs.child_process module:function pk`` is such a process: a new interpreter
instead of a fork, because the worker has threads and may have loaded libraries that do not survive
a fork. It shares the worker's process group and exits when the worker is gone. Unfinished work is
requeued like that of a killed worker (`studies.jobs.requeue`).
"""

from __future__ import annotations

import importlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from threading import Thread
from types import FrameType

import django
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

logger = logging.getLogger(__name__)
# Celery raises its soft limit in the worker, which has to pass it on to the process that works.
SOFT_LIMIT_SIGNAL = signal.SIGUSR1
STANDARD_INPUT = 0


def run_in_child_process(work: Callable[[str], object], pk: str) -> None:
    """Run a module's function in a child process and wait until it ends.

    Celery's soft time limit is passed on to the child, where the work then fails with its reason.

    Parameters
    ----------
    work
        A function at the top level of a module, which gets ``pk``.
    """
    if not settings.RUN_IN_CHILD_PROCESS:
        work(pk)
        return
    name = f"{work.__module__}:{work.__qualname__}"
    command = [sys.executable, "-m", "studies.jobs.child_process", name, pk]
    # Nothing is written to standard input: its end tells the child that the worker is gone.
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE) as process:
        try:
            process.wait()
        except SoftTimeLimitExceeded:
            process.send_signal(SOFT_LIMIT_SIGNAL)
            process.wait()
        # The worker is being stopped, or was told to abort: the work is requeued and repeated.
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        logger.warning("%s %s ended with %s", name, pk, process.returncode)


def main(name: str, pk: str) -> None:
    """Run the function in the process that `run_in_child_process` started."""
    signal.signal(SOFT_LIMIT_SIGNAL, _raise_soft_limit)
    Thread(target=_exit_with_worker, daemon=True).start()
    django.setup()
    module, _, function = name.partition(":")
    getattr(importlib.import_module(module), function)(pk)


def _raise_soft_limit(number: int, frame: FrameType | None) -> None:
    raise SoftTimeLimitExceeded


def _exit_with_worker() -> None:
    """Exit when the worker is gone: only the worker holds the other end of standard input."""
    # Not through sys.stdin, whose lock this thread would hold when the interpreter shuts down.
    while os.read(STANDARD_INPUT, 1024):
        pass
    # sys.exit would end this thread only.
    os._exit(1)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")
    main(*sys.argv[1:])
