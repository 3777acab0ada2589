"""AAC-8 beside the eight cells in a real browser: keys, a lost connection, exported files."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pgtrigger
import pytest
from playwright.sync_api import Browser, Page, expect

from studies.cases.models import LandmarkSet
from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.browser.people import Coordinator, new_page, save_screenshot
from tests.browser.reading.phantom_room import open_phantom_study
from tests.browser.reading.test_measured import Pen, cell
from tests.browser.reading.test_unsent import read, save_status, sign_in
from tests.make import make_case, make_reader, make_site, make_study
from tests.sessions.measuring.test_saving import GUIDES

AAC8 = "aac24_aac8"
SIZES = ((1024, 768), (1366, 768))
IN_VIEW = """(element) => {
    const box = element.getBoundingClientRect();
    const inside = box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    const at = (x, y) => element.contains(document.elementFromPoint(x, y));
    const middle = box.left + box.width / 2;
    return inside && box.height >= 24 && at(middle, box.top + 3) && at(middle, box.bottom - 3);
}"""


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:
    return open_phantom_study(tmp_path, cases=1, arms=["guided"], scores=AAC8)


@pytest.fixture
def measured_study(server: str) -> Study:
    clara = User.objects.get(username="clara")
    study = make_study(clara, arms=["guided measured"], scores=AAC8, readers_per_case=1)
    site = make_site(study)
    make_reader(study, site, "rita")
    make_case(study, site)
    with pgtrigger.ignore("cases.LandmarkSet:never_changed"):
        LandmarkSet.objects.update(guides=GUIDES)
    assign_cases(study=study, by=clara)
    return open_study(study=study, by=clara)


def check_sizes(page: Page, name: str) -> None:
    """Check that every row of the pad and the submit button are in view, and save screenshots."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for selector in ("L1 posterior", "L4 anterior", "AAC-8 posterior", "AAC-8 anterior"):
            assert cell(page, selector).evaluate(IN_VIEW), (selector, width)
        assert page.get_by_role("button", name="Score 4").evaluate(IN_VIEW), width
        assert page.locator(".submit").evaluate(IN_VIEW), width
        save_screenshot(page, f"{name}-{width}")


@pytest.mark.slow
def test_aac8_is_scored_by_keys_kept_offline_and_exported(
    study: Study, browser: Browser, server: str
) -> None:
    page = new_page(browser, server)
    sign_in(page, "rita")
    read(page, study)
    for filled, key in enumerate("01201230", start=1):
        page.keyboard.press(key)
        expect(page.locator(".pad-cell.filled")).to_have_count(filled)
    current = page.locator(".pad-cell.current")
    expect(current).to_have_attribute("aria-label", "AAC-8 posterior: no score")
    # The marker of the current level belongs to the guides, and AAC-8 has no level.
    check_sizes(page, "aac8")
    expect(save_status(page)).to_have_text("Saved")

    # Offline, the scores wait on the device, also when the page is closed.
    page.context.set_offline(True)
    page.keyboard.press("4")
    page.keyboard.press("2")
    expect(save_status(page)).to_contain_text("Offline. Saved on this device")
    page.context.set_offline(False)
    read(page, study)
    expect(cell(page, "AAC-8 posterior").locator(".figure")).to_have_text("4")
    expect(cell(page, "AAC-8 anterior").locator(".figure")).to_have_text("2")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="All cases read")).to_be_visible()

    coordinator = Coordinator(new_page(browser, server))
    coordinator.slug = study.slug
    coordinator.sign_in("clara")
    coordinator.lock()
    rows = list(csv.DictReader(io.StringIO(coordinator.download("readings.csv").decode())))
    scores = {row["wall"]: row["score"] for row in rows if row["level"] == "all"}
    assert (len(rows), scores) == (10, {"posterior": "4", "anterior": "2"})
    (row,) = csv.DictReader(io.StringIO(coordinator.download("nhanes.csv").decode()))
    assert (row["DXXAAC8"], row["DXXAC8PO"], row["DXXAC8AN"]) == ("6", "4", "2")
    assert row["DXXAAC24"] == "9"


@pytest.mark.slow
def test_measured_aac8_is_proposed_and_overridden(
    measured_study: Study, browser: Browser, server: str
) -> None:
    page = new_page(browser, server)
    sign_in(page, "rita")
    read(page, measured_study)
    pen = Pen(page)
    page.keyboard.press("v")
    # 45 rows of 20 per level: 2.25 heights, which is AAC-8 3.
    pen.drag((60, 15), (60, 60))
    expect(cell(page, "AAC-8 anterior").locator(".figure")).to_have_text("3")
    expect(cell(page, "AAC-8 anterior")).to_contain_text(re.compile(r"2\.[23] heights"))
    expect(cell(page, "AAC-8 posterior").locator(".figure")).to_have_text("0")
    check_sizes(page, "aac8-measured")
    page.keyboard.press("a")
    expect(page.locator(".pad-cell.filled")).to_have_count(10)
    cell(page, "AAC-8 anterior").click()
    page.keyboard.press("2")
    expect(cell(page, "AAC-8 anterior")).to_contain_text("measured 3")
    expect(save_status(page)).to_have_text("Saved")
    stored = page.request.get(f"/api/v1/studies/{measured_study.slug}/reading").json()["current"]
    assert stored["aac8"]["anterior"]["score"] == 2
    assert stored["measurement"]["results"]["aac8"] == {"posterior": 0, "anterior": 3}
