from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tools.local.secrets import Secrets, load_secrets
from tools.local.workspace import Workspace, temporary_workspace

CHECKOUT = Path(__file__).resolve().parents[3]
PATIENCE_S = 120


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with temporary_workspace(CHECKOUT) as temporary:
        yield temporary


@pytest.fixture
def careful(workspace: Workspace) -> Workspace:
    """Return the workspace for servers that write to disk, as those of `make demo` do."""
    return replace(workspace, throwaway=False)


@pytest.fixture
def secrets(workspace: Workspace) -> Secrets:
    return load_secrets(workspace.var)


@pytest.fixture
def checkout() -> Path:
    return CHECKOUT


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Return a function that waits until a condition is true."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "the condition was not met in time"
            time.sleep(0.05)

    return wait
