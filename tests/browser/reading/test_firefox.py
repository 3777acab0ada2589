"""Input in the reading room in Debian's Firefox."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from studies.protocol.models import Study
from tests.browser.reading.firefox import Firefox
from tests.browser.reading.phantom_room import open_phantom_study
from tests.make import PASSWORD

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
# Key values of WebDriver.
CONTROL, ALT, SHIFT, ENTER, RIGHT = "\ue009", "\ue00a", "\ue008", "\ue007", "\ue014"
NUMPAD_2 = "\ue01c"
FILLED = "document.querySelectorAll('.pad-cell.filled').length"
CURRENT = "document.querySelector('.pad-cell[aria-current=\"true\"]').getAttribute('aria-label')"
ANNOUNCED = "document.querySelector('dialog[open] h2')?.textContent"

pytestmark = pytest.mark.skipif(FIREFOX is None, reason="Firefox is not installed")


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:
    return open_phantom_study(tmp_path, cases=1)


@pytest.fixture
def firefox(study: Study, tmp_path: Path) -> Iterator[Firefox]:
    folder = tmp_path / "firefox"
    folder.mkdir()
    browser = Firefox(str(FIREFOX), folder)
    yield browser
    browser.close()


@pytest.mark.slow
def test_reading_room_is_operated_by_keys_and_guarded_against_slips(
    firefox: Firefox, study: Study, server: str
) -> None:
    firefox.goto(f"{server}/accounts/login/")
    for name, value in (("login", "rita"), ("password", PASSWORD)):
        firefox.evaluate(f"document.querySelector('[name={name}]').value = '{value}'")
    firefox.evaluate("document.querySelector('form[method=post]').submit() ?? 0")
    firefox.wait_for("location.pathname === '/'")
    firefox.goto(f"{server}/studies/{study.slug}/read")
    firefox.wait_for("document.querySelector('.pad-cell') !== null")
    firefox.wait_for("document.querySelector('.status-screen').hidden")

    firefox.press(ALT, "2")
    firefox.press(SHIFT, RIGHT)
    assert firefox.evaluate(FILLED) == 0
    assert firefox.evaluate(CURRENT) == "L1 posterior: no score"
    firefox.click(".scores button:nth-child(2)", times=2)
    firefox.wait_for(f"{FILLED} === 1")
    assert firefox.evaluate(CURRENT) == "L1 anterior: no score"
    firefox.press(NUMPAD_2)
    firefox.wait_for(f"{FILLED} === 2")

    lower_spine = """document.querySelector('[aria-label="Show lower spine"]')"""
    pressed = f"{lower_spine}.getAttribute('aria-pressed')"
    firefox.resize(1024, 450)
    firefox.wait_for("!document.querySelector('.size-gate').hidden")
    firefox.press("3")
    assert firefox.evaluate(FILLED) == 2
    firefox.resize(1366, 768)
    firefox.wait_for("document.querySelector('.size-gate').hidden")

    firefox.press("l")
    firefox.wait_for(f"{pressed} === 'true'")
    firefox.press("+")
    firefox.wait_for(f"{pressed} === 'false'")
    for key in "012301":
        firefox.press(key)
    firefox.wait_for("document.querySelector('.save-status').textContent === 'Saved'")
    assert firefox.evaluate(FILLED) == 8
    firefox.press(CONTROL, ENTER)
    firefox.wait_for(f"{ANNOUNCED} === 'Period 2 of 2 begins'")
    firefox.click("dialog[open] button.primary")
    firefox.wait_for("document.querySelector('.count').textContent === '2 of 2'")
    firefox.wait_for("document.querySelector('.status-screen').hidden")
    assert firefox.evaluate(FILLED) == 0
