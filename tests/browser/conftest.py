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
from tools.local import ports

BROWSERS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 120_000


def _missing(what: str) -> None:
    """Skip, loudly in the summary; where nobody reads that, fail."""
    sentence = f"THE BROWSER TEST WAS NOT RUN: {what}"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def chromium() -> str:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        _missing("there is no Chromium or Chrome; on Debian, as root: apt-get install chromium")
    if not (BASE / "frontend" / "dist" / "manifest.json").exists():
        _missing("the viewer is not built; make setup")
    return str(path)


@pytest.fixture
def server(chromium: str, transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[str]:
    """The address of a web server with a worker beside it, on the test's database.

    There is one account, a coordinator's: once the browser runs, its event loop makes Django
    refuse the database to this thread.
    """
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
    make_user("clara", may_create_studies=True)
    port = ports.saved_port(tmp_path / "port")
    address = f"http://127.0.0.1:{port}"
    running = Running(settings, tmp_path, VERTEREAD_BASE_URL=address)
    running.worker()
    running.web(port)
    yield address
    running.stop()
    print(running.last_words())  # noqa: T201


@pytest.fixture
def browser(server: str, chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()
