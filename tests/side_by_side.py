"""Several processes of pytest-xdist beside each other, as `make test` starts them.

pytest-django gives each process its own database; here each also gets its own queues and cache.
Test files are distributed as a whole, so that the fixtures of a module are set up only once, and
the longest ones first, so that all processes end at about the same time.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from xdist.scheduler import LoadFileScheduling

# Files and folders.
LONGEST = (
    "tests/inference/cli/test_train.py",
    "tests/security/test_odd_requests.py",
    "tests/security/test_odd_queries_and_forms.py",
    "tests/test_access.py",
    "tests/browser/",
    "tests/hostile/test_corpus.py",
    "tests/upgrade/",
    "tests/inference/runtime/",
    "tests/analytics/test_cli.py",
    "tests/serving/",
    "tests/cases/landmarks/test_export_training.py",
    "tests/processes/",
    "tests/openapi/test_generated_requests.py",
)
# Their server, or what they compute, is needed once.
TOGETHER = {
    "tests/object_storage": ("tests/object_storage/",),
    "seeded network": (
        "tests/inference/network/vertenet/test_reference.py",
        "tests/inference/bench/",
    ),
}
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", {}).get("workerid")
    if worker and settings.CELERY_BROKER_URL:
        _use_broker(int(worker.removeprefix("gw")))
    elif config.getoption("numprocesses", None):
        # The processes inherit these, and so do those that tests start.
        for name in ONE_THREAD:
            os.environ.setdefault(name, "1")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave the modules and tests out of all searches for garbage: they stay to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three processes on two processors: 40 % of a test run is waiting for servers and browsers."""
    processors = len(os.sched_getaffinity(0))
    return processors + processors // 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    return LongestFirst(config, log) if config.getvalue("dist") == "loadfile" else None


class LongestFirst(LoadFileScheduling):
    """Distributes files, and those that belong together to one process."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        groups = (name for name, starts in TOGETHER.items() if path.startswith(starts))
        return next(groups, path)

    def _assign_work_unit(self, node: Any) -> None:
        waiting = (path for start in LONGEST for path in self.workqueue if path.startswith(start))
        if longest := next(waiting, None):
            self.workqueue.move_to_end(longest, last=False)
        super()._assign_work_unit(node)


def _use_broker(database: int) -> None:
    """Queue and cache in this database of Valkey, in this process and in those that it starts."""
    address = urlsplit(settings.CELERY_BROKER_URL)._replace(path=f"/{database}").geturl()
    os.environ["CELERY_BROKER_URL"] = settings.CELERY_BROKER_URL = address
    settings.CACHES["default"]["LOCATION"] = address
