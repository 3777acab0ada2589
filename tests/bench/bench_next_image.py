"""The reading room shows the next image soon after the key press, with nine keys per case."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from studies.protocol.models import Study
from tests.bench.next_image import CASES, PACE_MS, make_reading_study, measure
from tests.browser.conftest import browser, chromium, running, server, web  # noqa: F401
from tests.browser.people import new_page
from tests.browser.reading.test_unsent import read, sign_in

WANTED_P95_MS = 100
"""For the fast reader, on a quiet machine."""


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:  # noqa: F811
    return make_reading_study(tmp_path)


@pytest.mark.parametrize(
    ("reader", "pace_ms"), [("rita", PACE_MS), ("rolf", 0)], ids=["fast reader", "without a pause"]
)
def test_next_image_follows_nine_keys(
    study: Study,
    browser: Browser,  # noqa: F811
    server: str,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    reader: str,
    pace_ms: float,
) -> None:
    page = new_page(browser, server)
    sign_in(page, reader)
    read(page, study)
    figures = measure(page, pace_ms=pace_ms)
    with capsys.disabled():
        print(f"\nA key every {pace_ms:g} ms: {figures.text}")  # noqa: T201
    assert figures.keys_per_case == 9
    assert len(figures.times_ms) == CASES - 1
    if pace_ms:
        p95 = np.percentile(figures.times_ms, 95)
        assert p95 <= WANTED_P95_MS, "Was the machine busy? Then measure again on a quiet one."
