"""axe finds nothing between readings: announcements, breaks, revision, reopening and idleness."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import reopen_reading
from tests.browser.axe import AXE, Audit
from tests.browser.people import new_page, save_screenshot
from tests.browser.reading.test_announcements import in_database, prepare, read_for_a_minute
from tests.browser.reading.test_unsent import save_status, sign_in


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:
    """A crossover study whose readers may revise a period, with a reminder of breaks."""
    return prepare(tmp_path, washout_days=0, minutes=1, revision_rule="period")


def reopen_a_reading() -> None:
    """Reopen the reading of period 1 whose case is not on the screen again."""
    current = Reading.objects.get(state=Reading.State.OPEN)
    reading = Reading.objects.submitted().exclude(case=current.case_id).get()
    clara = User.objects.get(username="clara")
    reopen_reading(reading=reading, by=clara, reason="L1 was hidden by the window.")


def wait_for_case(page: Page, filled: int) -> None:
    expect(page.locator(".status-screen")).to_be_hidden()
    expect(page.locator(".pad-cell.filled")).to_have_count(filled)
    expect(save_status(page)).to_have_text("Saved")


def score_and_submit(page: Page) -> None:
    wait_for_case(page, 0)
    for filled in range(1, 9):
        page.keyboard.press("0")
        expect(page.locator(".pad-cell.filled")).to_have_count(filled)
    expect(save_status(page)).to_have_text("Saved")
    page.keyboard.press("Control+Enter")


def check_idle_warning(audit: Audit) -> None:
    """Let the page believe that the sign-in ends in 100 seconds."""
    page = audit.page
    page.route("**/api/v1/me/sign-in", lambda route: route.fulfill(json={"expires_in_s": 100}))
    page.clock.install()
    page.goto("/")
    # The time of the session is far away for a test, so its timer is brought forward.
    seconds = int(page.locator("html").get_attribute("data-expires-in") or "0")
    page.clock.fast_forward(seconds * 1000)
    expect(page.get_by_role("dialog", name="Signing out soon")).to_be_visible()
    audit.check("idle warning")
    save_screenshot(page, f"idle-warning-{audit.scheme}")


@pytest.mark.slow
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make setup")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_between_readings(
    scheme: str, study: Study, browser: Browser, server: str
) -> None:
    audit = Audit(page := new_page(browser, server, timezone_id="Europe/Berlin"), scheme)
    sign_in(page, "rita")
    expect(page.get_by_role("button", name="Use Europe/Berlin")).to_be_visible()
    audit.check("home, offer of the time zone")
    save_screenshot(page, f"time-zone-offer-{scheme}")
    page.goto(f"/studies/{study.slug}/read")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading").first).to_have_text("Period 1 of 2 begins")
    audit.check("announcement of period 1")
    with page.expect_response("**/open"):
        dialog.get_by_role("button", name="Start period 1").click()

    in_database(read_for_a_minute)
    page.reload()
    page.mouse.move(300, 300)
    score_and_submit(page)
    expect(dialog.get_by_role("heading")).to_have_text("Time for a break?")
    audit.check("break reminder")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)

    wait_for_case(page, 0)
    page.keyboard.press("r")
    expect(
        page.get_by_role("dialog", name="Earlier readings").locator(".choice").first
    ).to_be_focused()
    audit.check("earlier readings")
    page.keyboard.press("Enter")
    wait_for_case(page, 8)
    audit.check("revision")
    page.keyboard.press("Control+Enter")

    score_and_submit(page)
    expect(dialog.get_by_role("heading").first).to_have_text("Period 2 of 2 begins")
    audit.check("announcement of period 2")
    with page.expect_response("**/open"):
        dialog.get_by_role("button", name="Start period 2").click()
    in_database(reopen_a_reading)
    page.reload()
    expect(page.get_by_role("button", name="Continue period 1")).to_be_visible()
    audit.check("return to period 1")
    page.get_by_role("button", name="Continue period 1").click()
    wait_for_case(page, 8)
    expect(page.locator(".reopening-reason")).to_be_visible()
    audit.check("reopened reading")
    page.goto("/")
    expect(page.locator("main")).to_contain_text("was reopened")
    audit.check("home, reopened reading")
    check_idle_warning(audit)
    assert not audit.violations, "\n".join(audit.violations)
