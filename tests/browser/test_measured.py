"""Measured readings in a real browser, with grades checked against lengths calculated by hand.

Images are 80 x 128 pixels of 2.5 mm and levels 20 rows, which is 50 mm. A trace from row 25 to row
45 therefore covers 5 rows (12.5 mm, 25 %) of L1 and 15 rows (37.5 mm, 75 %) of L2.
"""

from __future__ import annotations

import re
from typing import Any

import pgtrigger
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from studies.cases.models import LandmarkSet
from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.browser.people import new_page, save_screenshot
from tests.browser.test_unsent import read, save_status, sign_in
from tests.make import HEIGHT, WIDTH, make_case, make_reader, make_site, make_study
from tests.sessions.measuring.test_saving import GUIDES

L1_SHARE, L2_SHARE = (12.5, 25), (37.5, 75)
BOUNDARY_ROWS = (10, 30, 50, 70, 90)


@pytest.fixture
def study(request: pytest.FixtureRequest, server: str) -> Study:
    """An open study with the arm that the test names, one case and one reader."""
    clara = User.objects.get(username="clara")
    study = make_study(clara, arms=[request.param], readers_per_case=1)
    site = make_site(study)
    make_reader(study, site, "rita")
    make_case(study, site)
    with pgtrigger.ignore("cases.LandmarkSet:never_changed"):
        LandmarkSet.objects.update(guides=GUIDES)
    assign_cases(study=study, by=clara)
    return open_study(study=study, by=clara)


class Pen:
    """The mouse on the fitted image, in image pixels."""

    def __init__(self, page: Page) -> None:
        self.page = page
        box = page.locator(".room-viewer").bounding_box()
        assert box is not None
        self.scale = min(box["width"] / WIDTH, box["height"] / HEIGHT)
        self.left = box["x"] + (box["width"] - WIDTH * self.scale) / 2
        self.top = box["y"] + (box["height"] - HEIGHT * self.scale) / 2

    def move(self, x: float, y: float, steps: int = 1) -> None:
        self.page.mouse.move(
            self.left + (x + 0.5) * self.scale, self.top + (y + 0.5) * self.scale, steps=steps
        )

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.move(*start)
        self.page.mouse.down()
        self.move(*end, steps=10)
        self.page.mouse.up()

    def click_both(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        for at in (start, end):
            self.move(*at)
            self.page.mouse.down()
            self.page.mouse.up()


def cell(page: Page, name: str) -> Locator:
    return page.locator(f".pad-cell[aria-label^='{name}:']")


def expect_measured(page: Page, name: str, expected: tuple[float, int], grade: int) -> None:
    """Check the proposed grade, and the length to within a tenth of a pixel's 2.5 mm."""
    box = cell(page, name)
    expect(box.locator(".figure")).to_have_text(str(grade))
    match = re.fullmatch(r"([\d.]+) mm, (\d+)\s%", box.locator(".lengths").inner_text())
    assert match is not None
    assert float(match[1]) == pytest.approx(expected[0], abs=0.25)
    assert int(match[2]) == pytest.approx(expected[1], abs=1)


def stored(page: Page, study: Study) -> dict[str, Any]:
    answer = page.request.get(f"/api/v1/studies/{study.slug}/reading")
    reading: dict[str, Any] = answer.json()["current"]
    return reading


def submit(page: Page) -> None:
    expect(save_status(page)).to_have_text("Saved")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="All cases read")).to_be_visible()


@pytest.mark.parametrize("study", ["guided measured"], indirect=True)
def test_guides_divide_what_the_reader_draws(study: Study, browser: Browser, server: str) -> None:
    page = new_page(browser, server)
    sign_in(page, "rita")
    read(page, study)
    expect(page.locator(".guide-line")).to_have_count(5)
    pen = Pen(page)
    page.keyboard.press("v")
    pen.drag((60, 25), (60, 45))
    expect_measured(page, "L1 anterior", L1_SHARE, 1)
    expect_measured(page, "L2 anterior", L2_SHARE, 3)
    expect(cell(page, "L2 posterior").locator(".figure")).to_have_text("0")
    expect(save_status(page)).to_have_text("Saved")
    save_screenshot(page, "guided-measured")
    cells = stored(page, study)["measurement"]["results"]["cells"]
    assert (cells["L1_anterior"]["grade"], cells["L2_anterior"]["grade"]) == (1, 3)
    assert cells["L2_anterior"]["calcified"] == pytest.approx(37.5, abs=0.25)

    # Seven grades are accepted, and the one of L2 anterior is overridden.
    for _ in range(3):
        page.keyboard.press("Enter")
    page.keyboard.press("2")
    expect(cell(page, "L2 anterior")).to_contain_text("measured 3")
    page.keyboard.press("a")
    expect(page.locator(".pad-cell.filled")).to_have_count(8)
    submit(page)


@pytest.mark.parametrize("study", ["measured"], indirect=True)
def test_reader_sets_the_levels_without_guides(study: Study, browser: Browser, server: str) -> None:
    page = new_page(browser, server)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    sign_in(page, "rita")
    read(page, study)
    expect(page.locator(".guide-line")).to_have_count(0)
    pen = Pen(page)
    page.keyboard.press("v")
    pen.click_both((60, 25), (60, 45))
    expect(cell(page, "L2 anterior")).to_contain_text("set level lines")
    page.keyboard.press("l")
    expect(page.locator("svg.traces .line.default")).to_have_count(5)
    save_screenshot(page, "default-level-lines")
    for row in BOUNDARY_ROWS[:4]:
        pen.click_both((12, row), (70, row))
    # The last default line, at a fixed fraction of the image, is dragged to its place.
    default = round(0.82 * HEIGHT)
    pen.drag((40, default), (40, BOUNDARY_ROWS[4]))
    expect(page.get_by_role("button", name="Level lines ✓")).to_be_visible()
    expect_measured(page, "L1 anterior", L1_SHARE, 1)
    expect_measured(page, "L2 anterior", L2_SHARE, 3)
    expect(save_status(page)).to_have_text("Saved")
    save_screenshot(page, "measured")

    # An accepted grade has to be accepted again when the trace changes it.
    page.keyboard.press("a")
    expect(page.locator(".pad-cell.filled")).to_have_count(8)
    pen.drag((60, 45), (60, 33))
    expect(page.locator(".notice")).to_contain_text("L2 anterior: the measured grade has changed")
    expect(page.locator(".pad-cell.filled")).to_have_count(7)
    page.keyboard.press("Control+z")
    expect_measured(page, "L2 anterior", L2_SHARE, 3)
    page.keyboard.press("Enter")
    expect(page.locator(".pad-cell.filled")).to_have_count(8)

    # Offline, traces wait on the device, also when the page is closed.
    expect(save_status(page)).to_have_text("Saved")
    page.context.set_offline(True)
    pen.drag((60, 75), (60, 85))
    expect(save_status(page)).to_contain_text("Offline. Saved on this device")
    page.context.set_offline(False)
    read(page, study)
    traces = stored(page, study)["measurement"]["traces"]
    assert len(traces) == 2
    assert not any(url.endswith("/guides") for url in requested)
    page.keyboard.press("a")
    submit(page)
