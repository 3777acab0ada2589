"""The reading room in a tab of Firefox."""

from __future__ import annotations

import json
from typing import Any

from studies.protocol.models import Study
from tests.browser.firefox.tab import Tab
from tests.make import PASSWORD

# Key values of WebDriver, which Firefox turns into the codes and characters of a keyboard.
ALT, ALT_RIGHT, CONTROL, SHIFT = "\ue00a", "\ue052", "\ue009", "\ue008"
ENTER, ESCAPE, SPACE, TAB = "\ue007", "\ue00c", " ", "\ue004"
LEFT, UP, RIGHT, DOWN = "\ue012", "\ue013", "\ue014", "\ue015"
# Keys 0 to 9 of the number pad: digits, and what they are without NumLock (5 has no key then).
NUMPAD = [chr(0xE01A + digit) for digit in range(10)]
NUMPAD_WITHOUT_NUMLOCK = [*"\ue05c\ue056\ue05b\ue055\ue058\ue05a\ue057\ue059\ue054"]
NUMPAD_DELETE = "\ue05d"

CURRENT_CELL = '.pad-cell[aria-current="true"]'
FILLED = ".pad-cell.filled"


def sign_in(tab: Tab, username: str) -> None:
    tab.goto("/accounts/login/")
    for name, text in (("login", username), ("password", PASSWORD)):
        tab.click(f"[name={name}]")
        tab.type(text)
    tab.press(ENTER)
    tab.wait_for_text("h1", "My studies")


def enter_room(tab: Tab, study: Study) -> None:
    tab.goto(f"/studies/{study.slug}/read")
    wait_for_case(tab)


def wait_for_case(tab: Tab) -> None:
    """Wait until a case is on the screen and nothing is unsaved."""
    tab.wait_for("document.querySelector('.status-screen').hidden")
    wait_until_saved(tab)


def wait_until_saved(tab: Tab) -> None:
    tab.wait_for("document.querySelector('.panel .save-status').textContent === 'Saved'")


def wait_for_scores(tab: Tab, count: int) -> None:
    tab.wait_for(f"document.querySelectorAll('{FILLED}').length === {count}")


def current_cell(tab: Tab) -> str:
    """Return the name of the current cell, such as "L1 anterior"."""
    return (tab.attribute(CURRENT_CELL, "aria-label") or "").partition(":")[0]


def dispatch_key(tab: Tab, key: str, code: str, **modifiers: bool) -> None:
    """Send the event of a key that WebDriver cannot press, such as one of another layout."""
    event = json.dumps({"key": key, "code": code, "bubbles": True, "cancelable": True, **modifiers})
    tab.evaluate(
        "(document.activeElement ?? document.body)"
        f".dispatchEvent(new KeyboardEvent('keydown', {event}))"
    )


def record_keys(tab: Tab) -> None:
    """Start to note the keys that Firefox reports; `recorded_keys` returns them."""
    tab.evaluate("""(() => {
        window.recordedKeys = [];
        window.addEventListener('keydown', ({ key, code, altKey }) => {
            window.recordedKeys.push([code, key, altKey]);
        }, true);
    })()""")


def recorded_keys(tab: Tab) -> list[Any]:
    keys: list[Any] = tab.evaluate("window.recordedKeys")
    return keys
