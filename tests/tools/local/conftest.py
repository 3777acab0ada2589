from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tools.local.data_folder import Place, throwaway_place
from tools.local.secrets import Secrets, load

CLONE = Path(__file__).resolve().parents[3]
PATIENCE_S = 120


@pytest.fixture
def place() -> Iterator[Place]:
    with throwaway_place(CLONE) as made:
        yield made


@pytest.fixture
def careful(place: Place) -> Place:
    """The same place with servers that write to the disk, as those of `make demo` do."""
    return replace(place, throwaway=False)


@pytest.fixture
def secrets(place: Place) -> Secrets:
    return load(place.var)


@pytest.fixture
def clone() -> Path:
    return CLONE


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait, generously, until something holds."""

    def wait(holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.05)

    return wait
