"""axe finds nothing on the pages and dialogs of readers and coordinators, in light and in dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studies.practice.instructions.versions import save_instructions
from studies.practice.practice_set import add_phantoms
from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.browser.axe import AXE, Audit
from tests.browser.images import make_phantom_case
from tests.browser.people import new_page
from tests.browser.reading.test_unsent import save_status, sign_in
from tests.make import make_reader, make_site, make_study

STUDY_PAGES = [
    *("", "setup", "people", "cases", "upload", "deidentification", "assignment"),
    *("progress", "progress/R01", "practice/setup", "instructions"),
]
INSTRUCTIONS = "# Before you start\n\nScore **all** eight cells."


@pytest.fixture
def studies(server: str, tmp_path: Path) -> dict[str, Study]:
    """A guided study with a practice set and a recommended display check, and two measured ones."""
    clara = User.objects.get(username="clara")
    studies_by_arm = {}
    for name, arm, check in (
        ("guided", "guided", "recommended"),
        ("measured", "guided measured", "off"),
        ("level lines", "measured", "off"),
    ):
        study = make_study(
            clara, name=f"Study {name}", arms=[arm], readers_per_case=1, display_check=check
        )
        site = make_site(study)
        make_reader(study, site, f"reader-{study.slug}")
        make_phantom_case(study, site, tmp_path, 4700, "ge_idxa")
        save_instructions(study=study, by=clara, text=INSTRUCTIONS, arm_texts={})
        add_phantoms(study=study, by=clara, number=1)
        assign_cases(study=study, by=clara)
        studies_by_arm[name] = open_study(study=study, by=clara)
    return studies_by_arm


def room_states(audit: Audit) -> None:
    """Check the reading room with each of its dialogs and tools."""
    page = audit.page
    keys: list[tuple[str, str, Callable[[], None]]] = [
        ("not readable", "x", lambda: page.keyboard.press("Escape")),
        ("comment", "c", lambda: page.keyboard.press("Escape")),
        ("help", "?", lambda: page.get_by_role("button", name="Close help").click()),
        ("guide", "h", lambda: page.keyboard.press("h")),
        ("ruler", "m", lambda: page.keyboard.press("Escape")),
        ("magnifier", "z", lambda: page.keyboard.press("z")),
        ("paused", "p", lambda: page.keyboard.press("p")),
    ]
    audit.check("room")
    for name, key, leave in keys:
        page.keyboard.press(key)
        audit.check(name)
        leave()
    size = page.viewport_size
    page.set_viewport_size({"width": 1366, "height": 420})
    expect(page.locator(".size-gate")).to_be_visible()
    # The panel scrolls: its foot covers a part of the buttons above until then.
    audit.check("image too small", "target-size")
    assert size is not None
    page.set_viewport_size(size)
    expect(page.locator(".size-gate")).to_be_hidden()


def wait_for_room(page: Page) -> None:
    expect(page.locator(".status-screen")).to_be_hidden()
    expect(save_status(page)).to_have_text("Saved")


def acknowledge(audit: Audit) -> None:
    button = audit.page.get_by_role("button", name="I have read this")
    expect(button).to_be_visible()
    audit.check("instructions")
    button.click()


@pytest.mark.slow
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make setup")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    scheme: str, studies: dict[str, Study], browser: Browser, server: str
) -> None:
    violations: list[str] = []
    guided, measured = studies["guided"].slug, studies["measured"].slug
    lines = studies["level lines"].slug

    audit = Audit(page := new_page(browser, server), scheme)
    sign_in(page, f"reader-{guided}")
    for path in ("/", "/profile", f"/studies/{guided}/practice"):
        audit.visit(path)
    page.goto(f"/studies/{guided}/read")
    acknowledge(audit)
    expect(page.get_by_role("dialog", name="Display check")).to_be_visible()
    audit.check("display check")
    for box in page.get_by_label("I cannot see any letters").all():
        box.check()
    page.get_by_role("button", name="Check the letters").click()
    expect(page.get_by_role("heading", name="Display check not passed")).to_be_visible()
    audit.check("display check, result")
    page.get_by_role("button", name="Continue").click()
    wait_for_room(page)
    room_states(audit)
    page.goto(f"/studies/{guided}/practice")
    page.get_by_role("button", name="Start practice").click()
    wait_for_room(page)
    audit.check("practice room")
    for _ in range(8):
        page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".feedback")).to_be_visible()
    audit.check("practice feedback")
    violations += audit.violations
    page.context.close()

    for slug, key, state in ((measured, "t", "drawing off"), (lines, "b", "level lines")):
        audit = Audit(page := new_page(browser, server), scheme)
        sign_in(page, f"reader-{slug}")
        page.goto(f"/studies/{slug}/read")
        acknowledge(audit)
        wait_for_room(page)
        audit.check("measured room")
        page.keyboard.press(key)
        audit.check(f"measured room, {state}")
        violations += audit.violations
        page.context.close()

    audit = Audit(page := new_page(browser, server), scheme)
    sign_in(page, "clara")
    for path in STUDY_PAGES:
        audit.visit(f"/studies/{guided}/{path}")
    audit.visit("/studies/new")
    violations += audit.violations
    assert not violations, "\n".join(violations)
