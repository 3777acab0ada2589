"""The view of the image in the reading room, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from studies.protocol.models import Study
from tests.browser.people import new_page, pass_announcement, save_screenshot
from tests.browser.reading.phantom_room import (
    CASES,
    IN_VIEW,
    Pixels,
    Room,
    open_phantom_study,
    wait_until,
)
from tests.browser.reading.test_unsent import sign_in

CANVAS = "document.querySelector('.room-viewer > canvas')"


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:
    return open_phantom_study(tmp_path)


@pytest.fixture
def room(study: Study, browser: Browser, server: str) -> Room:
    page = new_page(browser, server)
    sign_in(page, "rita")
    room = Room(page, study)
    room.enter()
    return room


@pytest.mark.slow
def test_guided_reading_without_guides_equals_the_unguided_reading_in_pixels(room: Room) -> None:
    shown: dict[str, dict[str, list[Pixels]]] = {}
    for number in range(2 * CASES):
        pass_announcement(room.page)
        expect(room.page.locator(".count")).to_have_text(re.compile(rf"^{number + 1} of"))
        room.wait_for_image()
        arm, code = room.arm, room.case_code()
        guides = room.page.locator(".guide-line")
        with_guides = room.image()
        if arm == "guided":
            expect(guides).to_have_count(13)
            room.press("g")
        else:
            expect(guides).to_have_count(0)
        images = [room.image()]
        if arm == "guided":
            assert (with_guides != images[0]).any()
        room.press("1", "2", "3", "l")
        images.append(room.image())
        room.press("Space", "0", "0", "0", "0", "0")
        images.append(room.image())
        shown.setdefault(code, {})[arm] = images
        room.submit()
    assert len(shown) == CASES
    for arms in shown.values():
        assert arms.keys() == {"guided", "unguided"}
        for guided, unguided in zip(arms["guided"], arms["unguided"], strict=True):
            assert guided.shape == unguided.shape
            assert np.array_equal(guided, unguided)
    # The pictures above are of images, not of an empty pane.
    assert all(images[0].std() > 20 for arms in shown.values() for images in arms.values())


@pytest.mark.slow
def test_keys_zoom_move_and_measure_and_the_view_is_reported(room: Room) -> None:
    page = room.page
    pane = page.locator(".room-viewer")
    box = pane.bounding_box()
    assert box is not None
    fitted = room.image()
    room.press("l")
    lower = room.image()
    assert (lower != fitted).any()
    expect(page.get_by_role("button", name="Show lower spine")).to_have_attribute(
        "aria-pressed", "true"
    )
    room.press("Space")
    assert np.array_equal(room.image(), fitted)

    # Shift and arrows move the view, not the cell.
    cell = page.locator(".pad-cell.current").get_attribute("aria-label")
    room.press("+", "Shift+ArrowRight")
    assert page.locator(".pad-cell.current").get_attribute("aria-label") == cell
    room.press("Shift+ArrowLeft", "-")

    # The point under the pointer stays: there is the same grey before and after.
    at = box["x"] + box["width"] / 2 + 60, box["y"] + 500.0
    page.mouse.move(*at)
    before = room.image()[500, int(box["width"] / 2) + 60].astype(int)
    room.press("+", "+")
    after = room.image()[500, int(box["width"] / 2) + 60].astype(int)
    assert abs(before - after).max() < 40
    # A view counts once it is on the screen.
    room.press("o")
    assert (room.image() != fitted).any()
    room.press("Space")

    room.press("z")
    magnifier = page.locator("canvas.magnifier")
    expect(magnifier).to_be_visible()
    page.mouse.move(at[0] + 50, at[1])
    lens = magnifier.bounding_box()
    assert lens is not None
    assert lens["x"] + lens["width"] / 2 == pytest.approx(at[0] + 50, abs=1.5)
    save_screenshot(page, "magnifier")
    room.press("z")
    expect(magnifier).to_be_hidden()

    room.press("m")
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] + 30, at[1] + 40, steps=3)
    page.mouse.up()
    expect(page.locator(".ruler-label")).to_have_text(re.compile(r"^\d+\.\d mm$"))
    save_screenshot(page, "ruler")
    expect(page.locator(".window-tool")).not_to_have_text("Manual window")
    room.press("m")
    expect(page.locator(".ruler-label")).to_have_count(0)

    room.press("l")
    assert (room.image() != fitted).any()
    room.press(*"01230123")
    room.submit()
    expect(page.locator(".count")).to_have_text(re.compile("^2 of"))
    room.wait_for_image()
    (view,) = room.views
    assert view["preset"] == "lower_spine"
    assert view["presets"][:2] == ["fit", "lower_spine"]
    assert {"manual", "actual_size"} <= {*view["presets"]}
    assert view["zoom"] == pytest.approx(1 / 0.54)
    assert view["zoom_min"] <= 1 and view["zoom_max"] >= view["zoom"]
    # The option of the study is "reset".
    expect(page.get_by_role("button", name="Show lower spine")).to_have_attribute(
        "aria-pressed", "false"
    )
    expect(page.get_by_role("button", name="Keep view")).to_be_hidden()


@pytest.mark.slow
def test_canvas_follows_the_device_pixel_ratio_and_full_screen(room: Room) -> None:
    page = room.page
    ratio = f"{CANVAS}.width / {CANVAS}.clientWidth"
    assert page.evaluate(ratio) == 1
    devtools = page.context.new_cdp_session(page)
    screen = {"width": 1366, "height": 768, "mobile": False}
    for scale in (2, 1):
        change = {**screen, "deviceScaleFactor": scale}
        devtools.send("Emulation.setDeviceMetricsOverride", change)
        # This emulation sends no event, unlike a real change, so something must be drawn.
        room.press("i")
        wait_until(page, f"{ratio} === {scale}")
    room.press("f")
    wait_until(page, "document.fullscreenElement !== null")
    room.press("1")
    expect(page.locator(".pad-cell.filled")).to_have_count(1)
    room.press("f")
    wait_until(page, "document.fullscreenElement === null")


@pytest.mark.slow
def test_slips_of_keys_and_mouse_do_not_score(room: Room) -> None:
    page = room.page
    filled = page.locator(".pad-cell.filled")
    room.press("Alt+2", "Alt+Numpad1")
    send = "(init) => window.dispatchEvent(new KeyboardEvent('keydown', init))"
    page.evaluate(send, {"key": "\u00b2", "code": "Digit2", "modifierAltGraph": True})
    expect(filled).to_have_count(0)
    page.get_by_role("button", name="Score 2", exact=True).dblclick()
    expect(filled).to_have_count(1)
    expect(page.locator('.pad-cell[aria-current="true"]')).to_have_attribute(
        "aria-label", re.compile("^L1 anterior")
    )
    page.evaluate(send, {"key": "PageDown", "code": "Numpad3"})
    expect(filled).to_have_count(2)
    page.evaluate(send, {"key": "ArrowUp", "code": "Numpad8"})
    page.evaluate(send, {"key": "\u0447", "code": "KeyX"})
    expect(page.get_by_role("dialog", name="Not readable")).to_be_visible()
    expect(page.get_by_role("heading", name="L2 posterior")).to_be_visible()
    room.press("Escape", "?")
    help_dialog = page.get_by_role("dialog", name="Help and keys")
    for name in ("Zoom in", "Show lower spine", "Show or hide ruler", "Move view left"):
        expect(help_dialog).to_contain_text(name)
    room.press("Escape")
    expect(help_dialog).to_have_count(0)


# 683 x 384 is 1366 x 768 at a page zoom of 200 %, and 320 x 256 is 1280 x 1024 at 400 %.
SCREENS = [(683, 384), (320, 568), (320, 256), (1024, 768), (1366, 768)]


@pytest.mark.slow
def test_submit_and_save_indicator_stay_in_view_on_every_screen(room: Room) -> None:
    page = room.page
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(200)
        for scroll in (0, 10_000):
            page.locator(".panel").evaluate("(panel, top) => { panel.scrollTop = top; }", scroll)
            for name in (".submit", ".save-status"):
                assert page.locator(name).evaluate(IN_VIEW), (name, width, height, scroll)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        pane = page.locator(".image-pane").bounding_box()
        assert pane is not None
        assert pane["height"] >= 0.35 * height
        save_screenshot(page, f"room-{width}x{height}")
