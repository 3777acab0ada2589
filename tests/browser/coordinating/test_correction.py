"""A coordinator corrects corners in a real browser, by mouse and by keyboard."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from inference.phantom import generate
from inference.phantom.export import write_dicom
from tests.browser.people import Coordinator, new_page, save_screenshot


@pytest.mark.slow
def test_dragged_and_nudged_corners_are_a_new_set_after_a_reload(
    server: str, worker: None, browser: Browser, tmp_path: Path
) -> None:
    clara = Coordinator(new_page(browser, server))
    clara.sign_in("clara")
    clara.create_study("Corner study")
    clara.add_site("A", "North Hospital")
    write_dicom(generate(4711, partial=0.0, odd_count=0.0), tmp_path / "phantom.dcm")
    clara.upload([tmp_path / "phantom.dcm"], pending=1, rejected=0)
    clara.release_pending(1)
    (case,) = clara.wait_for_analysis()
    original_set = clara.case(case["id"])["landmark_set"]

    clara.start_correction(case["id"])
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
    expect(history).to_contain_text("Version 1: located by the network")
    saved = clara.case(case["id"])["landmark_set"]
    x, y = original_set["landmarks"]["L1"]["superior_anterior"]
    assert saved["landmarks"]["L1"]["superior_anterior"] == pytest.approx([x + 1.5, y - 5])
    assert (
        saved["landmarks"]["L3"]["inferior_anterior"]
        != original_set["landmarks"]["L3"]["inferior_anterior"]
    )
    original = page.request.get(f"/api/v1/cases/{case['id']}/landmarks/1").json()
    assert original["landmarks"] == original_set["landmarks"]
    assert original["guides"] == original_set["guides"]


@pytest.mark.slow
def test_relabelling_is_previewed_on_the_image_saved_and_undone(
    server: str, worker: None, browser: Browser, tmp_path: Path
) -> None:
    clara = Coordinator(new_page(browser, server, timezone_id="Asia/Tokyo"))
    clara.sign_in("clara")
    clara.create_study("Label study")
    clara.add_site("A", "North Hospital")
    write_dicom(generate(4711, partial=0.0, odd_count=0.0), tmp_path / "phantom.dcm")
    clara.upload([tmp_path / "phantom.dcm"], pending=1, rejected=0)
    clara.release_pending(1)
    (case,) = clara.wait_for_analysis()
    before = clara.case(case["id"])["landmark_set"]["landmarks"]
    page = clara.page
    page.goto(f"/cases/{case['id']}")
    name = page.locator("text.body-name", has_text="L2")
    expect(name).to_be_visible()
    save_screenshot(page, "relabel-before")
    analysed = datetime.fromisoformat(clara.case(case["id"])["history"][0]["at"])
    account_time = f"{analysed.astimezone(UTC):%-d %b %Y, %H:%M}"
    expect(page.locator(".history")).to_contain_text(account_time)
    at_first = name.bounding_box()

    page.get_by_role("button", name="Relabel levels cranially").click()
    panel = page.get_by_role("region", name="Relabel levels cranially")
    expect(panel).to_contain_text("L1 becomes L2")
    expect(page.get_by_text("Preview, not saved")).to_be_visible()
    previewed = name.bounding_box()
    assert at_first and previewed and previewed["y"] < at_first["y"] - 10
    for width, height in ((1366, 768), (1024, 768)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        save_screenshot(page, f"relabel-preview-{width}")
    page.set_viewport_size({"width": 1366, "height": 768})
    panel.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Preview, not saved")).to_be_hidden()
    assert clara.case(case["id"])["landmark_set"]["version"] == 1

    page.get_by_role("button", name="Relabel levels cranially").click()
    page.get_by_role("button", name="Save labels").click()
    expect(page.get_by_text("Labels saved as version 2.")).to_be_visible()
    save_screenshot(page, "relabel-saved")
    saved = clara.case(case["id"])["landmark_set"]["landmarks"]
    assert saved["L2"] == before["L1"]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".history")).to_contain_text("version 1 restored")
    assert clara.case(case["id"])["landmark_set"]["landmarks"] == before
