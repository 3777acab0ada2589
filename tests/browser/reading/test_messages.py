"""A question from the reading room, its answer, and an announcement, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from studies.protocol.models import Study
from tests.browser.people import new_page, pass_announcement, save_screenshot
from tests.browser.reading.test_unsent import read, save_status, sign_in, study  # noqa: F401

SIZES = ((1024, 768), (1366, 768))
QUESTION = "Is the shadow at 2 o'clock an osteophyte?\nI can see 3 of them."


def save_screenshots(page: Page, name: str) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        save_screenshot(page, f"messages-{name}-{width}")


def question_dialog(page: Page):
    return page.get_by_role("dialog", name="Question about this reading")


@pytest.mark.slow
def test_question_is_asked_answered_and_never_lost(
    study: Study,  # noqa: F811
    browser: Browser,
    server: str,
) -> None:
    rita, clara = new_page(browser, server), new_page(browser, server)
    sign_in(rita, "rita")
    read(rita, study)
    pass_announcement(rita)
    save_screenshots(rita, "room")
    rita.keyboard.press("q")
    dialog = question_dialog(rita)
    expect(dialog).to_contain_text("Reading 1, period 1")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    rita.keyboard.type(QUESTION)
    save_screenshots(rita, "dialog")
    rita.context.set_offline(True)
    rita.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Not sent.")
    save_screenshots(rita, "offline")
    rita.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    # Neither the digits of the question nor its keys scored a cell.
    expect(rita.locator(".pad-cell.filled")).to_have_count(0)
    rita.context.set_offline(False)
    read(rita, study)
    rita.get_by_role("button", name="Ask", exact=True).click()
    expect(dialog.get_by_role("textbox")).to_have_value(QUESTION)
    dialog.get_by_role("button", name="Send question").click()
    expect(rita.locator(".panel .notice")).to_contain_text("Question sent.")

    sign_in(clara, "clara")
    save_screenshots(clara, "home-of-coordinator")
    clara.goto(f"/studies/{study.slug}/messages")
    save_screenshots(clara, "list")
    clara.get_by_role("link", name="Reading 1, period 1 of R01").click()
    expect(clara.locator(".conversation")).to_contain_text("I can see 3 of them.")
    clara.get_by_label("Answer").fill("Osteophytes are not calcification of the wall.")
    save_screenshots(clara, "thread")
    clara.get_by_role("button", name="Send answer").click()
    expect(clara.locator(".messages")).to_contain_text("Message sent.")
    clara.get_by_role("button", name="Open messages").click()
    clara.get_by_role("button", name="Open announcements").click()
    clara.get_by_label("Announcement").fill("The server restarts on Friday at 18:00.")
    clara.get_by_role("button", name="Publish announcement").click()
    expect(clara.locator(".conversation")).to_contain_text("Acknowledged by 0 readers.")
    save_screenshots(clara, "announcements")

    for number in range(1, 9):
        rita.keyboard.press("1")
        expect(rita.locator(".pad-cell.filled")).to_have_count(number)
    expect(save_status(rita)).to_have_text("Saved")
    expect(rita.get_by_role("dialog")).to_have_count(0)
    # The announcement was published after this reading had been shown, so that it is due before
    # the one after the next; a reload asks again.
    rita.keyboard.press("Control+Enter")
    expect(rita.locator(".count")).to_have_text("2 of 2")
    expect(rita.get_by_role("button", name="Ask. You have unread messages.")).to_be_visible()
    save_screenshots(rita, "dot")

    rita.goto("/")
    expect(rita.locator("main")).to_contain_text("The server restarts on Friday at 18:00.")
    save_screenshots(rita, "home-of-reader")
    rita.get_by_role("button", name="Messages 1 unread").click()
    save_screenshots(rita, "reader")
    rita.get_by_role("button", name="Acknowledge announcement").click()
    rita.get_by_role("link", name="Reading 1, period 1").click()
    expect(rita.locator(".conversation")).to_contain_text("Osteophytes are not calcification")
    save_screenshots(rita, "thread-of-reader")
    rita.goto("/")
    expect(rita.locator("main")).not_to_contain_text("unread")


@pytest.mark.slow
def test_announcement_appears_between_two_readings_and_once(
    study: Study,  # noqa: F811
    browser: Browser,
    server: str,
) -> None:
    clara, rita = new_page(browser, server), new_page(browser, server)
    sign_in(clara, "clara")
    clara.goto(f"/studies/{study.slug}/announcements")
    clara.get_by_label("Announcement").fill("Pause on Friday.")
    clara.get_by_role("button", name="Publish announcement").click()
    expect(clara.locator(".conversation")).to_contain_text("Pause on Friday.")
    sign_in(rita, "rita")
    rita.goto(f"/studies/{study.slug}/read")
    notice = rita.get_by_role("dialog", name="Announcement")
    expect(notice).to_contain_text("Coordinator,")
    save_screenshots(rita, "announcement")
    # Leaving the page at once would cancel the request.
    with rita.expect_response(re.compile("/acknowledge$")):
        rita.keyboard.press("Enter")
    expect(notice).to_have_count(0)
    read(rita, study)
    expect(rita.get_by_role("dialog")).to_have_count(0)
    clara.reload()
    expect(clara.locator(".conversation")).to_contain_text("Acknowledged by 1 reader.")
