"""The reading room of Firefox by keyboard, with assistive technology and on small screens."""

from __future__ import annotations

import io
import json

import numpy as np
import PIL.Image
import pytest

from tests.browser.firefox.room import (
    CURRENT_CELL,
    DOWN,
    LEFT,
    RIGHT,
    TAB,
    UP,
    current_cell,
    wait_for_scores,
)
from tests.browser.firefox.tab import Tab, element
from tests.browser.reading.phantom_room import IN_VIEW

pytestmark = pytest.mark.slow

PANE = ".room-viewer"
FOCUSED_PANE = f"document.activeElement === {element(PANE)}"
# Width and height in CSS pixels, and device pixels per CSS pixel.
SCREENS = {
    "1366 x 768 at 200 % zoom": (683, 384, 2),
    "1280 x 1024 at 400 % zoom": (320, 256, 4),
    "phone": (320, 568, 2),
    "small tablet": (1024, 768, 1),
    "laptop": (1366, 768, 1),
}


def test_exactly_the_current_cell_has_aria_current(room: Tab) -> None:
    for key, cell in (
        (DOWN, "L2 posterior"),
        (RIGHT, "L2 anterior"),
        (UP, "L1 anterior"),
        (LEFT, "L1 posterior"),
    ):
        room.press(key)
        assert current_cell(room) == cell
        assert room.count(CURRENT_CELL) == 1
        assert room.count(".pad [aria-current]") == 1
        assert room.count_by_role("button", f"{cell}: no score") == 1


def test_image_pane_takes_the_focus_and_describes_its_keys(room: Tab) -> None:
    for _ in range(4):
        room.press(TAB)
        if room.evaluate(FOCUSED_PANE):
            break
    assert room.evaluate(FOCUSED_PANE)
    assert room.count_by_role("region", "Image of the current case, anterior to the right") == 1
    description = room.attribute(PANE, "aria-describedby")
    text = room.evaluate(f"document.getElementById({json.dumps(description)}).textContent")
    for key in ("Zoom: + and -.", "Lower spine: l.", "Magnifier: z. Ruler: m.", "Invert: i."):
        assert key in text
    outline = f"getComputedStyle({element(PANE)}, '::after').outlineStyle"
    assert room.evaluate(outline) == "solid"
    # The image keeps the focus while the cells are scored.
    room.press("2")
    wait_for_scores(room, 1)
    assert room.evaluate(FOCUSED_PANE)


def test_submit_and_save_indicator_stay_in_view_at_200_percent_and_320_px(room: Tab) -> None:
    for name, (width, height, pixel_ratio) in SCREENS.items():
        room.resize(width, height, pixel_ratio=pixel_ratio)
        room.wait_for(f"innerWidth === {width} && devicePixelRatio === {pixel_ratio}")
        room.wait_for_paint()
        room.save_screenshot(f"room-{width}x{height}")
        for top in (0, 10_000):
            room.evaluate(f"{element('.panel')}.scrollTop = {top}")
            for selector in (".submit", ".save-status"):
                assert room.evaluate(f"({IN_VIEW})({element(selector)})"), (name, top, selector)
        assert room.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert room.box(".image-pane")["height"] >= 0.35 * height, name


def test_scrollbar_beside_the_image_is_dark(room: Tab) -> None:
    room.resize(1024, 450)
    room.wait_for("innerHeight === 450")
    room.wait_for_paint()
    assert room.evaluate(f"{element('.panel')}.scrollHeight > {element('.panel')}.clientHeight")
    room.save_screenshot("scrollbar")
    width = room.evaluate(f"{element('.panel')}.offsetWidth - {element('.panel')}.clientWidth")
    assert width > 1, "this Firefox has overlay scrollbars"
    picture = PIL.Image.open(io.BytesIO(room.picture(".panel"))).convert("L")
    assert np.asarray(picture)[:, 1 - width :].max() < 128
