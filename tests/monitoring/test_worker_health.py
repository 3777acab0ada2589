"""The health check of a worker's container."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studies.celery import touch_heartbeat_file
from studies.monitoring.worker_health import HEARTBEAT_LIMIT_SECONDS, main, problem_of


@pytest.fixture
def broker_url() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://:secret@127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def absent_broker_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"redis://:secret@127.0.0.1:{port}/0"


def make_old(path: Path) -> None:
    path.touch()
    then = time.time() - HEARTBEAT_LIMIT_SECONDS - 1
    os.utime(path, (then, then))


def test_worker_with_fresh_heartbeat_is_healthy(
    settings: Any, tmp_path: Path, broker_url: str
) -> None:
    settings.HEARTBEAT_FILE = str(tmp_path / "heartbeat")
    touch_heartbeat_file()
    assert problem_of(tmp_path / "heartbeat", broker_url) == ""


def test_worker_without_heartbeat_is_unhealthy_while_the_broker_answers(
    tmp_path: Path, broker_url: str
) -> None:
    assert "since it started" in problem_of(tmp_path / "heartbeat", broker_url)
    make_old(tmp_path / "heartbeat")
    assert "seconds ago" in problem_of(tmp_path / "heartbeat", broker_url)


def test_worker_is_not_restarted_because_the_broker_is_away(
    tmp_path: Path, absent_broker_url: str
) -> None:
    assert problem_of(tmp_path / "heartbeat", absent_broker_url) == ""
    make_old(tmp_path / "heartbeat")
    assert problem_of(tmp_path / "heartbeat", absent_broker_url) == ""


def test_exit_status_is_what_docker_and_kubernetes_expect(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, broker_url: str
) -> None:
    monkeypatch.delenv("VERTEREAD_HEARTBEAT_FILE", raising=False)
    assert main() == 2
    monkeypatch.setenv("VERTEREAD_HEARTBEAT_FILE", str(tmp_path / "heartbeat"))
    monkeypatch.setenv("CELERY_BROKER_URL", broker_url)
    assert main() == 1
    (tmp_path / "heartbeat").touch()
    assert main() == 0


def test_heartbeat_leaves_no_file_where_none_is_configured(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working_folder = tmp_path / "working"
    working_folder.mkdir()
    monkeypatch.chdir(working_folder)
    settings.HEARTBEAT_FILE = ""
    touch_heartbeat_file()
    assert not list(working_folder.iterdir())
