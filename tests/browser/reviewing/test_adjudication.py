"""Adjudication in a real browser: the work of the adjudicator, and the version it leads to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studies.protocol.models import Study
from tests.browser.people import new_page, save_screenshot
from tests.browser.reading.test_unsent import sign_in
from tests.browser.reviewing.reviewed_study import UNGUIDED, make_reviewed_study

pytestmark = pytest.mark.slow


@pytest.fixture
def masked(server: str, tmp_path: Path) -> Study:
    return make_reviewed_study(tmp_path)


@pytest.fixture
def shown(server: str, tmp_path: Path) -> Study:
    return make_reviewed_study(tmp_path, adjudicator_scores="shown")


def select_cases(page: Page, study: Study) -> None:
    """Select the cases with a cell that differs by two grades: two of the three."""
    sign_in(page, "clara")
    page.goto(f"/studies/{study.slug}/adjudication")
    page.get_by_label("Arm").select_option("unguided")
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.locator("[name=total_differs_by]").fill("")
    page.locator("[name=cell_differs_by]").fill("2")
    save_screenshot(page, "adjudication-rules")
    page.get_by_role("button", name="Start adjudication").click()
    expect(page.locator(".messages")).to_contain_text("2 cases selected for adjudication.")


def open_next(page: Page) -> None:
    page.get_by_role("button", name="Open next case").click()
    expect(page.locator(".case-image canvas").first).to_be_visible()
    expect(page.locator(".pad-cell.current")).to_have_count(1)


def score(page: Page, keys: str) -> None:
    for number, key in enumerate(keys, start=1):
        page.keyboard.press(key)
        expect(page.locator(".pad-cell.filled")).to_have_count(number)
    # "Saved" means that every score has been stored, also those of the last key presses.
    expect(page.get_by_role("status")).to_have_text("Saved")


def test_adjudicator_scores_without_original_scores_and_a_version_is_created(
    masked: Study, browser: Browser, server: str
) -> None:
    clara, adam = new_page(browser, server), new_page(browser, server)
    select_cases(clara, masked)
    expect(clara.get_by_role("button", name="Create reference standard version")).to_have_count(0)

    sign_in(adam, "adam")
    adam.goto(f"/studies/{masked.slug}/adjudicate")
    save_screenshot(adam, "adjudicator-list")
    expect(adam.locator("main")).to_contain_text("You read the cases without the original scores.")
    open_next(adam)
    expect(adam.locator(".review-pad")).to_have_count(0)
    content = adam.content()
    assert re.search(r"\bR01\b", content) is None
    assert "Motion" not in content
    save_screenshot(adam, "adjudication-masked")
    score(adam, "0123012")
    adam.keyboard.press("Control+Enter")
    expect(adam.get_by_role("alert")).to_contain_text("Score every cell before you submit.")
    # Scores are stored as they are entered: a reload keeps them.
    adam.reload()
    expect(adam.locator(".pad-cell.filled")).to_have_count(7)
    # Scores are entered once the image is shown.
    expect(adam.locator(".case-image canvas").first).to_be_visible()
    adam.keyboard.press("x")
    adam.get_by_role("group", name="not readable").get_by_role("button").first.click()
    expect(adam.locator(".pad-cell.filled")).to_have_count(8)
    expect(adam.get_by_role("status")).to_have_text("Saved")
    adam.get_by_role("button", name="Submit case").click()
    expect(adam.locator("main")).to_contain_text("1 of 2 cases submitted")

    open_next(adam)
    score(adam, "11111111")
    adam.keyboard.press("Control+Enter")
    expect(adam.locator("main")).to_contain_text("2 of 2 cases submitted")
    adam.get_by_role("button", name="View case").first.click()
    expect(adam.locator("#adjudication-scores")).to_contain_text("Its scores are final.")
    adam.keyboard.press("3")
    expect(adam.get_by_role("button", name="Submit case")).to_have_count(0)

    clara.reload()
    clara.get_by_role("button", name="Create reference standard version").click()
    clara.get_by_role("dialog").get_by_role("button", name="Create version").click()
    expect(clara.locator(".messages")).to_contain_text("Reference standard version 1 created.")
    version = clara.locator("tbody tr")
    expect(version.locator("th")).to_have_text("1 current")
    # Two cases were adjudicated, and both readers scored the third alike.
    expect(version.locator("td.number")).to_have_text(["2", "1", "0"])
    save_screenshot(clara, "adjudication-version")


def test_original_scores_are_shown_without_reader_labels_if_the_design_says_so(
    shown: Study, browser: Browser, server: str
) -> None:
    clara, adam = new_page(browser, server), new_page(browser, server)
    select_cases(clara, shown)
    sign_in(adam, "adam")
    adam.goto(f"/studies/{shown.slug}/adjudicate")
    open_next(adam)
    expect(adam.locator(".review-pad caption")).to_have_text(["Score A", "Score B"])
    save_screenshot(adam, "adjudication-shown")
    pads = [
        tuple(int(text) for text in pad.locator("tbody td").all_inner_texts())
        for pad in adam.locator(".review-pad").all()
    ]
    assert sorted(pads) in [sorted(grades) for grades in UNGUIDED]
    content = adam.content()
    assert re.search(r"\bR01\b", content) is None
    assert re.search(r"\bR02\b", content) is None
