"""Several processes of pytest-xdist beside each other, as `make test` starts them.

Each process gets its own queues and cache, and its own copy of a database that is migrated once.
Test files are distributed as a whole, so that the fixtures of a module are set up only once, and
the longest ones first, so that all processes end at about the same time.
"""

from __future__ import annotations

import fcntl
import gc
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
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


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    django_test_environment: None,
    django_db_blocker: Any,
) -> Iterator[None]:
    """Create a test database; several processes copy one, because migrating takes far longer."""
    worker = getattr(request.config, "workerinput", {}).get("workerid")
    if not worker or request.config.getoption("reuse_db"):
        request.getfixturevalue("django_db_setup")  # of pytest-django
        yield
        return
    users = tmp_path_factory.getbasetemp().parent / "database_users"
    former = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        with only_process(users):
            use_copy_of_database(users / worker)
        yield
        with only_process(users):
            drop_copy_of_database(users / worker, former)


@contextmanager
def only_process(folder: Path) -> Iterator[None]:
    """Wait until no other process is in this block with the same folder, which then exists."""
    folder.mkdir(exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def use_copy_of_database(user: Path) -> None:
    """Connect to this process's copy of the migrated database, which the first user creates."""
    creation = connection.creation
    if any(user.parent.iterdir()):
        connection.close()
        connection.settings_dict["NAME"] = creation._get_test_db_name()
    else:
        creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    user.touch()
    creation.clone_test_db(user.name, verbosity=0)
    creation.setup_worker_connection(user.name)


def drop_copy_of_database(user: Path, former: str) -> None:
    """Drop the copy of this process; the last user also drops the migrated database."""
    names = [connection.settings_dict["NAME"]]
    connection.close()
    connection.settings_dict["NAME"] = former
    user.unlink()
    if not any(user.parent.iterdir()):
        names.append(connection.creation._get_test_db_name())
    with connection._nodb_cursor() as cursor:
        for name in names:
            # Sessions of this role only: FORCE would be refused while autovacuum, which belongs to
            # another role, is at work. Dropping stops autovacuum by itself.
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()",
                [name],
            )
            cursor.execute(f'DROP DATABASE "{name}"')


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
