from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import Running

Start = Callable[..., Running]


@pytest.fixture
def start(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Start]:
    """Start processes with these variables; they are killed at the end."""
    started: list[Running] = []

    def make(**environment: str) -> Running:
        started.append(Running(settings, tmp_path, **environment))
        return started[-1]

    yield make
    # All are killed before one is waited for: they share the test's database.
    for running in started:
        running.kill()
    for running in started:
        running.stop()
