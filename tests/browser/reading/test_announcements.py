"""A change of period in a real browser, break reminders, and what the home page promises."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from studies.practice.instructions.versions import save_instructions
from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.models import PeriodAcknowledgement, ReadingSession
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.browser.images import make_phantom_case
from tests.browser.people import new_page, save_screenshot
from tests.browser.reading.test_unsent import save_status, sign_in
from tests.make import make_reader, make_site, make_study

T = TypeVar("T")
ARM_TEXTS = {"guided": "The guides may be wrong.", "unguided": "There are no guides."}

# The canvas stays from case to case; without a case it shows its background alone.
IS_BLANK = """canvas => {
    const copy = Object.assign(document.createElement("canvas"), {
        width: canvas.width, height: canvas.height,
    });
    const context = copy.getContext("2d");
    context.drawImage(canvas, 0, 0);
    const pixels = new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
    return pixels.every((pixel) => pixel === pixels[0]);
}"""


def prepare(
    folder: Path, *, washout_days: int, minutes: int = 0, cases: int = 2, **design: Any
) -> Study:
    """Return an open study whose arms have instructions, created before the browser runs."""
    clara = User.objects.get(username="clara")
    study = make_study(clara, washout_days=washout_days, break_after_minutes=minutes, **design)
    site = make_site(study)
    for name in ("rita", "rolf"):
        make_reader(study, site, name)
    for seed in range(4700, 4700 + cases):
        make_phantom_case(study, site, folder, seed, "ge_idxa")
    save_instructions(study=study, by=clara, text="", arm_texts=ARM_TEXTS)
    assign_cases(study=study, by=clara)
    return open_study(study=study, by=clara)


@pytest.fixture
def crossover(server: str, tmp_path: Path) -> Study:
    return prepare(tmp_path, washout_days=0)


@pytest.fixture
def washout_study(server: str, tmp_path: Path) -> Study:
    return prepare(tmp_path, washout_days=28, minutes=1)


def in_database(use: Callable[[], T]) -> T:
    """Use the database in a thread without the browser's event loop, which Django refuses."""

    def run() -> T:
        try:
            return use()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def read_for_a_minute() -> None:
    (running,) = ReadingSession.objects.all()
    running.unbroken_ms = 60_000
    running.save()


def count_records() -> tuple[int, int]:
    """Return the acknowledged periods and the break reminders."""
    (running,) = ReadingSession.objects.all()
    return PeriodAcknowledgement.objects.count(), running.break_reminders


def enter(browser: Browser, server: str, study: Study) -> Page:
    page = new_page(browser, server, timezone_id="Europe/Berlin")
    sign_in(page, "rita")
    page.goto(f"/studies/{study.slug}/read")
    return page


def read_one(page: Page, number: int) -> str:
    expect(page.locator(".count")).to_have_text(re.compile(rf"^{number} of \d+$"))
    expect(page.locator(".status-screen")).to_be_hidden()
    expect(page.locator(".pad-cell.filled")).to_have_count(0)
    arm = page.locator(".progress-row .badge").inner_text().lower()
    for filled in range(1, 9):
        page.keyboard.press("0")
        expect(page.locator(".pad-cell.filled")).to_have_count(filled)
    expect(save_status(page)).to_have_text("Saved")
    page.keyboard.press("Control+Enter")
    return arm


@pytest.mark.slow
def test_each_period_is_announced_with_its_instructions_on_one_screen(
    crossover: Study, browser: Browser, server: str
) -> None:
    page = enter(browser, server, crossover)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading").first).to_have_text("Period 1 of 2 begins")
    save_screenshot(page, "announcement-period-1")
    dialog.get_by_role("button", name="Start period 1").click()
    expect(dialog).to_have_count(0)
    first = {read_one(page, number) for number in (1, 2)}

    expect(dialog.get_by_role("heading").first).to_have_text("Period 2 of 2 begins")
    guided_first = first == {"guided"}
    change = "no guides are shown" if guided_first else "guides are shown on the image"
    expect(dialog).to_contain_text(f"From now on, {change}")
    expect(dialog).to_contain_text(ARM_TEXTS["unguided" if guided_first else "guided"])
    assert page.locator(".guide-line").count() == 0
    # Neither the scores of the reading before nor its arm are left beside the announcement.
    expect(page.locator(".progress-row")).to_be_hidden()
    expect(page.locator(".pad")).to_be_hidden()
    for width, height in ((1920, 1080), (1024, 768), (1366, 768)):
        page.set_viewport_size({"width": width, "height": height})
        save_screenshot(page, f"announcement-period-2-{width}")

    # Reloading asks again, and Escape does not pass.
    page.reload()
    expect(dialog).to_have_count(1)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(1)
    dialog.get_by_role("button", name="Start period 2").click()
    expect(dialog).to_have_count(0)
    second = {read_one(page, number) for number in (3, 4)}
    assert first | second == {"guided", "unguided"}
    expect(page.get_by_role("heading", name="All cases read")).to_be_visible()


@pytest.mark.slow
def test_announcement_alone_is_acknowledged_by_one_key(
    crossover: Study, browser: Browser, server: str
) -> None:
    page = enter(browser, server, crossover)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Start period 1").click()
    for number in (1, 2):
        read_one(page, number)
    # The instructions of the second arm were acknowledged elsewhere, for example in practice.
    arm = dialog.locator(".badge").inner_text().lower()
    instructions = f"/api/v1/studies/{crossover.slug}/instructions/acknowledge"
    token = page.context.cookies()
    csrf = next(cookie["value"] for cookie in token if "csrf" in cookie["name"])
    sent = page.request.post(
        instructions,
        data={"version": 1, "part": arm},
        headers={"X-CSRFToken": csrf, "Referer": server},
    )
    assert sent.ok, sent.text()
    page.reload()
    start = dialog.get_by_role("button", name="Start period 2")
    expect(start).to_be_focused()
    save_screenshot(page, "announcement-alone")
    dialog.get_by_role("button", name="Open instructions").click()
    expect(page.get_by_role("dialog")).to_have_count(2)
    page.get_by_role("button", name="Close").click()
    start.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    read_one(page, 3)


@pytest.mark.slow
def test_break_reminder_stands_between_two_readings_and_washout_sends_to_my_studies(
    washout_study: Study, browser: Browser, server: str
) -> None:
    page = enter(browser, server, washout_study)
    dialog = page.get_by_role("dialog")
    with page.expect_response("**/open"):
        dialog.get_by_role("button", name="Start period 1").click()
    in_database(read_for_a_minute)
    page.reload()
    expect(page.locator(".status-screen")).to_be_hidden()
    expect(dialog).to_have_count(0)
    page.mouse.move(300, 300)
    read_one(page, 1)
    expect(dialog.get_by_role("heading")).to_have_text("Time for a break?")
    assert page.locator(".room-viewer canvas:not(.magnifier)").evaluate(IS_BLANK)
    for width, height in ((1920, 1080), (1024, 768), (1366, 768)):
        page.set_viewport_size({"width": width, "height": height})
        save_screenshot(page, f"break-reminder-{width}")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    read_one(page, 2)

    screen = page.locator(".status-screen")
    expect(screen).to_contain_text("Period 1 is complete. Period 2 opens later")
    expect(screen).to_contain_text("See My studies for the date and time. 2 of 4 read.")
    assert not re.search(r"\d{2}:\d{2}", screen.inner_text())
    save_screenshot(page, "washout")
    page.get_by_role("button", name="Go to my studies").click()
    expect(page.get_by_text("Period 2 opens on")).to_be_visible()
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        save_screenshot(page, f"home-{scheme}")
    page.set_viewport_size({"width": 1024, "height": 768})
    save_screenshot(page, "home-1024")
    assert in_database(count_records) == (1, 1)
