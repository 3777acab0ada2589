"""Which keys and clicks score in Firefox, and which do not."""

from __future__ import annotations

import pytest

from tests.browser.firefox import room as keys
from tests.browser.firefox.room import (
    FILLED,
    current_cell,
    dispatch_key,
    record_keys,
    recorded_keys,
    wait_for_scores,
)
from tests.browser.firefox.tab import Tab

pytestmark = pytest.mark.slow

GUIDES_VISIBLE = """document.querySelector('.guide-line')?.checkVisibility({
    visibilityProperty: true, opacityProperty: true }) ?? false"""
# What the keys x, g, i, w and c type on a Russian and a Greek keyboard and in an input method.
LAYOUTS = ["чпшцс", "χγιςψ", ["Process"] * 5]


def test_alt_option_and_altgr_neither_score_nor_move(room: Tab) -> None:
    record_keys(room)
    for alt in (keys.ALT, keys.ALT_RIGHT):
        for key in ("2", keys.NUMPAD[1], keys.NUMPAD_WITHOUT_NUMLOCK[1], "x", keys.RIGHT):
            room.press(alt, key)
    assert ["Digit2", "2", True] in recorded_keys(room)
    # AltGr, as Windows, Linux and macOS report it; WebDriver has no such key.
    dispatch_key(room, "²", "Digit2", modifierAltGraph=True)
    dispatch_key(room, "²", "Digit2", modifierAltGraph=True, altKey=True, ctrlKey=True)
    dispatch_key(room, "™", "Digit2", altKey=True)
    assert room.count(FILLED) == 0
    assert current_cell(room) == "L1 posterior"
    # The room does receive keys.
    room.press("2")
    wait_for_scores(room, 1)


@pytest.mark.parametrize("typed", LAYOUTS, ids=["Cyrillic", "Greek", "input method"])
def test_letter_keys_act_by_position_in_another_script(room: Tab, typed: list[str]) -> None:
    x, g, i, w, c = typed
    window = "document.querySelector('.window-tool').textContent"
    room.wait_for(GUIDES_VISIBLE)
    dispatch_key(room, g, "KeyG")
    room.wait_for(f"!({GUIDES_VISIBLE})")
    before = room.picture(".image-pane")
    dispatch_key(room, i, "KeyI")
    room.wait_for_paint()
    assert room.picture(".image-pane") != before
    name = room.evaluate(window)
    dispatch_key(room, w, "KeyW")
    room.wait_for(f"{window} !== {name!r}")
    dispatch_key(room, x, "KeyX")
    assert room.count_by_role("dialog", "Not readable") == 1
    dispatch_key(room, x, "KeyX")
    assert room.count_by_role("dialog", "Not readable") == 0
    dispatch_key(room, c, "KeyC")
    assert room.count_by_role("dialog", "Comment") == 1
    assert room.count(FILLED) == 0


def test_number_pad_scores_with_and_without_numlock(room: Tab) -> None:
    record_keys(room)
    for key in (*keys.NUMPAD[:4], *keys.NUMPAD_WITHOUT_NUMLOCK[:4]):
        room.press(key)
    wait_for_scores(room, 8)
    figures = "[...document.querySelectorAll('.pad-cell .figure')].map((cell) => cell.textContent)"
    assert room.evaluate(figures) == [*"01230123"]
    assert [key for _, key, _ in recorded_keys(room)] == [
        *"0123",
        *("Insert", "End", "ArrowDown", "PageDown"),
    ]
    assert {code for code, _, _ in recorded_keys(room)} == {f"Numpad{n}" for n in range(4)}


def test_number_pad_never_moves_the_cell(room: Tab) -> None:
    room.press("1")
    wait_for_scores(room, 1)
    record_keys(room)
    for key in (*keys.NUMPAD_WITHOUT_NUMLOCK[4:], keys.NUMPAD_DELETE):
        room.press(key)
    assert {"ArrowLeft", "ArrowRight", "ArrowUp", "Delete"} <= {
        key for _, key, _ in recorded_keys(room)
    }
    assert current_cell(room) == "L1 anterior"
    assert room.count(FILLED) == 1
    # The arrow keys beside the number pad do.
    room.press(keys.LEFT)
    assert current_cell(room) == "L1 posterior"


def test_double_click_and_held_key_score_one_cell(room: Tab) -> None:
    room.click(".scores button:nth-child(2)", times=2)
    wait_for_scores(room, 1)
    assert current_cell(room) == "L1 anterior"
    room.hold("3", repeats=4)
    wait_for_scores(room, 2)
    assert current_cell(room) == "L2 posterior"
    assert room.count(FILLED) == 2


def test_guides_are_hidden_while_their_key_is_held(room: Tab) -> None:
    room.wait_for(GUIDES_VISIBLE)
    room.evaluate(f"""(() => {{
        window.shown = [];
        const note = () => window.shown.push({GUIDES_VISIBLE});
        for (const name of ['keydown', 'keyup']) {{
            window.addEventListener(name, () => requestAnimationFrame(note));
        }}
    }})()""")
    room.press("g", hold_ms=600)
    room.wait_for("window.shown.length === 2")
    assert room.evaluate("window.shown") == [False, True]


def test_keys_do_not_score_while_the_image_is_too_small(room: Tab) -> None:
    room.resize(1024, 450)
    room.wait_for("!document.querySelector('.size-gate').hidden")
    room.press("3")
    assert room.count(FILLED) == 0
    room.resize(1366, 768)
    room.wait_for("document.querySelector('.size-gate').hidden")
    room.press("3")
    wait_for_scores(room, 1)
