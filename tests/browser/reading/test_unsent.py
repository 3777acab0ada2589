"""Entries that the server has not stored yet, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.browser.people import new_page, save_screenshot
from tests.make import PASSWORD, make_case, make_reader, make_site, make_study

UNSENT = "Object.keys(localStorage).filter((key) => key.startsWith('verteread/outbox/')).length"


@pytest.fixture
def study(server: str) -> Study:
    """An open study with two cases and two readers, created before the browser runs."""
    clara = User.objects.get(username="clara")
    study = make_study(clara, arms=["unguided"])
    site = make_site(study)
    for name in ("rita", "rolf"):
        make_reader(study, site, name)
    for _ in range(2):
        make_case(study, site)
    assign_cases(study=study, by=clara)
    return open_study(study=study, by=clara)


def sign_in(page: Page, username: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My studies")).to_be_visible()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def read(page: Page, study: Study) -> None:
    page.goto(f"/studies/{study.slug}/read")
    expect(page.locator(".status-screen")).to_be_hidden()
    expect(save_status(page)).to_have_text("Saved")


def save_status(page: Page) -> Locator:
    return page.locator(".panel .save-status")


def focus_tab(page: Page) -> None:
    """Send the event of a reader who returns to the tab."""
    page.evaluate("window.dispatchEvent(new Event('focus'))")


@pytest.fixture
def context(study: Study, browser: Browser, server: str) -> BrowserContext:
    """The browser that two readers share."""
    return new_page(browser, server).context


@pytest.mark.slow
def test_scores_wait_on_the_device_while_another_reader_is_signed_in(
    study: Study, context: BrowserContext
) -> None:
    rita, second = context.pages[0], context.new_page()
    sign_in(rita, "rita")
    read(rita, study)
    context.set_offline(True)
    for key in "123":
        rita.keyboard.press(key)
    expect(save_status(rita)).to_have_text(
        "Offline. Saved on this device; will sync when you reconnect"
    )
    context.clear_cookies()
    context.set_offline(False)
    focus_tab(rita)
    expect(save_status(rita)).to_contain_text("Signed out. Saved on this device")
    assert rita.evaluate(UNSENT) >= 3

    sign_in(second, "rolf")
    focus_tab(rita)
    expect(save_status(rita)).to_contain_text("Another person is signed in. Saved on this device")
    save_screenshot(rita, "another-person")
    read(second, study)
    note = "This device holds 3 unsent entries from another person"
    expect(second.locator(".panel > .unsent")).to_contain_text(note)
    expect(second.locator(".pad-cell.filled")).to_have_count(0)
    save_screenshot(second, "note-of-another-person")
    assert rita.evaluate(UNSENT) >= 3

    sign_out(second)
    sign_in(second, "rita")
    focus_tab(rita)
    expect(save_status(rita)).to_have_text("Saved")
    read(second, study)
    expect(second.locator(".pad-cell.filled .figure")).to_have_text(["1", "2", "3"])


@pytest.mark.slow
def test_comment_of_another_window_does_not_overwrite_the_text_being_typed(
    study: Study, context: BrowserContext
) -> None:
    first, second = context.pages[0], context.new_page()
    sign_in(first, "rita")
    read(first, study)
    read(second, study)
    first.keyboard.press("c")
    first.get_by_label("Comment on this case").fill("theirs")
    first.keyboard.press("Escape")
    expect(save_status(first)).to_have_text("Saved")

    delayed: list[Route] = []
    second.route(re.compile("/comment$"), lambda route: delayed.append(route), times=1)
    second.keyboard.press("c")
    comment = second.get_by_label("Comment on this case")
    with second.expect_request(re.compile("/comment$")):
        comment.press_sequentially("mine")
    comment.press_sequentially(", and more")
    delayed[0].continue_()
    expect(comment).to_have_value("theirs\nmine, and more")
    expect(second.locator(".notice")).to_contain_text("Both texts are kept")
    second.keyboard.press("Escape")
    expect(save_status(second)).to_have_text("Saved")
    read(first, study)
    first.keyboard.press("c")
    text = first.get_by_label("Comment on this case")
    expect(text).to_have_value("theirs\nmine, and more")


@pytest.mark.slow
def test_stale_score_is_kept_until_it_is_saved_again_or_discarded(
    study: Study, context: BrowserContext
) -> None:
    first, second = context.pages[0], context.new_page()
    sign_in(first, "rita")
    read(first, study)
    read(second, study)
    for key in "11":
        first.keyboard.press(key)
    expect(save_status(first)).to_have_text("Saved")
    second.keyboard.press("2")
    expect(save_status(second)).to_contain_text("Not stored on the server")
    save_screenshot(second, "stale")
    review = second.locator(".panel > .unsent").get_by_role("button", name="Review")
    review.click()
    dialog = second.get_by_role("dialog", name="1 unsent entry")
    expect(dialog).to_contain_text(re.compile(r"This case, L1 (posterior|anterior): 2"))
    save_screenshot(second, "review")
    dialog.get_by_role("button", name="Save again").click()
    expect(save_status(second)).to_have_text("Saved")
    expect(second.locator(".pad-cell.filled .figure").first).to_have_text("2")
    read(first, study)
    expect(first.locator(".pad-cell.filled .figure").first).to_have_text("2")

    second.locator(".pad-cell").first.click()
    second.keyboard.press("0")
    expect(save_status(second)).to_have_text("Saved")
    first.locator(".pad-cell").first.click()
    first.keyboard.press("3")
    review = first.locator(".panel > .unsent").get_by_role("button", name="Review")
    review.click()
    first.get_by_role("dialog").get_by_role("button", name="Discard").click()
    dialog = first.get_by_role("dialog", name="Discard 1 unsent entry")
    expect(dialog).to_contain_text("cannot be recovered")
    dialog.get_by_role("button", name="Cancel").click()
    assert first.evaluate(UNSENT) >= 1
    review.click()
    first.get_by_role("dialog").get_by_role("button", name="Discard").click()
    dialog.get_by_role("button", name="Discard").click()
    expect(save_status(first)).to_have_text("Saved")
    expect(first.locator(".pad-cell.filled .figure").first).to_have_text("0")
