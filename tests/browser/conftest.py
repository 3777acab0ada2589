"""Chromium and a running server for the browser tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, sync_playwright

from tests.make import make_user
from tests.running import BASE, Running, last_words, wait_until_idle
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
LINKAGE_KEY = Fernet.generate_key().decode()


def skip_or_fail(reason: str) -> None:
    """Skip with a visible message; fail in CI, where skipped tests go unnoticed."""
    message = f"THE BROWSER TEST WAS NOT RUN: {reason}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@dataclass(frozen=True)
class Web:
    """A web server whose rows and files each test creates for itself."""

    logs: Path
    address: str

    @property
    def folders(self) -> dict[str, Path]:
        """The settings of its folders."""
        storage = self.logs / "storage"
        return {"STORAGE": storage, "MEDIA_ROOT": storage, "SPOOL": self.logs / "spool"}

    def empty(self) -> None:
        """Remove the files of an earlier test."""
        for folder in set(self.folders.values()):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()

    def last_words(self) -> str:
        return last_words(self.logs)


@pytest.fixture(scope="session")
def chromium() -> str:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        skip_or_fail("Chromium or Chrome is missing. On Debian, as root: apt-get install chromium")
    return str(path)


@pytest.fixture(scope="session")
def scripts() -> None:
    """Skip the test if the viewer has not been built."""
    if not (BASE / "frontend" / "dist" / "manifest.json").exists():
        skip_or_fail("the scripts have not been built. Run: make setup")


@pytest.fixture(scope="package")
def web(
    scripts: None,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Web]:
    """Start one web server for all browser tests of this process, on the test's database."""
    folder = tmp_path_factory.mktemp("web")
    port = ports.saved_port(folder / "port")
    web = Web(folder, f"http://127.0.0.1:{port}")
    web.empty()
    with override_settings(**web.folders), django_db_blocker.unblock():
        environment = {"VERTEREAD_BASE_URL": web.address, "VERTEREAD_LINKAGE_KEY": LINKAGE_KEY}
        running = Running(settings, folder, **environment)
        running.web(port)
    yield web
    with django_db_blocker.unblock():
        running.stop()


@pytest.fixture
def running(web: Web, transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Running]:
    """Return the processes of one test, beside the web server; stop them after the test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
    for name, folder in web.folders.items():
        setattr(settings, name, folder)
    web.empty()
    running = Running(settings, tmp_path, VERTEREAD_BASE_URL=web.address)
    yield running
    running.kill()
    wait_until_idle()
    print(web.last_words(), running.last_words())  # noqa: T201


@pytest.fixture
def server(web: Web, running: Running) -> str:
    """Return the address of the web server.

    Cases are analysed and reports made only with the fixture `worker`.

    The account of a coordinator is created here: once the browser runs, its event loop keeps this
    thread from using the database.
    """
    make_user("clara", may_create_studies=True)
    return web.address


@pytest.fixture
def worker(running: Running) -> None:
    """Start a worker, which takes as much processor time as the rest of a browser test."""
    running.worker()


@pytest.fixture
def browser(server: str, chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()
