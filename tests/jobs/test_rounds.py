"""Regular work is done once per interval, whichever worker is first."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from studies.jobs import rounds
from studies.jobs.rounds import register_round, run_due_rounds


@pytest.fixture
def own_rounds(monkeypatch: Any, settings: Any) -> None:
    monkeypatch.setattr(rounds, "ROUNDS", {})
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(uuid4())}}


def test_round_is_run_by_the_first_worker_only(own_rounds):
    runs: list[int] = []
    register_round("count", lambda: runs.append(1))
    assert run_due_rounds() == ["count"]
    assert run_due_rounds() == []
    assert runs == [1]


def test_round_that_fails_does_not_prevent_the_others(own_rounds):
    def fail() -> None:
        raise ValueError

    register_round("fail", fail)
    register_round("count", lambda: None)
    assert run_due_rounds() == ["count"]
