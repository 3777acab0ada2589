"""The review of disagreements in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studies.protocol.models import Study
from tests.browser.people import new_page, save_screenshot
from tests.browser.reading.test_unsent import sign_in
from tests.browser.reviewing.reviewed_study import COMMENT, make_reviewed_study

pytestmark = pytest.mark.slow


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:
    return make_reviewed_study(tmp_path)


@pytest.fixture
def page(study: Study, browser: Browser, server: str) -> Page:
    page = new_page(browser, server)
    sign_in(page, "stan")
    return page


def rows(page: Page) -> list[list[str]]:
    cells = page.locator("tbody tr").all()
    return [[text.strip() for text in row.locator("td, th").all_inner_texts()] for row in cells]


def marked(page: Page) -> list[str]:
    """Return the contents of the cells marked as different, of both pads from left to right."""
    cells = page.locator(".review-pad td.differs")
    return [text.split()[0] for text in cells.all_inner_texts()]


def open_cases(page: Page, study: Study, query: str = "arm=unguided") -> None:
    page.goto(f"/studies/{study.slug}/review?{query}")
    page.get_by_role("button", name="Review cases").click()
    expect(page.locator(".review-pad")).to_have_count(2)


def test_cases_are_ranked_and_filters_apply_by_button_and_keep_the_focus(
    study: Study, page: Page
) -> None:
    page.goto(f"/studies/{study.slug}/review?arm=unguided")
    save_screenshot(page, "review-list")
    assert [(row[0], row[2]) for row in rows(page)] == [
        ("1", "0.500"),
        ("2", "0.167"),
        ("3", "0.000"),
    ]
    assert rows(page)[0][5] == "R02 agrees with R01 after a shift caudally by one level"
    address = page.url
    arm = page.get_by_label("Arm")
    arm.focus()
    page.keyboard.press("ArrowDown")
    assert page.url == address
    page.keyboard.press("Enter")
    # Enter opens the list of a select in some browsers, so the button is what applies the filters.
    page.get_by_role("button", name="Apply filters").press("Enter")
    page.wait_for_url(re.compile("arm=guided"))
    assert [row[2] for row in rows(page)] == ["0.042"] * 3
    expect(page.get_by_role("button", name="Apply filters")).to_be_focused()


def test_two_pads_stand_beside_one_image(study: Study, page: Page) -> None:
    open_cases(page, study)
    expect(page.locator(".case-image canvas").first).to_be_visible()
    expect(page.locator(".review-pad caption")).to_have_text(["R01", "R02"])
    assert marked(page) == ["0", "0", "2", "3", "3", "1", "2", "3", "3", "1", "0", "0"]
    text = "R02 agrees with R01 after a shift caudally by one level"
    expect(page.locator(".message.caution")).to_contain_text(text)
    expect(page.locator("#review-readings")).to_contain_text(f"R01: {COMMENT}")
    expect(page.locator(".viewer-note")).to_have_count(0)
    save_screenshot(page, "review-case")


def test_keys_lead_to_the_next_and_previous_case_of_the_list(study: Study, page: Page) -> None:
    open_cases(page, study)
    number = page.locator("nav.pager .muted")
    for key, position in (("j", 2), ("n", 3), ("k", 2), ("p", 1)):
        page.keyboard.press(key)
        expect(number).to_have_text(f"{position} of 3")
        expect(page.locator(".review-pad")).to_have_count(2)
    # While a note is being written, the same keys enter text.
    page.get_by_label("New note").fill("")
    page.get_by_label("New note").press_sequentially("jn")
    expect(page.get_by_label("New note")).to_have_value("jn")
    expect(number).to_have_text("1 of 3")


def test_guides_and_traces_can_be_hidden_by_key_and_by_checkbox(study: Study, page: Page) -> None:
    open_cases(page, study, "arm=guided+measured")
    guides, traces = page.locator(".guide-line"), page.locator(".viewer .plaque")
    expect(guides).to_have_count(13)
    expect(traces).to_have_count(2)
    # The readers can be told apart without colour, by line style and label.
    dashes = [
        trace.evaluate("line => getComputedStyle(line).strokeDasharray") for trace in traces.all()
    ]
    assert dashes == ["none", "7px, 6px"]
    keys = page.locator(".trace-key line")
    assert [
        key.evaluate("line => getComputedStyle(line).strokeDasharray") for key in keys.all()
    ] == dashes
    expect(page.locator(".plaque-name")).to_have_text(["R01", "R02"])
    assert traces.first.evaluate("line => getComputedStyle(line).fill") == "none"
    save_screenshot(page, "review-traces")
    page.keyboard.press("g")
    expect(guides).to_have_count(0)
    page.keyboard.press("t")
    expect(traces).to_have_count(0)
    page.keyboard.press("t")
    page.get_by_label("Traces of R02").uncheck()
    expect(traces).to_have_count(1)
    page.get_by_label("Guides").check()
    expect(guides).to_have_count(13)
    # The keys still work while a checkbox has the focus.
    page.keyboard.press("j")
    expect(page.locator("nav.pager .muted")).to_have_text("2 of 3")


def test_a_note_is_shown_with_the_label_of_its_author_and_counted(study: Study, page: Page) -> None:
    open_cases(page, study)
    page.get_by_label("New note").fill("R02 starts at L2.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".notes li")).to_contain_text("R02 starts at L2.")
    expect(page.locator(".notes .muted")).to_have_text(re.compile(r"^S01, \d+ \w+ \d{4}"))
    expect(page.locator("nav.pager .muted")).to_have_text("1 of 3")
    page.get_by_role("link", name="Back to list").click()
    assert rows(page)[0][6] == "1"
