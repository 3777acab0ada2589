"""Revision of submitted readings and their reopening in both periods, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studies.protocol.models import Study
from tests.browser.people import new_page, pass_announcement, save_screenshot
from tests.browser.reading.phantom_room import Room, open_phantom_study
from tests.browser.reading.test_unsent import save_status, sign_in

SIZES = ((1366, 768), (1024, 768), (1920, 1080))
REASON = "L1 was hidden by the window. Please look at it again."
REFUSED = "The reader has since opened this case in another period, arm or replicate."


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:
    return open_phantom_study(tmp_path, revision_rule="period")


def save_screenshots(page: Page, name: str) -> None:
    """Save a screenshot in each size of window; keep the last."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        save_screenshot(page, f"{name}-{width}")
    page.set_viewport_size({"width": 1366, "height": 768})


def expect_case(page: Page, count: str, name: str, filled: int) -> None:
    """Wait for a case, and acknowledge the change of period that is announced before it."""
    pass_announcement(page)
    expect(page.locator(".status-screen")).to_be_hidden()
    expect(page.locator(".count")).to_have_text(re.compile(f"^{count}"))
    expect(page.locator(".reading-name")).to_have_text(name)
    expect(page.locator(".pad-cell.filled")).to_have_count(filled)
    expect(save_status(page)).to_have_text("Saved")


def acknowledge(page: Page, label: str) -> None:
    """Acknowledge an announced change of period."""
    page.get_by_role("button", name=label, exact=True).click()


def score(room: Room, grade: str, cells: int = 8) -> None:
    before = room.page.locator(".pad-cell.filled").count()
    for number in range(1, cells + 1):
        room.press(grade)
        expect(room.page.locator(".pad-cell.filled")).to_have_count(before + number)
    expect(save_status(room.page)).to_have_text("Saved")


def revise_previous(room: Room, name: str, screenshot: str) -> None:
    """Revise the reading before the current one, and submit it again with one press."""
    page = room.page
    room.press("r")
    dialog = page.get_by_role("dialog", name="Earlier readings")
    expect(dialog.locator(".choice").first).to_contain_text(f"{name}: submitted")
    save_screenshots(page, f"{screenshot}-list")
    room.press("Enter")
    expect_case(page, "Revision", name, 8)
    room.press("ArrowDown", "3")
    expect(page.locator(".pad-cell.filled .figure").filter(has_text="3")).to_have_count(1)
    expect(save_status(page)).to_have_text("Saved")
    save_screenshots(page, screenshot)
    room.press("Control+Enter")


def reopen(page: Page, study: Study, name: str) -> str:
    """Reopen a reading of R01 as its coordinator; return what the page answers."""
    page.goto(f"/studies/{study.slug}/progress")
    page.get_by_text("Reopen a submitted reading").click()
    form = page.locator("details.reopen")
    option = form.locator("option", has_text=f"R01: {name} (")
    form.locator("[name=reading]").select_option(value=option.get_attribute("value"))
    form.locator("[name=reason]").fill(REASON)
    form.get_by_role("button", name="Reopen reading").click()
    answer = page.locator(".errors li, .messages li, .message").first
    expect(answer).to_be_visible()
    return answer.inner_text()


@pytest.mark.slow
def test_reader_revises_and_coordinator_reopens_readings_in_both_periods(
    study: Study, browser: Browser, server: str
) -> None:
    clara = new_page(browser, server)
    sign_in(clara, "clara")
    page = new_page(browser, server)
    sign_in(page, "rita")
    room = Room(page, study)
    room.enter()

    expect_case(page, "1 of 4", "Reading 1, period 1", 0)
    score(room, "1")
    room.submit()
    expect_case(page, "2 of 4", "Reading 2, period 1", 0)
    score(room, "2", cells=2)
    revise_previous(room, "Reading 1, period 1", "revision")
    expect_case(page, "2 of 4", "Reading 2, period 1", 2)
    score(room, "2", cells=6)
    room.submit()
    # The server has recorded the opening of the next reading.
    with page.expect_response(re.compile("/open$")):
        acknowledge(page, "Start period 2")
        expect_case(page, "3 of 4", "Reading 1, period 2", 0)

    # Of the two cases of period 1, one is on the screen again.
    names = ("reading 1, period 1", "reading 2, period 1")
    answers = {name: reopen(clara, study, name) for name in names}
    reopened = [
        name for name, text in answers.items() if "was reopened; its scores are kept" in text
    ]
    assert len(reopened) == 1, answers
    assert [REFUSED in answers[name] for name in names if name not in reopened] == [True]
    save_screenshots(clara, "reopened-readers-page")
    page.reload()
    acknowledge(page, "Continue period 1")
    expect_case(page, "", reopened[0].capitalize(), 8)
    expect(page.locator(".reopening-reason")).to_have_text(f"Reopened by a coordinator: {REASON}")
    save_screenshots(page, "reopened")
    room.press("Control+Enter")
    # Not announced, because this reading was open before.
    expect_case(page, "3 of 4", "Reading 1, period 2", 0)
    expect(page.locator(".reopening-reason")).to_be_hidden()

    score(room, "0")
    room.submit()
    expect_case(page, "4 of 4", "Reading 2, period 2", 0)
    revise_previous(room, "Reading 1, period 2", "revision-period-2")
    expect_case(page, "4 of 4", "Reading 2, period 2", 0)
    assert "Reading 1, period 2 of R01 was reopened" in reopen(clara, study, "reading 1, period 2")
    page.goto("/")
    expect(page.locator("main")).to_contain_text("Reading 1, period 2 was reopened.")
    expect(page.locator("main")).to_contain_text(REASON)
    save_screenshots(page, "reopened-home")
    room.page.goto(f"/studies/{study.slug}/read")
    expect_case(page, "", "Reading 1, period 2", 8)
    room.press("Control+Enter")
    expect_case(page, "4 of 4", "Reading 2, period 2", 0)
    score(room, "1")
    room.submit()
    expect(page.get_by_role("heading", name="All cases read")).to_be_visible()
    page.get_by_role("button", name="Revise an earlier reading").click()
    expect(page.locator(".status-screen .note")).to_have_text(
        "No submitted reading can be revised now."
    )
    save_screenshots(page, "nothing-to-revise")


@pytest.mark.slow
def test_revision_without_a_connection_is_kept_and_sent_later(
    study: Study, browser: Browser, server: str
) -> None:
    page = new_page(browser, server)
    sign_in(page, "rita")
    room = Room(page, study)
    room.enter()
    score(room, "1")
    room.submit()
    expect_case(page, "2 of 4", "Reading 2, period 1", 0)
    open_revision(room)

    page.context.set_offline(True)
    room.press("ArrowDown", "3")
    expect(page.locator(".pad-cell.filled .figure").filter(has_text="3")).to_have_count(1)
    room.press("Control+Enter")
    # The room returns to the case where it was, which was fetched ahead.
    expect(page.locator(".reading-name")).to_have_text("Reading 2, period 1")
    room.press("2")
    expect(page.locator(".pad-cell.filled")).to_have_count(1)
    expect(save_status(page)).to_contain_text("Offline. Saved on this device")
    room.press("r")
    notice = "Revising a reading needs a connection. Try again when you are online."
    expect(page.locator(".notice")).to_have_text(notice)

    page.context.set_offline(False)
    expect(save_status(page)).to_have_text("Saved")
    expect_case(page, "2 of 4", "Reading 2, period 1", 1)
    page.reload()
    expect_case(page, "2 of 4", "Reading 2, period 1", 1)
    open_revision(room)
    expect(page.locator(".pad-cell.filled .figure").filter(has_text="3")).to_have_count(1)


def open_revision(room: Room) -> None:
    """Open the reading before the current one to revise it."""
    room.press("r")
    dialog = room.page.get_by_role("dialog", name="Earlier readings")
    # The dialog opens before the list has loaded.
    expect(dialog.locator(".choice").first).to_be_focused()
    room.press("Enter")
    expect_case(room.page, "Revision", "Reading 1, period 1", 8)
