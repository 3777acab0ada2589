"""The script that is shipped with the files, run as a person would run it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from studies.analytics.io.tidy_csv import table_from_rows
from studies.analytics.study.agreement import agreement
from studies.formats.numbers import decimal
from studies.reports.document.bootstrap.intervals import bootstrap_intervals
from studies.reports.document.tables import agreement_tables, case_tables, study_tables
from studies.reports.document.tables.bootstrap_table import bootstrap_table
from studies.reports.document.tables.contrast_table import icc_contrast_table
from studies.reports.files.reproduction_script import script_for
from studies.reports.files.tidy import csv_lines
from tests.reports.study import study

ROOT = Path(__file__).resolve().parents[3]


def reproduce(script: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("DJANGO")
    }
    return subprocess.run(
        [sys.executable, str(script), *map(str, files)],
        cwd=script.parent,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def played(folder: Path) -> tuple[list[Path], list[str]]:
    rows, summary, table, results = study(cases=24)
    primary = {"outcome": summary.outcome, "weights": summary.weights, "seed": summary.seed}
    resampled = bootstrap_intervals(table, results, **primary)
    paths = [folder / name for name in ("reproduce.py", "readings.csv", "agreement.json")]
    paths[0].write_text(script_for(summary), encoding="utf-8")
    paths[1].write_text("".join(csv_lines(rows)), encoding="utf-8", newline="")
    records = agreement(table_from_rows(enumerate(rows, start=2)), detail=True).records()
    paths[2].write_text(json.dumps({"results": records}), encoding="utf-8")
    shown = [
        agreement_tables.outcome_table(results, weights="linear", primary="cells"),
        agreement_tables.pair_table(results, outcome="cells", weights="linear"),
        agreement_tables.weights_table(results, outcome="cells"),
        agreement_tables.totals_table(results),
        agreement_tables.pair_table(results, outcome="readable", weights="none"),
        study_tables.time_table(table, results.compared),
        bootstrap_table(resampled, **primary, resamples=2000),
        case_tables.burden_table(table),
        icc_contrast_table(table, results, seed=summary.seed, resamples=2000),
    ]
    printed = [
        number
        for table in shown
        for row in table.rows
        for text in row[table.text_columns :]
        for number in re.findall(r"−?\d+\.\d+", text)
    ]
    return paths, printed


def test_every_number_of_the_reports_tables_is_reproduced(tmp_path: Path) -> None:
    paths, printed = played(tmp_path)
    done = reproduce(*paths)
    assert done.returncode == 0, done.stderr
    assert ", 0 differ." in done.stderr
    assert "not the one from which" not in done.stderr
    known: set[str] = set()
    for row in csv.DictReader(io.StringIO(done.stdout)):
        for name in ("value", "se", "ci_low", "ci_high"):
            if row[name]:
                number = float(row[name])
                known |= {decimal(number, 1), decimal(number)}
                known.add(decimal(max(-1.0, min(1.0, number))))
    assert len(printed) > 200
    assert [number for number in printed if number not in known] == []


def test_changed_data_are_detected(tmp_path: Path) -> None:
    paths, _ = played(tmp_path)
    lines = paths[1].read_text().splitlines(keepends=True)
    paths[1].write_text("".join(lines[:-8]), newline="")
    done = reproduce(*paths)
    assert done.returncode == 1
    assert "not the one from which" in done.stderr


@pytest.mark.parametrize(
    ("arms", "compared"),
    [
        (("unguided", "guided"), "('guided', 'unguided')"),
        (("unguided", "measured"), "('measured', 'unguided')"),
        (("guided", "guided measured"), "('guided measured', 'guided')"),
        (("measured",), "None"),
    ],
)
def test_script_compares_the_arms_of_the_study(arms: tuple[str, ...], compared: str) -> None:
    _, summary, _, _ = study()
    script = script_for(replace(summary, arms=arms))
    assert f"\nCOMPARE: tuple[str, str] | None = {compared}\n" in script
