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
from tests.browser.reading.test_unsent import read, save_status, sign_in
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

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.left + (x + 0.5) * self.scale, self.top + (y + 0.5) * self.scale

    def move(self, x: float, y: float, steps: int = 1) -> None:
        self.page.mouse.move(*self.at(x, y), steps=steps)

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


@pytest.mark.slow
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
    page.keyboard.press("b")
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


class Fingers:
    """Touches of the fitted image, in image pixels."""

    def __init__(self, page: Page, pen: Pen) -> None:
        self.session, self.pen = page.context.new_cdp_session(page), pen

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        places = [
            dict(zip(("x", "y", "id"), (*self.pen.at(*point), number), strict=True))
            for number, point in enumerate(points)
        ]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})


@pytest.mark.slow
@pytest.mark.parametrize("study", ["guided measured"], indirect=True)
def test_finger_draws_and_two_fingers_zoom(study: Study, browser: Browser, server: str) -> None:
    page = new_page(browser, server, has_touch=True)
    sign_in(page, "rita")
    read(page, study)
    fingers = Fingers(page, Pen(page))
    fingers.touch("touchStart", (60, 25))
    for row in range(27, 46, 2):
        fingers.touch("touchMove", (60, row))
    fingers.touch("touchEnd")
    expect_measured(page, "L2 posterior", L2_SHARE, 3)
    expect(page.locator("svg.traces .line.trace")).to_have_count(1)

    fingers.touch("touchStart", (40, 60))
    fingers.touch("touchStart", (40, 60), (50, 60))
    for apart in range(11, 20):
        fingers.touch("touchMove", (40, 60), (40 + apart, 60))
    fingers.touch("touchEnd")
    expect(page.locator("svg.traces .line.trace")).to_have_count(1)
    expect(page.locator("svg.traces .draft")).to_have_count(0)
    # Twice as large: the trace still covers the same share.
    box = page.locator("svg.traces .line.trace").bounding_box()
    assert box is not None
    assert box["height"] == pytest.approx(20 * fingers.pen.scale * 1.9, rel=0.15)
    expect_measured(page, "L2 posterior", L2_SHARE, 3)


@pytest.mark.slow
@pytest.mark.parametrize("study", ["guided measured"], indirect=True)
def test_keyboard_draws_adjusts_and_deletes(study: Study, browser: Browser, server: str) -> None:
    page = new_page(browser, server)
    sign_in(page, "rita")
    read(page, study)
    traces = page.locator("svg.traces .line.trace")
    # Off and on again: the focus is then on the image.
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Draw")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("t")
    expect(page.locator("svg.traces .crosshair")).to_have_count(1)
    page.keyboard.press("Space")
    for _ in range(5):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Space")
    expect(traces).to_have_count(1)
    before = stored_length(page, study)
    # The crosshair is on the end of the trace: pick it up and carry it on.
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator(".save-status")).to_have_text("Saved")
    assert stored_length(page, study) == pytest.approx(before * 6 / 5, rel=0.05)
    page.keyboard.press("Delete")
    expect(traces).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(traces).to_have_count(1)
    # Escape returns to the score pad.
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".pad-cell.current")).to_have_attribute(
        "aria-label", re.compile("^L2 posterior")
    )


def stored_length(page: Page, study: Study) -> float:
    """Return the length of the first stored trace in image pixels."""
    expect(save_status(page)).to_have_text("Saved")
    (first, *_, last) = stored(page, study)["measurement"]["traces"][0]["points"]
    return float(last[1] - first[1])
