"""Parallel test processes: the distribution of files, and the services of each process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection

from studies.celery import app
from tests import side_by_side

ROOT = Path(__file__).resolve().parents[1]
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "")


def test_files_that_are_dealt_first_or_together_exist():
    starts = [start for group in side_by_side.TOGETHER.values() for start in group]
    for path in (*side_by_side.LONGEST, *starts):
        assert (ROOT / path).exists(), f"{path} was renamed: name it anew in side_by_side.py"


def test_each_process_uses_another_database_of_the_broker(monkeypatch, settings):
    settings.CACHES = {"default": dict(settings.CACHES["default"])}
    for given in ("redis://:secret@127.0.0.1:5/0", "redis://:secret@127.0.0.1:5"):
        monkeypatch.setenv("CELERY_BROKER_URL", given)
        settings.CELERY_BROKER_URL = given
        side_by_side._use_broker(3)
        url = "redis://:secret@127.0.0.1:5/3"
        assert os.environ["CELERY_BROKER_URL"] == settings.CELERY_BROKER_URL == url
        assert settings.CACHES["default"]["LOCATION"] == url


@pytest.mark.skipif(not PROCESS, reason="one process has everything to itself: -n 2")
def test_queue_and_cache_are_those_of_this_process(settings):
    if not settings.CELERY_BROKER_URL:
        pytest.skip("needs a broker: python -m tools.local run --throwaway -- pytest")
    number = int(PROCESS.removeprefix("gw"))
    assert cache._cache.get_client().connection_pool.connection_kwargs["db"] == number
    assert app.connection_for_write().as_uri().endswith(f"/{number}")


@pytest.mark.django_db
@pytest.mark.skipif(not PROCESS, reason="one process has everything to itself: -n 2")
def test_database_of_this_process_is_a_copy_of_the_one_that_was_migrated():
    name = connection.settings_dict["NAME"]
    migrated, _, process = name.rpartition("_")
    assert process == PROCESS
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        assert {migrated, name} <= {row[0] for row in cursor.fetchall()}
