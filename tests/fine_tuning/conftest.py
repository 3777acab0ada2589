"""A fine-tuning run, and the tasks that were queued."""

from __future__ import annotations

from typing import Any

import pytest

from studies.fine_tuning.models import FineTuningRun
from tests.fine_tuning.corrected_cases import make_corrected_cases
from tests.fine_tuning.requests import ask


@pytest.fixture
def queued(monkeypatch: Any) -> list[tuple[str, str]]:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "studies.fine_tuning.queueing.send", lambda task, pk: sent.append((task, str(pk))) or True
    )
    return sent


@pytest.fixture
def run(cast) -> FineTuningRun:
    make_corrected_cases(cast.study, cast.site, 5)
    return ask(cast)
