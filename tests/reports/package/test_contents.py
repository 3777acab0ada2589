"""The package in an empty folder: its sums, its scripts, and that wrong numbers are noticed."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from studies.reports.document.bootstrap.intervals import RESAMPLES
from studies.reports.document.summary.conduct import AmendmentSummary
from studies.reports.package.readme import readme
from tests.reports.package.unpacked import (
    needs_r,
    reproduce_in_python,
    reproduce_in_r,
    run,
    unpack,
    write_package,
)
from tests.reports.study import CONDUCT, CONDUCT_TEXTS, FACTS


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "package.zip"
    write_package(path, cases=12)
    return path


@pytest.fixture
def folder(archive: Path, tmp_path: Path) -> Path:
    return unpack(archive, tmp_path / "empty")


def test_sums_are_those_of_every_other_file(folder: Path) -> None:
    checked = run(folder, "sha256sum", "--strict", "-c", "SHA256SUMS")
    assert checked.returncode == 0, checked.stderr
    named = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    assert named | {"SHA256SUMS"} == {path.name for path in folder.iterdir()}


def test_readme_describes_every_file_and_no_other(folder: Path) -> None:
    text = (folder / "README.md").read_text()
    assert set(re.findall(r"^\| `(.*?)` \|", text, re.MULTILINE)) == {
        path.name for path in folder.iterdir()
    } - {"README.md"}
    digest = hashlib.sha256((folder / "readings.csv").read_bytes()).hexdigest()
    assert digest in text


def test_readme_states_amendments_interruptions_and_reopenings(folder: Path) -> None:
    none = (folder / "README.md").read_text()
    assert "- Reopenings of the database: none" in none
    text = readme(replace(FACTS, **CONDUCT), measured=False, readers_resampled=True)
    for sentence in CONDUCT_TEXTS:
        assert sentence in text


def test_texts_of_people_cannot_change_the_form_of_the_readme() -> None:
    amendment = AmendmentSummary(1, date(2026, 10, 5), "name", "A\n## Heading <b>`x`")
    facts = replace(FACTS, amendments=(amendment,))
    text = readme(facts, measured=False, readers_resampled=True)
    assert "Reason: A ## Heading \\<b\\>\\`x\\`" in text


def test_python_reproduces_every_number_without_verteread_installed(folder: Path) -> None:
    done = reproduce_in_python(folder)
    assert done.returncode == 0, done.stderr
    published = json.loads((folder / "statistics.json").read_text())["results"]
    intervals = json.loads((folder / "bootstrap.json").read_text())["intervals"]
    assert f"{len(published)} published numbers compared, 0 differ." in done.stderr
    assert f"{len(intervals)} published numbers compared, 0 differ." in done.stderr
    assert intervals[0]["ci_bootstrap"]
    iccs = json.loads((folder / "bootstrap.json").read_text())["icc_intervals"]
    assert f"{len(iccs)} published numbers compared, 0 differ." in done.stderr
    assert iccs[0]["ci_bootstrap_expanded"]


def test_zipapp_imports_numpy_and_scipy_and_nothing_else(folder: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, 'analytics.pyz')\n"
        "import studies.analytics.cli.main\n"
        "paths = [getattr(m, '__file__', None) or '' for m in list(sys.modules.values())]\n"
        "found = {p.split('site-packages/')[1].split('/')[0] for p in paths if '-packages/' in p}\n"
        "print(*sorted(found & {'numpy', 'scipy', 'django', 'sklearn'}), file=sys.stderr)\n"
        "print(sys.modules['studies.analytics'].__file__, file=sys.stderr)"
    )
    done = run(folder, sys.executable, "-I", "-c", program)
    assert done.returncode == 0, done.stderr
    packages, origin = done.stderr.splitlines()
    assert packages == "numpy scipy"
    assert origin.startswith("analytics.pyz")


@pytest.mark.slow
def test_changed_file_is_named(folder: Path) -> None:
    with (folder / "codebook.csv").open("a") as codebook:
        codebook.write("planted,row\n")
    done = reproduce_in_python(folder)
    assert done.returncode == 1
    assert "codebook.csv is missing or was changed." in done.stderr


def test_archive_has_the_same_bytes_whenever_it_is_written(archive: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    write_package(again, cases=12)
    assert again.read_bytes() == archive.read_bytes()
    with zipfile.ZipFile(again) as opened:
        assert {entry.date_time[0] for entry in opened.infolist()} == {1980}


def plant(folder: Path, name: str, statistic: str, key: str) -> None:
    """Change one number of the first record of a statistic in its seventh decimal place."""
    path = folder / name
    lines = path.read_text().splitlines(keepends=True)
    index = next(
        number for number, line in enumerate(lines) if f'"statistic": "{statistic}"' in line
    )
    pattern = rf'("{key}": \[?)(-?\d+\.\d+)'
    lines[index], count = re.subn(
        pattern, lambda match: f"{match[1]}{float(match[2]) + 1e-7}", lines[index]
    )
    assert count == 1
    path.write_text("".join(lines))


WRONG = [
    ("statistics.json", "cohen_kappa", "value"),
    ("statistics.json", "cohen_kappa", "se"),
    ("statistics.json", "light_kappa", "se"),
    ("statistics.json", "mean_kappa_difference", "value"),
    ("statistics.json", "icc_a_1", "ci"),
    ("bootstrap.json", "light_kappa", "ci_bootstrap"),
    ("bootstrap.json", "light_kappa", "ci_bootstrap_expanded"),
    ("bootstrap.json", "mean_kappa_difference", "ci_bca"),
    ("bootstrap.json", "light_kappa", "ci_bootstrap_readers"),
    ("bootstrap.json", "mean_kappa_difference", "ci_bootstrap_readers"),
    ("statistics.json", "icc_difference", "value"),
    ("statistics.json", "mean_icc_contrast", "se"),
    ("bootstrap.json", "mean_icc_contrast", "ci_bootstrap_expanded"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "statistic", "key"), WRONG)
def test_python_notices_a_wrong_number(folder: Path, name: str, statistic: str, key: str) -> None:
    plant(folder, name, statistic, key)
    done = reproduce_in_python(folder, "readings.csv", "statistics.json", "bootstrap.json")
    assert done.returncode == 1
    assert "compared, 1 differ." in done.stderr


@needs_r
@pytest.mark.slow
class TestR:
    def test_r_recomputes_the_main_statistics_independently(self, folder: Path) -> None:
        done = reproduce_in_r(folder)
        assert done.returncode == 0, done.stdout + done.stderr
        compared = {tuple(line.split()[:-4]) for line in table_of(done)}
        for weights in ("none", "linear", "quadratic"):
            for statistic in ("cohen_kappa", "light_kappa", "kappa_difference"):
                assert (statistic, weights) in compared
        assert {("icc_a_1",), ("icc_c_1",), ("light_kappa", "bootstrap")} <= compared
        assert {("light_kappa", "readers"), ("mean_kappa_difference", "readers")} <= compared
        assert {("mean_icc_contrast",), ("mean_icc_contrast", "bootstrap")} <= compared
        published = json.loads((folder / "statistics.json").read_text())["results"]
        kappas = [
            one for one in published if one["statistic"] == "cohen_kappa" and one["replicate"] == 1
        ]
        counts = [int(line.split()[-4]) for line in table_of(done) if "cohen_kappa" in line]
        assert sum(counts[:3]) == len(kappas)

    @pytest.mark.parametrize(("name", "statistic", "key"), WRONG)
    def test_r_notices_a_wrong_number(
        self, folder: Path, name: str, statistic: str, key: str
    ) -> None:
        plant(folder, name, statistic, key)
        done = reproduce_in_r(folder)
        assert done.returncode == 1
        assert "compared, 1 differ." in done.stdout
        assert f"Differs: {statistic}" in done.stdout

    def test_r_notices_a_changed_grade(self, folder: Path) -> None:
        path = folder / "readings.csv"
        text = path.read_text()
        path.write_text(re.sub(r",L1,posterior,0,0,", ",L1,posterior,3,0,", text, count=1))
        assert path.read_text() != text
        assert reproduce_in_r(folder).returncode == 1


UNUSUAL: dict[str, Callable[[dict[str, Any]], object]] = {
    "one case": lambda row: row["case"] == "C001",
    "constant reader": lambda row: row["reader"] != "R1" or row.update(score=0) is None,
    "perfect agreement": lambda row: row.update(score=int(row["case"][1:]) % 4) is None,
    "several cases per patient": lambda row: row.update(patient=row["case"][-1]) is None,
    "one patient": lambda row: row.update(patient="P1") is None,
    "reader in one arm only": lambda row: row["reader"] != "R3" or row["arm"] == "unguided",
}


@needs_r
@pytest.mark.slow
@pytest.mark.parametrize("kind", UNUSUAL)
def test_r_agrees_about_unusual_studies(tmp_path: Path, kind: str) -> None:
    write_package(tmp_path / "package.zip", change=UNUSUAL[kind], cases=12)
    done = reproduce_in_r(unpack(tmp_path / "package.zip", tmp_path / "empty"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 differ." in done.stdout


THREE_ARMS: dict[str, Any] = {
    "errors": {"unguided": 0.5, "guided": 0.2, "measured": 0.3},
    "design": {
        "arms": ("unguided", "guided", "measured"),
        "contrast": ("guided", "unguided"),
    },
}
DESIGNS: dict[str, dict[str, Any]] = {
    "three arms": THREE_ARMS,
    "parallel groups": {
        "readers": 5,
        "change": lambda row: (row["reader"] in ("R1", "R2")) == (row["arm"] == "guided"),
        "design": {"design": "parallel"},
    },
    "parallel groups of three": {
        "readers": 6,
        "change": lambda row: (row["reader"] in ("R1", "R2", "R3")) == (row["arm"] == "guided"),
        "design": {"design": "parallel"},
    },
    "three parallel groups": {
        **THREE_ARMS,
        "readers": 6,
        "change": lambda row: (
            (int(row["reader"][1:]) - 1) // 2
            == ["unguided", "guided", "measured"].index(row["arm"])
        ),
    },
    "one arm": {"errors": {"unguided": 0.4}, "design": {"arms": ("unguided",)}},
}
EXPECTED = {
    "three arms": {"mean_kappa_contrast linear", "p of contrasts", "mean_icc_contrast bootstrap"},
    "parallel groups": {
        "group_kappa_difference quadratic", "group_kappa_difference bootstrap",
        "mean_icc_contrast bootstrap",
    },
    "parallel groups of three": {"group_kappa_difference readers", "light_kappa readers"},
    "three parallel groups": {"mean_kappa_contrast none", "p of contrasts", "mean_icc_contrast"},
    "one arm": {"light_kappa bootstrap"},
}  # fmt: skip


@needs_r
@pytest.mark.slow
@pytest.mark.parametrize("kind", DESIGNS)
def test_both_scripts_recompute_every_design(tmp_path: Path, kind: str) -> None:
    write_package(tmp_path / "package.zip", cases=12, **DESIGNS[kind])
    folder = unpack(tmp_path / "package.zip", tmp_path / "empty")
    done = reproduce_in_r(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert EXPECTED[kind] <= {" ".join(line.split()[:-4]) for line in table_of(done)}
    done = reproduce_in_python(folder)
    assert done.returncode == 0, done.stderr


@needs_r
@pytest.mark.slow
@pytest.mark.parametrize("key", ["p", "p_holm"])
def test_r_notices_a_wrong_p_value(tmp_path: Path, key: str) -> None:
    write_package(tmp_path / "package.zip", cases=12, **THREE_ARMS)
    folder = unpack(tmp_path / "package.zip", tmp_path / "empty")
    path = folder / "statistics.json"
    lines = path.read_text().splitlines(keepends=True)
    index = next(
        number
        for number, line in enumerate(lines)
        if '"primary": false' in line and '"outcome": "cells"' in line
    )
    lines[index] = re.sub(rf'"{key}": [^,}}]+', f'"{key}": 0.123456', lines[index])
    path.write_text("".join(lines))
    done = reproduce_in_r(folder)
    assert done.returncode == 1
    assert "Differs: p of contrasts, cells" in done.stdout


def header_of(folder: Path) -> list[str]:
    return (folder / "reader-resamples.csv").read_text().splitlines()[0].split(",")


def test_resampled_readers_are_those_of_each_side_of_a_difference(
    archive: Path, tmp_path: Path
) -> None:
    folder = unpack(archive, tmp_path / "empty")
    assert header_of(folder) == ["n3_g0_r1", "n3_g0_r2", "n3_g0_r3"]
    write_package(tmp_path / "groups.zip", cases=4, **DESIGNS["parallel groups of three"])
    folder = unpack(tmp_path / "groups.zip", tmp_path / "groups")
    assert header_of(folder) == [
        f"n3_g{group}_r{reader}" for group in (0, 1, 2) for reader in (1, 2, 3)
    ]
    rows = [
        [int(times) for times in line.split(",")]
        for line in (folder / "reader-resamples.csv").read_text().splitlines()[1:]
    ]
    assert len(rows) == RESAMPLES
    # Each set has as many readers as before, and never the same one three times.
    for row in rows:
        assert [sum(row[start : start + 3]) for start in (0, 3, 6)] == [3, 3, 3]
        assert max(row) < 3


def test_package_without_resampled_readers_says_why(tmp_path: Path) -> None:
    write_package(tmp_path / "package.zip", cases=4, change=lambda row: row["reader"] != "R3")
    folder = unpack(tmp_path / "package.zip", tmp_path / "empty")
    assert not (folder / "reader-resamples.csv").exists()
    text = " ".join((folder / "README.md").read_text().split())
    assert "because they require at least three readers" in text
    assert "reader-resamples.csv" not in text


@needs_r
@pytest.mark.slow
def test_r_agrees_that_two_readers_cannot_be_resampled(tmp_path: Path) -> None:
    write_package(tmp_path / "package.zip", cases=12, change=lambda row: row["reader"] != "R3")
    done = reproduce_in_r(unpack(tmp_path / "package.zip", tmp_path / "empty"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "light_kappa readers" in done.stdout


def table_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the lines of the printed table."""
    return [line for line in done.stdout.splitlines() if line.endswith(("agrees", "DIFFERS"))]
