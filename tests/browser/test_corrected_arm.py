"""A study with guides of the network and of corrected landmarks, from the upload to the report."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import Coordinator, Lines, Reader, new_page
from tests.browser.test_story import (
    CASES,
    Given,
    check_rows_equal_entries,
    files_in,
    kappa_of,
    stated_kappa,
)
from tests.pdf_text import text_of

CODES = {
    "unguided": "unguided",
    "guided": "guided",
    "guided, corrected landmarks": "guided corrected",
}
"""Codes of the arms by their names in the reading room."""
READERS = ("rita", "rolf")


@pytest.mark.slow
def test_corrected_arm_shows_the_coordinators_corners_from_the_analysis_to_the_report(
    server: str, worker: None, browser: Browser, tmp_path: Path
) -> None:
    clara = Coordinator(new_page(browser, server))
    clara.sign_in("clara")
    clara.create_study("Corrected study", more_arms=["guided corrected"])
    clara.add_site("A", "North Hospital")
    readers = {}
    for name in READERS:
        readers[name] = Reader(new_page(browser, server))
        readers[name].join(clara.invite_reader("North Hospital"), name)

    clara.upload(files_in(tmp_path), pending=CASES, rejected=1)
    clara.release_pending(CASES)
    cases = clara.wait_for_analysis()
    clara.accept_level_labels(cases)
    corrected, confirmed = (case["id"] for case in cases)
    by_network, by_coordinator = review_corners(clara, corrected=corrected, confirmed=confirmed)
    clara.assign_and_open()

    given: Given = {}
    for name, reader in readers.items():
        grades = random.Random(name)
        reader.start()
        for number in range(1, len(CODES) * CASES + 1):
            arm, scores = reader.read_one(number, [grades.randrange(4) for _ in range(8)])
            given[name, number] = CODES[arm], scores
        reader.expect_all_read()
        assert sorted(reader.guides.pop("guided")) == sorted(by_network)
        assert sorted(reader.guides.pop("guided, corrected landmarks")) == sorted(by_coordinator)
        assert reader.guides == {}

    clara.lock()
    report = " ".join(text_of(clara.download_report(tmp_path)).split())
    assert "those of 1 case were corrected, and those of 1 case were confirmed" in report
    rows = list(csv.DictReader(io.StringIO(clara.download("readings.csv").decode("utf-8-sig"))))
    check_rows_equal_entries(rows, given)
    stated = json.loads(clara.download("agreement.json"))["results"]
    for code in CODES.values():
        expected = kappa_of(rows, code)
        assert stated_kappa(stated, code) == pytest.approx(expected, abs=1e-9)
        assert f"{expected:.2f}".replace("-", "−") in report
    versions = {(row["arm"], row["landmark_set"].rsplit("-v", 1)[1]) for row in rows}
    # The confirmed case has the version of the network only.
    assert {version for arm, version in versions if arm == "guided"} == {"1"}
    assert {version for arm, version in versions if arm == "guided corrected"} == {"1", "2"}


def review_corners(
    clara: Coordinator, *, corrected: str, confirmed: str
) -> tuple[list[Lines], list[Lines]]:
    """Correct one case and confirm the other; return the guides before and after, by case.

    Until both are done, no case can be assigned.
    """
    page = clara.page
    page.goto(f"/studies/{clara.slug}/")
    expect(page.get_by_role("button", name="Review corners")).to_be_visible()
    clara.start_correction(corrected)
    before = clara.drawn_guides()
    clara.drag_corner("L3 inferior anterior", 8, 6)
    after = clara.drawn_guides()
    assert after != before
    clara.save_corners(version=2)
    clara.confirm_corners(confirmed)
    unchanged = clara.drawn_guides()
    page.goto(f"/studies/{clara.slug}/")
    expect(page.get_by_role("button", name="Open assignment")).to_be_visible()
    return [before, unchanged], [after, unchanged]
