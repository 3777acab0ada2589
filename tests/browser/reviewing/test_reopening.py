"""Reopening of a locked study by two people in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from studies.protocol.models import Study
from tests.browser.people import new_page, save_screenshot
from tests.browser.reading.test_unsent import sign_in
from tests.browser.reviewing.reviewed_study import make_reviewed_study

pytestmark = pytest.mark.slow
REASON = "The image of C0002 belongs to another patient."


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:
    return make_reviewed_study(tmp_path)


def test_coordinator_requests_and_statistician_confirms(
    study: Study, browser: Browser, server: str
) -> None:
    clara, stan = new_page(browser, server), new_page(browser, server)
    sign_in(clara, "clara")
    clara.goto(f"/studies/{study.slug}/review")
    clara.get_by_role("button", name="Reopen study").click()
    clara.get_by_label("Reason").fill(REASON)
    clara.get_by_role("button", name="Request reopening").click()
    expect(clara.locator("main")).to_contain_text("Waiting for confirmation by a statistician.")
    expect(clara.get_by_role("button", name="Reopen study")).to_have_count(0)
    save_screenshot(clara, "reopening-requested")

    sign_in(stan, "stan")
    stan.goto(f"/studies/{study.slug}/review")
    expect(stan.locator(".message.caution")).to_contain_text("waiting for confirmation")
    stan.get_by_role("link", name="View request").click()
    expect(stan.locator("main")).to_contain_text(REASON)
    stan.get_by_role("button", name="Reopen study").click()
    dialog = stan.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(stan.locator("main")).to_contain_text(REASON)
    stan.get_by_role("button", name="Reopen study").click()
    dialog.get_by_role("button", name="Reopen study").click()
    expect(stan.locator(".messages")).to_contain_text(re.compile("paused", re.I))
    save_screenshot(stan, "reopening-confirmed")
    row = stan.locator("tbody tr")
    expect(row).to_contain_text("CO01 (coordinator)")
    expect(row).to_contain_text("S01 (statistician)")
    stan.goto(f"/studies/{study.slug}/review")
    expect(stan.locator("main")).to_contain_text("once the study is locked")
