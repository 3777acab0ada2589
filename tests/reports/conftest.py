"""Studies that were read, and those of which the bootstrap may be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from studies.celery import app
from tests.make import Cast
from tests.reports.played import lock, submit_everything


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
    """The keys of the runs that were queued; no worker takes them."""
    pks: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **options: pks.extend(args))
    return pks
