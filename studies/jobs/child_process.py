"""Run work that needs much memory in a process of its own, which returns the memory when it ends.

``python -m studies.jobs.child_process module:function pk`` is that process. It is a fresh
interpreter, not
a fork: the worker has threads, and may have loaded libraries that do not survive a fork. It shares
the worker's process group and exits when the worker is gone. What it could not finish is found
stale and queued again, like the work of a worker that was killed (`studies.jobs.requeue`).
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
TIME_IS_UP = signal.SIGUSR1


def run_in_child_process(work: Callable[[str], object], pk: str) -> None:
    """Run a function of a module in a process of its own and wait for its end.

    Celery's soft time limit is passed on to the process, whose work fails with its own reason.
    """
    if not settings.RUN_IN_CHILD_PROCESS:
        work(pk)
        return
    name = f"{work.__module__}:{work.__qualname__}"
    command = [sys.executable, "-m", "studies.jobs.child_process", name, pk]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE) as process:
        try:
            process.wait()
        except SoftTimeLimitExceeded:
            process.send_signal(TIME_IS_UP)
            process.wait()
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        logger.warning("%s %s ended with %s", name, pk, process.returncode)


def main(name: str, pk: str) -> None:
    """Do the work as the process that `run_in_child_process` started."""
    signal.signal(TIME_IS_UP, _time_is_up)
    Thread(target=_exit_with_worker, daemon=True).start()
    django.setup()
    module, _, function = name.partition(":")
    getattr(importlib.import_module(module), function)(pk)


def _time_is_up(number: int, frame: FrameType | None) -> None:
    raise SoftTimeLimitExceeded


def _exit_with_worker() -> None:
    """End at once when the worker is gone: it alone holds the other end of the input."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")
    main(*sys.argv[1:])
