"""Studies with submitted readings, before and after the lock."""

from __future__ import annotations

from typing import Any

import pytest

from studies.celery import app
from tests.make import Cast
from tests.reports.submitted_study import lock, submit_everything


@pytest.fixture
def read(cast: Cast) -> Cast:
    cast.assign_cases(6)
    submit_everything(cast)
    return cast


@pytest.fixture
def locked(read: Cast) -> Cast:
    lock(read)
    return read


@pytest.fixture
def queued(monkeypatch: Any) -> list[str]:
    """Return the keys of queued runs, which no worker processes."""
    pks: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **options: pks.extend(args))
    return pks
