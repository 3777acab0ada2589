"""A coordinator corrects corners in a real browser: by mouse, by keyboard, and for good."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from inference.phantom import generate
from inference.phantom.export import write_dicom
from tests.browser.people import Coordinator, new_page


def test_dragged_and_nudged_corners_are_a_new_set_after_a_reload(
    server: str, browser: Browser, tmp_path: Path
) -> None:
    clara = Coordinator(new_page(browser, server))
    clara.sign_in("clara")
    clara.make_study("Corner study")
    clara.add_site("A", "North Hospital")
    write_dicom(generate(4711, partial=0.0, odd_count=0.0), tmp_path / "phantom.dcm")
    clara.upload([tmp_path / "phantom.dcm"], held=1, refused=0)
    clara.release_held(1)
    (case,) = clara.wait_for_analysis()
    found = clara.case(case["id"])["landmark_set"]

    clara.begin_correction(case["id"])
    before = clara.drawn_guides()
    clara.drag_corner("L3 inferior anterior", 8, 6)
    dragged = clara.drawn_guides()
    assert dragged != before
    page = clara.page
    page.get_by_role("button", name="L1 superior posterior").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="L1 superior anterior")).to_be_focused()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowUp"):
        page.keyboard.press(key)
    nudged = clara.drawn_guides()
    assert nudged != dragged
    clara.save_corners(version=2)

    page.reload()
    assert clara.drawn_guides() == nudged
    history = page.locator(".history")
    expect(history).to_contain_text("Version 2: 2 corners moved by")
    expect(history).to_contain_text("Version 1: found by the network")
    saved = clara.case(case["id"])["landmark_set"]
    x, y = found["landmarks"]["L1"]["superior_anterior"]
    assert saved["landmarks"]["L1"]["superior_anterior"] == pytest.approx([x + 1.5, y - 5])
    assert (
        saved["landmarks"]["L3"]["inferior_anterior"]
        != found["landmarks"]["L3"]["inferior_anterior"]
    )
    original = page.request.get(f"/api/v1/cases/{case['id']}/landmarks/1").json()
    assert original["landmarks"] == found["landmarks"]
    assert original["guides"] == found["guides"]
