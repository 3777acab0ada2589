"""The tools of the reading room on small screens and magnified pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from studies.protocol.models import Study
from tests.browser.people import new_page, save_screenshot
from tests.browser.reading.phantom_room import IN_VIEW, Room, open_phantom_study
from tests.browser.reading.test_unsent import sign_in

# Runs in the page: the rows of tools, and the tools whose label is cut off.
ROWS = """() => {
    const shown = [...document.querySelectorAll('.panel .tools button, .panel .view-tools button')]
        .filter((button) => button.checkVisibility());
    const cut = shown.filter((button) => button.scrollWidth > button.clientWidth
        || button.scrollHeight > button.clientHeight + 1);
    return {
        rows: new Set(shown.map((button) => Math.round(button.getBoundingClientRect().top))).size,
        cut: cut.map((button) => button.textContent),
        wide: document.documentElement.scrollWidth > innerWidth,
    };
}"""


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:
    return open_phantom_study(
        tmp_path, arms=["guided"], view_between_cases="reader", revision_rule="session"
    )


def test_tools_stay_in_two_rows_and_submit_stays_in_view(
    study: Study, browser: Browser, server: str
) -> None:
    page = new_page(browser, server)
    sign_in(page, "rita")
    room = Room(page, study)
    room.enter()
    # The last two are 1366 x 768 at 200 % zoom, and a narrow window.
    for width, height in ((1920, 1080), (1366, 768), (1024, 768), (683, 384), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
        save_screenshot(page, f"room-{width}")
        assert page.evaluate(ROWS) == {"rows": 2, "cut": [], "wide": False}, width
        for name in (".submit", ".save-status"):
            assert page.locator(name).evaluate(IN_VIEW), (width, name)
    page.set_viewport_size({"width": 1024, "height": 768})
    expect(page.locator(".window-tool")).to_have_text("Bone and soft tissue")
    pane = page.locator(".image-pane").bounding_box()
    assert pane is not None
    assert pane["width"] >= 0.7 * 1024


def test_tools_of_a_tablet_stay_in_two_rows_beside_targets_of_44_px(
    study: Study, browser: Browser, server: str
) -> None:
    page = new_page(browser, server, has_touch=True)
    page.set_viewport_size({"width": 1024, "height": 768})
    sign_in(page, "rita")
    Room(page, study).enter()
    save_screenshot(page, "room-touch")
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    assert page.evaluate(ROWS) == {"rows": 2, "cut": [], "wide": False}
    # The study's name is cut off before a button leaves the panel.
    outside = """(panel) => [...panel.querySelectorAll('button')].filter((button) =>
        button.checkVisibility() && button.getBoundingClientRect().right > innerWidth
    ).map((button) => button.textContent)"""
    assert page.locator(".panel").evaluate(outside) == []
    for name in ("Pause", "Not readable", "Submit and open next"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, name


@pytest.mark.parametrize(
    "size", [pytest.param((1366, 768), marks=pytest.mark.slow), (1024, 768)], ids=str
)
def test_pad_keeps_its_place_whatever_keys_are_listed(
    study: Study, browser: Browser, server: str, size: tuple[int, int]
) -> None:
    page = new_page(browser, server)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    sign_in(page, "rita")
    Room(page, study).enter()
    pad = page.locator(".pad")
    before = pad.bounding_box()
    for key in ("x", "Escape", "p", "p"):
        page.keyboard.press(key)
        assert pad.bounding_box() == before, key
    for filled in range(1, 9):
        page.keyboard.press("0")
        expect(page.locator(".pad-cell.filled")).to_have_count(filled)
    expect(page.locator(".keys")).to_contain_text("submit and next")
    assert pad.bounding_box() == before
