"""Requirements on image size and display in the reading room, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from studies.protocol.models import Study
from tests.browser.people import new_page, save_screenshot
from tests.browser.reading.phantom_room import open_phantom_study, wait_until
from tests.browser.reading.test_unsent import save_status, sign_in

SHOWN_LETTERS = "window.shownLetters"
# Chromium's own font rendering is not part of the test: the letters are noted as they are drawn.
NOTE_LETTERS = """
    window.shownLetters = [];
    const fillText = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        window.shownLetters.push([text, this.fillStyle]);
        return fillText.call(this, text, ...rest);
    };
"""


def enter(page: Page, study: Study) -> None:
    page.goto(f"/studies/{study.slug}/read")


def set_screen(page: Page, width: int, height: int, zoom: float = 1) -> None:
    """Set the window in device pixels, at a page zoom."""
    devtools = page.context.new_cdp_session(page)
    devtools.send(
        "Emulation.setDeviceMetricsOverride",
        {
            "width": round(width / zoom),
            "height": round(height / zoom),
            "deviceScaleFactor": zoom,
            "mobile": False,
        },
    )
    wait_until(page, f"innerWidth === {round(width / zoom)}")


@pytest.fixture
def plain_study(server: str, tmp_path: Path) -> Study:
    return open_phantom_study(tmp_path, arms=["unguided"])


@pytest.fixture
def checked_study(server: str, tmp_path: Path) -> Study:
    return open_phantom_study(
        tmp_path, arms=["unguided"], display_check="required", display_contrast=8
    )


@pytest.fixture
def opened(plain_study: Study, browser: Browser, server: str) -> tuple[Page, Study]:
    study = plain_study
    page = new_page(browser, server)
    sign_in(page, "rita")
    enter(page, study)
    expect(page.locator(".status-screen")).to_be_hidden()
    expect(save_status(page)).to_have_text("Saved")
    return page, study


@pytest.mark.slow
def test_small_image_cannot_be_scored_but_page_zoom_locks_no_reader_out(
    opened: tuple[Page, Study],
) -> None:
    page, study = opened
    gate = page.locator(".size-gate")
    filled = page.locator(".pad-cell.filled")
    expect(gate).to_be_hidden()
    set_screen(page, 1366, 480)
    expect(gate).to_be_visible()
    expect(gate).to_contain_text("The image area is 480 device pixels high.")
    expect(gate).to_contain_text("requires at least 500")
    for key in ("1", "x", "2"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Score 2", exact=True).click()
    expect(filled).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    for zoom in (1, 2, 4):
        set_screen(page, 1366, 768, zoom)
        expect(gate).to_be_hidden()
    set_screen(page, 1366, 480, 2)
    expect(gate).to_be_visible()
    set_screen(page, 1366, 768, 2)
    expect(gate).to_be_hidden()
    page.keyboard.press("1")
    expect(filled).to_have_count(1)
    page.set_viewport_size({"width": 1024, "height": 450})
    save_screenshot(page, "image-too-small")
    assert study.minimum_image_px == 500


def typed_rows(page: Page, end: str) -> list[str]:
    """Return the letters of an end that were drawn last, in rows of two."""
    drawn = page.evaluate(SHOWN_LETTERS)[-20:]
    letters = [text for text, _ in (drawn[:10] if end == "dark" else drawn[10:])]
    return ["".join(letters[index : index + 2]) for index in range(0, 10, 2)]


def fill(page: Page, end: str, rows: list[str]) -> None:
    """Type the rows of an end with the keyboard alone, from the field that has the focus."""
    for row in rows:
        page.keyboard.type(row.lower())
        page.keyboard.press("Tab")
    # The box "I cannot see any letters".
    page.keyboard.press("Tab")


@pytest.mark.slow
def test_required_check_is_asked_again_until_it_is_passed(
    checked_study: Study, browser: Browser, server: str
) -> None:
    study = checked_study
    page = new_page(browser, server)
    page.add_init_script(NOTE_LETTERS)
    sign_in(page, "rita")
    enter(page, study)
    dialog = page.get_by_role("dialog", name="Display check")
    expect(dialog).to_be_visible()
    greys = [style for _, style in page.evaluate(SHOWN_LETTERS)]
    assert greys[::2] == [
        *("#202020", "#101010", "#080808", "#040404", "#020202"),
        *("#dfdfdf", "#efefef", "#f7f7f7", "#fbfbfb", "#fdfdfd"),
    ]
    for name, size in {"1366x768": (1366, 768), "1024x768": (1024, 768)}.items():
        page.set_viewport_size({"width": size[0], "height": size[1]})
        save_screenshot(page, f"display-check-{name}")
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    page.get_by_role("button", name="Check the letters").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Dark end: type the letters")
    for box in dialog.get_by_label("I cannot see any letters").all():
        box.check()
    page.get_by_role("button", name="Check the letters").click()
    expect(dialog).to_contain_text("Display check not passed")
    save_screenshot(page, "display-check-not-passed")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Dark end, row 1")).to_be_focused()
    # The first three of five rows have the required contrast.
    fill(page, "dark", [*typed_rows(page, "dark")[:3], "", ""])
    fill(page, "bright", typed_rows(page, "bright"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Display check passed")
    expect(dialog).to_contain_text("Dark end: all letters read down to a contrast of 8.")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator(".status-screen")).to_be_hidden()
    expect(save_status(page)).to_have_text("Saved")
    page.reload()
    expect(page.locator(".pad-cell.current")).to_be_visible()
    expect(dialog).to_have_count(0)


@pytest.mark.slow
def test_phone_is_refused_and_tablet_is_accepted(
    plain_study: Study, browser: Browser, server: str
) -> None:
    study = plain_study
    touch: dict[str, Any] = {"has_touch": True, "is_mobile": True}
    for size, refused in (((390, 844), True), ((744, 1133), False)):
        screen = {"width": size[0], "height": size[1]}
        page = new_page(browser, server, screen=screen, device_scale_factor=2, **touch)
        page.set_viewport_size(screen)
        sign_in(page, "rita")
        enter(page, study)
        heading = page.get_by_role("heading", name="Phones are too small for reading")
        if refused:
            expect(heading).to_be_visible()
            save_screenshot(page, "phone")
            current = page.request.get(f"/api/v1/studies/{study.slug}/reading").json()["current"]
            assert current["state"] == "waiting"
        else:
            expect(page.locator(".status-screen")).to_be_hidden()
            page.get_by_role("button", name="Score 2", exact=True).click()
            expect(page.locator(".pad-cell.filled")).to_have_count(1)
            save_screenshot(page, "tablet")
        page.context.close()


@pytest.mark.slow
def test_ruler_is_operated_by_keyboard(opened: tuple[Page, Study]) -> None:
    page, _ = opened
    cell = page.locator(".pad-cell.current").get_attribute("aria-label")
    spoken = page.locator(".room-viewer > [aria-live]")
    page.get_by_role("button", name="Ruler", exact=True).click()
    expect(spoken).to_contain_text("arrow keys")
    page.keyboard.press("ArrowLeft")
    expect(spoken).to_contain_text("First end at column")
    page.keyboard.press("Enter")
    expect(spoken).to_contain_text("First end set.")
    for _ in range(20):
        page.keyboard.press("ArrowDown")
    expect(spoken).to_have_text(re.compile(r"^\d+\.\d mm$"))
    label = page.locator(".ruler-label")
    coarse = float((label.text_content() or "").split()[0])
    page.keyboard.press("Control+ArrowDown")
    fine = float((label.text_content() or "").split()[0])
    assert 0 < fine - coarse < coarse / 20
    save_screenshot(page, "ruler-by-keyboard")
    page.keyboard.press("Enter")
    expect(spoken).to_contain_text("Second end set.")
    assert page.locator(".pad-cell.current").get_attribute("aria-label") == cell
    page.keyboard.press("Escape")
    expect(label).to_have_count(0)
    expect(page.get_by_role("button", name="Ruler", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )
    page.keyboard.press("ArrowDown")
    assert page.locator(".pad-cell.current").get_attribute("aria-label") != cell
