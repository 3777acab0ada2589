"""Firefox, and a reader in its reading room. No test may leave an error in the console."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from studies.protocol.models import Study
from tests.browser.conftest import skip_or_fail
from tests.browser.firefox.bidi import Firefox
from tests.browser.firefox.room import enter_room, sign_in, wait_until_saved
from tests.browser.firefox.tab import Tab
from tests.browser.reading.phantom_room import open_phantom_study


@pytest.fixture(scope="session")
def firefox_path() -> str:
    path = shutil.which("firefox-esr") or shutil.which("firefox")
    if path is None:
        skip_or_fail("Firefox is missing. On Debian, as root: apt-get install firefox-esr")
    return str(path)


@pytest.fixture(scope="package")
def firefox(firefox_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Start one Firefox for all tests of this process; each test has its own cookies."""
    firefox = Firefox(firefox_path, tmp_path_factory.mktemp("firefox"))
    yield firefox
    firefox.close()


@pytest.fixture
def tab(firefox: Firefox, server: str) -> Iterator[Tab]:
    tab = Tab(firefox, server)
    yield tab
    errors = tab.errors()
    tab.close()
    assert errors == []


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:
    """An open study with one phantom, which rita reads with guides."""
    return open_phantom_study(tmp_path, cases=1, arms=["guided"])


@pytest.fixture
def room(study: Study, tab: Tab) -> Iterator[Tab]:
    """The reading room with the first case of rita."""
    sign_in(tab, "rita")
    enter_room(tab, study)
    yield tab
    wait_until_saved(tab)
