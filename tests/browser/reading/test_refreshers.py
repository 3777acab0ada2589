"""Refreshers between study readings in a real browser, without and with reference grades."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studies.practice.practice_set import add_phantoms
from studies.practice.refreshers.rules import set_refreshers
from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.browser.images import make_phantom_case
from tests.browser.people import new_page, save_screenshot
from tests.browser.reading.test_unsent import save_status, sign_in
from tests.make import make_reader, make_site, make_study

# A refresher after two of the three study readings.
TOTAL, REFRESHER = 4, 3


def open_study_with_refreshers(folder: Path, *, feedback: bool) -> Study:
    """Return an open study with a refresher after every two readings, before the browser runs."""
    clara = User.objects.get(username="clara")
    study = make_study(clara, arms=["unguided"])
    site = make_site(study)
    for name in ("rita", "rolf"):
        make_reader(study, site, name)
    for _ in range(TOTAL - 1):
        make_phantom_case(study, site, folder, 4700, "ge_idxa")
    add_phantoms(study=study, by=clara, number=1)
    set_refreshers(study=study, by=clara, interval=2, feedback=feedback)
    assign_cases(study=study, by=clara)
    return open_study(study=study, by=clara)


def read_case(page: Page, number: int) -> dict[str, object]:
    """Score and submit a case; return what the room shows of it, without its image."""
    expect(page.locator(".count")).to_have_text(f"{number} of {TOTAL}")
    expect(page.locator(".status-screen")).to_be_hidden()
    expect(page.locator(".pad-cell.filled")).to_have_count(0)
    expect(page.locator(".feedback")).to_have_count(0)
    shown = {
        "address": page.url,
        "labels": page.locator(".panel button:visible").evaluate_all(
            "all => all.map((button) => button.getAttribute('aria-label') ?? button.textContent)"
        ),
        "note": page.locator(".reading-note").inner_text(),
        "arm": page.locator(".progress-row .badge").inner_text(),
    }
    for filled in range(1, 9):
        page.keyboard.press("1")
        expect(page.locator(".pad-cell.filled")).to_have_count(filled)
    expect(save_status(page)).to_have_text("Saved")
    save_screenshot(page, f"refresher-{number}")
    page.keyboard.press("Control+Enter")
    return shown


def expect_refresher_stored(browser: Browser, server: str, study: Study) -> None:
    """The page and the file of the coordinator have one refresher and no reading more."""
    page = new_page(browser, server)
    sign_in(page, "clara")
    page.goto(f"/studies/{study.slug}/progress")
    expect(page.locator("#training tr", has_text="R01")).to_contain_text("After 2 readings: kappa")
    expect(page.locator("#training tr", has_text="R02")).not_to_contain_text("After 2")
    save_screenshot(page, "refresher-progress")
    progress = page.request.get(f"/api/v1/studies/{study.slug}/progress").json()
    (reader,) = [row for row in progress["readers"] if row["label"] == "R01"]
    assert (reader["read"], reader["total"]) == (TOTAL - 1, TOTAL - 1)
    answer = page.request.get(f"/studies/{study.slug}/downloads/training.csv")
    (row,) = [r for r in csv.DictReader(answer.text().splitlines()) if r["kind"] == "refresher"]
    assert (row["reader"], row["number"], row["after_readings"]) == ("R01", "1", "2")
    assert row["finished_at"] and row["exact"]


@pytest.fixture
def study(server: str, request: pytest.FixtureRequest, tmp_path: Path) -> Study:
    return open_study_with_refreshers(tmp_path, feedback=request.param)


@pytest.mark.slow
@pytest.mark.parametrize("study", [False], indirect=True)
def test_reader_cannot_tell_a_refresher_from_a_study_reading(
    study: Study, browser: Browser, server: str
) -> None:
    page = new_page(browser, server)
    sign_in(page, "rita")
    page.goto(f"/studies/{study.slug}/read")
    appearances = [read_case(page, number) for number in range(1, TOTAL + 1)]
    for appearance in appearances[1:]:
        assert appearance == appearances[0]
    expect(page.get_by_role("heading", name="All cases read")).to_be_visible()
    page.goto("/")
    expect(page.locator("main")).to_contain_text(f"{TOTAL} of {TOTAL}")
    expect(page.locator("main")).not_to_contain_text("efresher")
    expect_refresher_stored(browser, server, study)


@pytest.mark.slow
@pytest.mark.parametrize("study", [True], indirect=True)
def test_reference_grades_of_a_refresher_are_shown_again_after_a_reload(
    study: Study, browser: Browser, server: str
) -> None:
    page = new_page(browser, server)
    sign_in(page, "rita")
    page.goto(f"/studies/{study.slug}/read")
    for number in range(1, REFRESHER + 1):
        read_case(page, number)
    feedback = page.locator(".feedback")
    expect(feedback).to_contain_text("agree with the reference grades")
    shown = feedback.locator("table").inner_text()
    page.reload()
    expect(feedback).to_contain_text("agree with the reference grades")
    assert feedback.locator("table").inner_text() == shown
    expect(page.locator(".count")).to_have_text(f"{REFRESHER} of {TOTAL}")
    expect(page.locator(".pad-cell.filled")).to_have_count(8)
    save_screenshot(page, "refresher-feedback-after-reload")
    # No score can be changed any more.
    page.keyboard.press("3")
    expect(page.locator(".pad-cell.filled .figure")).to_have_text(["1"] * 8)
    feedback.get_by_role("button", name="Next case").click()
    read_case(page, TOTAL)
    expect(page.get_by_role("heading", name="All cases read")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="All cases read")).to_be_visible()
    expect(feedback).to_have_count(0)
    expect_refresher_stored(browser, server, study)
