"""A whole study in a real browser, from an uploaded file to the kappa in the report."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pydicom import dcmread
from sklearn.metrics import cohen_kappa_score

from inference.phantom import generate
from inference.phantom.export import write_dicom
from inference.phantom.families import CLASSIC
from tests.browser.people import Coordinator, Reader, Scores, new_page
from tests.pdf_text import text_of

ARMS = ("unguided", "guided")
CASES = 2
KEYS = {
    "rita": ["00112233", "01230123", "00112233", "21023102"],
    "rolf": ["01112233", "01230122", "10112223", "21023112"],
}
Given = dict[tuple[str, int], tuple[str, Scores]]
Row = dict[str, str]


def test_two_readers_read_two_cases_and_the_report_has_their_kappa(
    server: str, worker: None, browser: Browser, tmp_path: Path
) -> None:
    clara = Coordinator(new_page(browser, server))
    clara.sign_in("clara")
    clara.create_study("Browser study")
    clara.add_site("A", "North Hospital")
    readers = {}
    for name in KEYS:
        readers[name] = Reader(new_page(browser, server))
        readers[name].join(clara.invite_reader("North Hospital"), name)

    clara.upload(files_in(tmp_path), pending=CASES, rejected=1)
    clara.release_pending(CASES)
    cases = clara.wait_for_analysis()
    assert [case["state"] for case in cases] == ["ready"] * CASES, cases
    clara.accept_level_labels(cases)
    clara.assign_and_open()

    given: Given = {}
    for name, reader in readers.items():
        reader.start()
        for number, keys in enumerate(KEYS[name], start=1):
            given[name, number] = reader.read_one(number, [int(key) for key in keys])
        reader.expect_all_read()
        arms = [given[name, number][0] for number in range(1, len(KEYS[name]) + 1)]
        assert sorted(arms) == ["guided", "guided", "unguided", "unguided"]
        assert arms[0] == arms[1]
        assert len(set(reader.guide_requests)) == CASES

    clara.lock()
    report = text_of(clara.download_report(tmp_path))
    rows = list(csv.DictReader(io.StringIO(clara.download("readings.csv").decode("utf-8-sig"))))
    check_rows_equal_entries(rows, given)
    expected = {arm: kappa_of(rows, arm) for arm in ARMS}
    stated = json.loads(clara.download("agreement.json"))["results"]
    for arm in ARMS:
        assert stated_kappa(stated, arm) == pytest.approx(expected[arm], abs=1e-9)
    assert printed_kappas(report) == [f"{expected[arm]:.2f}" for arm in ARMS]


def files_in(folder: Path) -> list[Path]:
    """Two phantoms without a statement on burned-in annotation, and one file that is not DICOM."""
    paths = [folder / f"phantom-{number}.dcm" for number in range(CASES)]
    for number, path in enumerate(paths):
        phantom = generate(4711 + number, family=CLASSIC, partial=0.0, odd_count=0.0)
        write_dicom(phantom, path)
        dataset = dcmread(path)
        dataset.pop("BurnedInAnnotation", None)
        dataset.save_as(path)
    notes = folder / "notes.dcm"
    notes.write_text("not a DICOM file")
    return [*paths, notes]


def check_rows_equal_entries(rows: list[Row], given: Given) -> None:
    """Check that every pressed key is one row of the tidy table, and that there is no other row."""
    readings = sorted({(row["reader"], row["period"], int(row["position"])) for row in rows})
    assert len(rows) == len(readings) * 8
    stored = sorted(
        (row["arm"], f"{row['level']} {row['wall']}", int(row["score"])) for row in rows
    )
    pressed = sorted(
        (arm, cell, score) for arm, scores in given.values() for cell, score in scores.items()
    )
    assert stored == pressed


def kappa_of(rows: list[Row], arm: str) -> float:
    """Linearly weighted kappa of the eight cells pooled, by scikit-learn."""
    by_reader: dict[str, dict[tuple[str, str, str], int]] = {}
    for row in rows:
        if row["arm"] == arm:
            cell = (row["case"], row["level"], row["wall"])
            by_reader.setdefault(row["reader"], {})[cell] = int(row["score"])
    first, second = (by_reader[reader] for reader in sorted(by_reader))
    assert first.keys() == second.keys()
    cells = sorted(first)
    assert len(cells) == CASES * 8
    ratings = [[scores[cell] for cell in cells] for scores in (first, second)]
    return float(cohen_kappa_score(*ratings, labels=[0, 1, 2, 3], weights="linear"))


def stated_kappa(results: list[dict[str, object]], arm: str) -> object:
    values = [
        result["value"]
        for result in results
        if (result["statistic"], result["weights"], result["outcome"], result["arm"])
        == ("cohen_kappa", "linear", "cells", arm)
    ]
    assert len(values) == 1
    return values[0]


def printed_kappas(report: str) -> list[str]:
    """Return the unguided and the guided kappa from the report's table of weights."""
    table = report.partition("by weighting scheme, mean over pairs of readers")[2]
    row = re.search(r"\bLinear (.*?) Quadratic", table)
    assert row is not None, report[:500]
    estimates = re.sub(r"\([^)]*\)", "", row.group(1))
    return [number.replace("−", "-") for number in re.findall(r"−?\d\.\d\d", estimates)][:2]
