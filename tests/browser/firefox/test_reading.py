"""Whole readings in Firefox: scoring, submitting, the view of the image, and drawing."""

from __future__ import annotations

from pathlib import Path

import pgtrigger
import pytest

from studies.cases.models import LandmarkSet
from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.models import Reading, Score
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.browser.firefox.room import (
    CONTROL,
    ENTER,
    RIGHT,
    SHIFT,
    current_cell,
    enter_room,
    sign_in,
    wait_for_case,
    wait_for_scores,
    wait_until_saved,
)
from tests.browser.firefox.tab import Point, Tab
from tests.browser.reading.phantom_room import open_phantom_study
from tests.make import HEIGHT, WIDTH, make_case, make_reader, make_site, make_study
from tests.sessions.measuring.test_saving import GUIDES

pytestmark = pytest.mark.slow


def test_nine_keys_complete_and_submit_a_reading(tab: Tab, server: str, tmp_path: Path) -> None:
    study = open_phantom_study(tmp_path, cases=1)
    sign_in(tab, "rita")
    enter_room(tab, study)
    tab.type("01230123")
    tab.press(CONTROL, ENTER)
    tab.wait_for_text("dialog[open] h2", "Period 2 of 2 begins")
    reading = Reading.objects.get(state=Reading.State.SUBMITTED)
    scores = Score.objects.filter(reading=reading).order_by("cell")
    assert {score.cell: score.score for score in scores} == {
        "L1_posterior": 0,
        "L1_anterior": 1,
        "L2_posterior": 2,
        "L2_anterior": 3,
        "L3_posterior": 0,
        "L3_anterior": 1,
        "L4_posterior": 2,
        "L4_anterior": 3,
    }
    tab.click("dialog[open] button.primary")
    tab.wait_for_text(".count", "2 of 2")
    wait_for_case(tab)
    wait_for_scores(tab, 0)


def test_keys_zoom_move_magnify_and_measure(room: Tab) -> None:
    fitted = room.picture(".image-pane")

    def changed_by(*keys: str) -> bool:
        before = room.picture(".image-pane")
        room.press(*keys)
        room.wait_for_paint()
        return room.picture(".image-pane") != before

    for keys in (["+"], [SHIFT, RIGHT], ["l"], ["o"], ["i"], ["w"]):
        assert changed_by(*keys), keys
    assert current_cell(room) == "L1 posterior"
    room.press(" ")
    room.wait_for_paint()
    assert room.picture(".image-pane") == fitted

    x, y = room.centre(".image-pane")
    room.press("z")
    room.hover((x + 50, y))
    lens = room.box("canvas.magnifier")
    assert lens["x"] + lens["width"] / 2 == pytest.approx(x + 50, abs=1.5)
    room.save_screenshot("magnifier")
    room.press("z")
    room.press("m")
    room.drag((x, y), (x + 30, y + 40))
    label = room.evaluate("document.querySelector('.ruler-label').textContent")
    assert label.endswith(" mm")
    room.save_screenshot("ruler")
    room.press("m")
    assert room.count(".ruler-label") == 0


def test_full_screen_begins_and_ends_with_its_key(room: Tab) -> None:
    room.press("f")
    room.wait_for("document.fullscreenElement !== null")
    room.press("1")
    wait_for_scores(room, 1)
    room.press("f")
    room.wait_for("document.fullscreenElement === null")


@pytest.fixture
def measured_room(tab: Tab, server: str) -> Tab:
    """A measured reading of an image with levels of 20 rows from row 10."""
    clara = User.objects.get(username="clara")
    study: Study = make_study(clara, arms=["guided measured"], readers_per_case=1)
    site = make_site(study)
    make_reader(study, site, "rita")
    make_case(study, site)
    with pgtrigger.ignore("cases.LandmarkSet:never_changed"):
        LandmarkSet.objects.update(guides=GUIDES)
    assign_cases(study=study, by=clara)
    open_study(study=study, by=clara)
    sign_in(tab, "rita")
    enter_room(tab, study)
    return tab


def on_image(tab: Tab, column: float, row: float) -> Point:
    """Return the position of a pixel of the fitted image on the screen."""
    box = tab.box(".room-viewer")
    scale = min(box["width"] / WIDTH, box["height"] / HEIGHT)
    left = box["x"] + (box["width"] - WIDTH * scale) / 2
    top = box["y"] + (box["height"] - HEIGHT * scale) / 2
    return left + (column + 0.5) * scale, top + (row + 0.5) * scale


def lengths(tab: Tab, cell: str) -> str:
    text: str = tab.evaluate(
        f"""document.querySelector('.pad-cell[aria-label^="{cell}"] .lengths').textContent"""
    )
    return text


@pytest.mark.parametrize("pointer", ["mouse", "touch"])
def test_traces_are_drawn_with_mouse_and_finger(measured_room: Tab, pointer: str) -> None:
    tab = measured_room
    tab.press("v")
    # From row 25 to row 45: a quarter of L1, and three quarters of L2.
    tab.drag(on_image(tab, 60, 25), on_image(tab, 60, 45), pointer=pointer)
    tab.wait_for("document.querySelectorAll('svg.traces .line.trace').length === 1")
    tab.save_screenshot(f"trace-{pointer}")
    for cell, share in (("L1 anterior", 25), ("L2 anterior", 75)):
        percent = int(lengths(tab, cell).split(",")[1].strip(" %\u00a0\u202f"))
        assert percent == pytest.approx(share, abs=1)
    tab.press("a")
    wait_for_scores(tab, 8)
    wait_until_saved(tab)
    tab.press(CONTROL, ENTER)
    tab.wait_for_text(".status-screen:not([hidden])", "All cases read")
