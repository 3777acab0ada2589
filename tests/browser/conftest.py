"""Chromium and a running server for the browser tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.make import make_user
from tests.running import BASE, Running
from tools import ports

BROWSERS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT_MS = 120_000


def _skip_or_fail(reason: str) -> None:
    """Skip with a visible message; fail in CI, where skipped tests go unnoticed."""
    message = f"THE BROWSER TEST WAS NOT RUN: {reason}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def chromium() -> str:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        _skip_or_fail("Chromium or Chrome is missing. On Debian, as root: apt-get install chromium")
    if not (BASE / "frontend" / "dist" / "manifest.json").exists():
        _skip_or_fail("the scripts have not been built. Run: make setup")
    return str(path)


@pytest.fixture
def server(running: Running) -> str:
    """Start a web server on the test's database; return the address.

    Cases are analysed and reports made only with the fixture `worker`.

    The account of a coordinator is created here: once the browser runs, its event loop keeps this
    thread from using the database.
    """
    make_user("clara", may_create_studies=True)
    port = ports.saved_port(running.logs / "port")
    running.web(port)
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def worker(running: Running) -> None:
    """Start a worker, which takes as much processor time as the rest of a browser test."""
    running.worker()


@pytest.fixture
def running(
    chromium: str, transactional_db: None, settings: Any, tmp_path: Path
) -> Iterator[Running]:
    """Start processes on the test's database, and stop them after the test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
    port = ports.saved_port(tmp_path / "port")
    running = Running(settings, tmp_path, VERTEREAD_BASE_URL=f"http://127.0.0.1:{port}")
    yield running
    running.stop()
    print(running.last_words())  # noqa: T201


@pytest.fixture
def browser(server: str, chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()
