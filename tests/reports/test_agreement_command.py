from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.analytics.rows import crossover

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    unset = ("DATABASE_URL", "CELERY_BROKER_URL", "VERTEREAD_SECRET_KEY")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        [sys.executable, "manage.py", "agreement", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    path = tmp_path / "readings.csv"
    path.write_text(crossover(cases=12), encoding="utf-8")
    return path


def test_records_are_printed_without_a_database(readings: Path) -> None:
    done = run(str(readings), "--json")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    kappas = [each for each in results if each["statistic"] == "cohen_kappa"]
    assert {each["weights"] for each in kappas} == {"none", "linear", "quadratic"}
    assert {"statistic", "weights", "outcome", "arm", "readers", "value", "se", "ci", "n"} <= set(
        kappas[0]
    )


def test_one_kind_of_weights_can_be_chosen(readings: Path) -> None:
    results = json.loads(run(str(readings), "--json", "--weights", "linear").stdout)["results"]
    assert {each["weights"] for each in results} == {"linear", None}


def test_without_json_a_table_is_printed(readings: Path) -> None:
    done = run(str(readings), "--weights", "quadratic")
    assert "guided-unguided" in done.stdout
    assert "R1 and R2" in done.stdout


def test_bad_file_is_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("reader,case,level,wall,score\nA,1,L1,anterior,9\n")
    done = run(str(path), "--json")
    assert done.returncode == 1
    assert 'Row 2, column score: "9"' in done.stderr
    assert "Traceback" not in done.stderr
