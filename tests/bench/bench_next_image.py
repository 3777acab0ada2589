"""The reading room shows the next image soon after the key press, with nine keys per case."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from studies.protocol.models import Study
from tests.bench.next_image import CASES, make_reading_study, measure
from tests.browser.conftest import browser, chromium, running, server, web  # noqa: F401
from tests.browser.people import new_page
from tests.browser.test_unsent import read, sign_in

WANTED_P95_MS = 100
"""On a quiet machine: with less load than processors."""


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:  # noqa: F811
    return make_reading_study(tmp_path)


def test_next_image_follows_nine_keys(
    study: Study,
    browser: Browser,  # noqa: F811
    server: str,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = new_page(browser, server)
    sign_in(page, "rita")
    read(page, study)
    figures = measure(page)
    with capsys.disabled():
        print("\n" + figures.text)  # noqa: T201
    assert figures.keys_per_case == 9
    assert len(figures.times_ms) == CASES - 1
    if max(figures.load) < (os.cpu_count() or 1) / 2:
        assert sorted(figures.times_ms)[int(0.95 * len(figures.times_ms))] <= WANTED_P95_MS
