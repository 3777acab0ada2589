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
    kappas = [record for record in results if record["statistic"] == "cohen_kappa"]
    assert {record["weights"] for record in kappas} == {"none", "linear", "quadratic"}
    assert {"statistic", "weights", "outcome", "arm", "readers", "value", "se", "ci", "n"} <= set(
        kappas[0]
    )


def test_one_scheme_of_weights_can_be_selected(readings: Path) -> None:
    results = json.loads(run(str(readings), "--json", "--weights", "linear").stdout)["results"]
    assert {record["weights"] for record in results} == {"linear", None}


def test_without_json_a_table_is_printed(readings: Path) -> None:
    done = run(str(readings), "--weights", "quadratic")
    assert "guided-unguided" in done.stdout
    assert "R1 and R2" in done.stdout


def test_periods_can_be_compared(tmp_path: Path) -> None:
    header, *lines = crossover(cases=8).splitlines()
    later = [line.replace(",guided,1,1,", ",guided,2,1,") for line in lines]
    path = tmp_path / "periods.csv"
    path.write_text("\n".join([header, *later]))
    done = run(str(path), "--json", "--weights", "linear", "--compare", "period 2,period 1")
    results = json.loads(done.stdout)["results"]
    difference = next(record for record in results if record["statistic"] == "kappa_difference")
    assert difference["arms"] == ["period 2", "period 1"]
    assert difference["arm"] == "period 2-period 1"


def test_missing_arm_is_named_and_the_rest_is_computed(readings: Path) -> None:
    done = run(str(readings), "--json", "--weights", "none", "--compare", "assisted,unguided")
    assert done.returncode == 0
    assert 'no readings of "assisted". Arms: unguided, guided' in done.stderr
    whole = json.loads(done.stdout)
    assert "No differences were computed." in whole["warnings"][-1]
    assert not any("difference" in record["statistic"] for record in whole["results"])


def test_by_site_requires_json(readings: Path) -> None:
    done = run(str(readings), "--by", "site")
    assert done.returncode == 1
    assert "Add --json" in done.stderr


def test_bootstrap_is_reproduced_by_its_seed(readings: Path) -> None:
    arguments = (str(readings), "--json", "--weights", "linear", "--bootstrap", "20", "--seed", "4")
    first, again = (json.loads(run(*arguments).stdout)["results"] for _ in range(2))
    assert first == again
    mean = next(record for record in first if record["statistic"] == "mean_kappa_difference")
    assert {"ci_bootstrap", "ci_bca", "ci_bootstrap_readers"} <= set(mean)


def test_bad_file_is_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("reader,case,level,wall,score\nA,1,L1,anterior,9\n")
    done = run(str(path), "--json")
    assert done.returncode == 1
    assert 'Row 2, column score: "9"' in done.stderr
    assert "Traceback" not in done.stderr
