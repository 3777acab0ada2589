"""A sequential study in a real browser: the same view before and after the guides appear."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from studies.protocol.models import Study
from tests.browser.people import new_page, save_screenshot
from tests.browser.reading.phantom_room import Room, open_phantom_study
from tests.browser.reading.test_unsent import save_status, sign_in

pytestmark = pytest.mark.slow
SIZES = ((1024, 768), (1366, 768))
PLACES = """() => Object.fromEntries(
    [".pad-cell", ".scores", ".submit", ".guides-row", ".count", ".image-pane"].map((selector) => {
        const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
        return [selector, [x, y, width, height].map(Math.round)];
    }))"""


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:
    return open_phantom_study(tmp_path, design="sequential")


def arms(page: Page) -> tuple[str, str]:
    badges = page.locator(".arms .badge")
    return badges.first.inner_text(), page.locator(".arms [aria-current=step]").inner_text()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_guides_appear_on_the_same_view_once_the_first_reading_is_final(
    study: Study, browser: Browser, server: str, width: int, height: int
) -> None:
    page = new_page(browser, server)
    page.set_viewport_size({"width": width, "height": height})
    sign_in(page, "rita")
    room = Room(page, study)
    room.enter()
    assert arms(page) == ("Unguided", "Unguided")
    room.press("+", "+", "l")
    save_screenshot(page, f"sequential-unguided-{width}")
    before, places = room.image(), page.evaluate(PLACES)
    room.press(*"01020301")
    room.submit()
    expect(page.locator(".arms [aria-current=step]")).to_have_text("Guided")
    expect(page.locator(".notice")).to_contain_text("Change your first scores")
    expect(page.locator(".pad-cell.filled")).to_have_count(8)
    expect(save_status(page)).to_have_text("Saved")
    save_screenshot(page, f"sequential-guided-{width}")
    assert page.evaluate(PLACES) == places
    # Without the guides, the image is the one that the reader looked at.
    page.get_by_role("button", name="Hide guides").click()
    page.mouse.move(0, 0)
    after = room.image()
    assert after.shape == before.shape
    assert (np.abs(after.astype(int) - before.astype(int)).max(axis=2) > 8).mean() < 0.002
    room.press("3")
    room.submit()
    expect(page.locator(".count")).to_have_text("3 of 4")
    expect(page.locator(".pad-cell.filled")).to_have_count(0)
    assert arms(page) == ("Unguided", "Unguided")
    page.context.close()
