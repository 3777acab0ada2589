"""Reproduce every number of a VerteRead report from its tidy CSV.

    python reproduce.py > numbers.csv
    python reproduce.py readings.csv [statistics.json [bootstrap.json]] > numbers.csv

Requires numpy, scipy and VerteRead's statistics: the file analytics.pyz beside this script, as in
the reproducibility package, or the installed package studies.analytics. Neither a database nor a
network connection is needed. Writes one row per number, and compares every record of the other two
files. Exits with status 1 if a number differs by more than 1e-9. Without arguments, uses the files
beside this script, after checking them against SHA256SUMS.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).resolve().parent
# Must come before the imports from it; `python -I` does not search the folder of the script.
if (FOLDER / "analytics.pyz").is_file():
    sys.path.insert(0, str(FOLDER / "analytics.pyz"))

from studies.analytics.coefficients.kappa import Weights  # noqa: E402
from studies.analytics.io.tidy_csv import read_csv  # noqa: E402
from studies.analytics.outcomes import category_labels  # noqa: E402
from studies.analytics.resampling.patient_bootstrap import Bootstrap  # noqa: E402
from studies.analytics.scale import CELLS, MISSING, VALIDITY_LABELS  # noqa: E402
from studies.analytics.study.agreement import agreement  # noqa: E402
from studies.analytics.study.comparisons import comparison_of  # noqa: E402
from studies.analytics.study.designs.arm_contrasts import contrasts_of  # noqa: E402
from studies.analytics.study.designs.icc_contrasts import icc_contrasts  # noqa: E402

# Settings of the study; VerteRead fills them in when the script is downloaded.
GROUP_LIMITS = (2, 6)
DATA_HASH = ""
COMPARE: tuple[str, str] | None = ("guided", "unguided")
OUTCOME = "cells"
WEIGHTS: Weights = "linear"
SEED, RESAMPLES = 0, 2000

NAMES = ("statistic", "weights", "outcome", "arm", "replicate", "readers")
FURTHER_NAMES = ("cut", "form", "stratum", "moved_by", "arms", "site", "scanner")
FILES = ("readings.csv", "statistics.json", "bootstrap.json")
LISTS = ("results", "intervals", "icc_intervals")
RESAMPLED = (
    "cohen_kappa", "light_kappa", "kappa_difference", "mean_kappa_difference",
    "group_kappa_difference",
)  # fmt: skip
BOOTSTRAP = ("ci_bootstrap", "ci_bootstrap_expanded", "ci_bca")
COMPARED = ("value", "se", "ci", *BOOTSTRAP, "ci_bootstrap_readers")
HEADER = (*NAMES, "cut", "value", "se", "ci_low", "ci_high", "n", "note")


def main(paths: list[str]) -> int:
    """Write all numbers to standard output; return 1 if published numbers differ."""
    if not paths:
        if _check_sums():
            sys.stderr.write("To use changed files, name them: python reproduce.py readings.csv\n")
            return 1
        paths = [str(FOLDER / name) for name in FILES]
    source = Path(paths[0])
    if DATA_HASH and hashlib.sha256(source.read_bytes()).hexdigest() != DATA_HASH:
        sys.stderr.write("Warning: this CSV is not the one from which the report was created.\n")
    table = read_csv(source, group_limits=GROUP_LIMITS)
    records = agreement(table, detail=True, compare=COMPARE).records()
    resampled = _bootstrap_records(table)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(HEADER)
    _write_records(records, writer)
    icc_records = _icc_records(table)
    _write_records(icc_records, writer)
    _write_iccs(icc_records, writer)
    _write_bootstrap([*resampled, *icc_records], writer)
    _write_scores(table, writer)
    _write_unreadable(table, writer)
    differing = 0
    for path in paths[1:]:
        published = json.loads(Path(path).read_text(encoding="utf-8"))
        for name, mine in zip(LISTS, (records, resampled, icc_records), strict=True):
            differing += _compare(mine, published.get(name))
    return 1 if differing else 0


def _check_sums() -> int:
    """Return how many files beside this script differ from their SHA-256, which are named."""
    changed = 0
    for line in (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        path = FOLDER / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            sys.stderr.write(f"{name} is missing or was changed.\n")
            changed += 1
    return changed


def _write_records(records: list[dict[str, Any]], writer: Any) -> None:
    """Write one row per statistic, and one per quartile of a median."""
    for record in records:
        low, high = record["ci"] or ("", "")
        names = [" ".join(map(str, _many(record[name]))) for name in NAMES]
        numbers = (record.get("cut", ""), record["value"], record["se"], low, high, record["n"])
        writer.writerow([*names, *numbers, record["note"] or ""])
        for side, quartile in zip(("lower", "upper"), record.get("quartiles", ()), strict=False):
            writer.writerow(
                [f"{side} quartile", *names[1:], "", quartile, "", "", "", record["n"], ""]
            )


def _bootstrap_records(table: Any) -> list[dict[str, Any]]:
    """Return the records of the primary outcome with their bootstrap intervals."""
    bootstrap = _bootstrap(table)
    results = agreement(
        table, outcomes=[OUTCOME], weights=[WEIGHTS], bootstrap=bootstrap, compare=COMPARE
    )
    return [record for record in results.records() if record["statistic"] in RESAMPLED]


def _icc_records(table: Any) -> list[dict[str, Any]]:
    """Return the contrasts of the ICC between arms with their bootstrap intervals."""
    compared = comparison_of(table, COMPARE).arms
    if compared is None:
        return []
    arms = contrasts_of(table.arms, compared) or (compared,)
    return [one.record() for one in icc_contrasts(table, "aac24", arms, _bootstrap(table))]


def _bootstrap(table: Any) -> Bootstrap:
    return Bootstrap.draw(len(table.patients), replicates=RESAMPLES, seed=SEED)


def _write_bootstrap(records: list[dict[str, Any]], writer: Any) -> None:
    for record in records:
        for name in BOOTSTRAP:
            if record.get(name):
                names = [" ".join(map(str, _many(record[field]))) for field in NAMES[1:]]
                statistic = f"{record['statistic']}, {name}"
                numbers = (record["value"], "", *record[name], record["n"])
                writer.writerow([statistic, *names, "", *numbers, ""])


def _write_iccs(records: list[dict[str, Any]], writer: Any) -> None:
    """Write the mean ICC of each arm of a contrast."""
    for record in records:
        for arm, value in zip(record["arms"], record.get("iccs", ()), strict=False):
            row = ["mean_icc", "", record["outcome"], arm, "1", " ".join(record["readers"])]
            writer.writerow([*row, "", value, *[""] * 5])


def _write_scores(table: Any, writer: Any) -> None:
    """Write the frequency of each grade and group, and the quartiles of the total, by arm."""
    for number, arm in enumerate(table.arms):
        rows = (table.arm == number) & (table.replicate == 1)
        for outcome in ("cells", "aac_group"):
            scores = table.outcome(outcome)[rows]
            for category, label in enumerate(category_labels(outcome)):
                count = int(np.sum(scores == category))
                name = f"{outcome}: {label}"
                writer.writerow([name, "", outcome, arm or "", "1", "", "", count, *[""] * 5])
        totals = table.outcome("aac24")[rows]
        for percent in (25, 50, 75):
            known = totals[totals != MISSING]
            value = float(np.percentile(known, percent)) if len(known) else ""
            name = f"aac24: percentile {percent}"
            writer.writerow([name, "", "aac24", arm or "", "1", "", "", value, *[""] * 5])


def _write_unreadable(table: Any, writer: Any) -> None:
    """Write the number of cells that were not readable, by arm, cell and reason."""
    for number, arm in enumerate(table.arms):
        rows = (table.arm == number) & (table.replicate == 1)
        for column, cell in enumerate(CELLS):
            for code, label in VALIDITY_LABELS.items():
                count = int(np.sum(table.validity[rows, column] == int(code)))
                name = f"cells: {label.lower()}"
                writer.writerow([name, "", cell, arm or "", "1", "", "", count, *[""] * 5])


def _compare(ours: list[dict[str, Any]], theirs: list[dict[str, Any]] | None) -> int:
    """Compare the published records, which may be a subset of ours; return how many differ."""
    if not theirs:
        return 0
    # Intervals of the bootstrap have fewer fields, because they share outcome and weights.
    names = [name for name in (*NAMES, *FURTHER_NAMES) if any(name in record for record in theirs)]
    by_name: dict[tuple[str, ...], deque[dict[str, Any]]] = {}
    for mine in ours:
        by_name.setdefault(_names_of(mine, names), deque()).append(mine)
    differing = 0
    for published in theirs:
        same_name = by_name.get(_names_of(published, names))
        differing += not (same_name and _equal(same_name.popleft(), published))
    sys.stderr.write(f"{len(theirs)} published numbers compared, {differing} differ.\n")
    return differing


def _equal(mine: dict[str, Any], published: dict[str, Any]) -> bool:
    if any(mine[name] != published[name] for name in ("n", "note")):
        return False
    for name in COMPARED:
        if name in published:
            a, b = _many(mine.get(name)), _many(published[name])
            if len(a) != len(b) or not all(map(_near, a, b)):
                return False
    return True


def _names_of(record: dict[str, Any], names: list[str]) -> tuple[str, ...]:
    return tuple(str(record.get(name)) for name in names)


def _near(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return abs(a - b) <= 1e-9 * max(1.0, abs(a))


def _many(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return list(value)
    return [value]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
