"""Reproduce every number of a VerteRead report from its tidy CSV.

    python reproduce.py readings.csv [agreement.json] > numbers.csv

Requires numpy, scipy and the package studies.analytics of VerteRead (add its repository to
PYTHONPATH); neither a database nor a network connection is needed. Writes one row per number. With
the file of all statistics (JSON), compares every record and exits with status 1 if any differs by
more than 1e-9.
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

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.io.tidy_csv import read_csv
from studies.analytics.outcomes import category_labels
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.scale import CELLS, MISSING, VALIDITY_LABELS
from studies.analytics.study.agreement import agreement

# Settings of the study; VerteRead fills them in when the script is downloaded.
GROUP_LIMITS = (2, 6)
DATA_HASH = ""
COMPARE: tuple[str, str] | None = ("guided", "unguided")
OUTCOME = "cells"
WEIGHTS: Weights = "linear"
SEED, RESAMPLES = 0, 2000

NAMES = ("statistic", "weights", "outcome", "arm", "replicate", "readers")
FURTHER_NAMES = ("cut", "form", "stratum", "moved_by", "arms", "site", "scanner")
HEADER = (*NAMES, "cut", "value", "se", "ci_low", "ci_high", "n", "note")


def main(paths: list[str]) -> int:
    """Write all numbers to standard output; return 1 if published numbers differ."""
    source = Path(paths[0])
    if DATA_HASH and hashlib.sha256(source.read_bytes()).hexdigest() != DATA_HASH:
        sys.stderr.write("Warning: this CSV is not the one from which the report was created.\n")
    table = read_csv(source, group_limits=GROUP_LIMITS)
    records = agreement(table, detail=True, compare=COMPARE).records()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(HEADER)
    for record in records:
        low, high = record["ci"] or ("", "")
        names = [" ".join(map(str, _many(record[name]))) for name in NAMES]
        numbers = (record.get("cut", ""), record["value"], record["se"], low, high, record["n"])
        writer.writerow([*names, *numbers, record["note"] or ""])
        for side, quartile in zip(("lower", "upper"), record.get("quartiles", ()), strict=False):
            writer.writerow(
                [f"{side} quartile", *names[1:], "", quartile, "", "", "", record["n"], ""]
            )
    _write_bootstrap(table, writer)
    _write_scores(table, writer)
    _write_unreadable(table, writer)
    if len(paths) < 2:
        return 0
    return _compare(records, json.loads(Path(paths[1]).read_text(encoding="utf-8"))["results"])


def _write_bootstrap(table: Any, writer: Any) -> None:
    """Write the percentile and BCa intervals of the primary outcome."""
    bootstrap = Bootstrap.draw(len(table.patients), replicates=RESAMPLES, seed=SEED)
    results = agreement(
        table, outcomes=[OUTCOME], weights=[WEIGHTS], bootstrap=bootstrap, compare=COMPARE
    )
    for record in results.records():
        for name in ("ci_bootstrap", "ci_bca"):
            if record.get(name):
                names = [" ".join(map(str, _many(record[field]))) for field in NAMES[1:]]
                statistic = f"{record['statistic']}, {name}"
                numbers = (record["value"], "", *record[name], record["n"])
                writer.writerow([statistic, *names, "", *numbers, ""])


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


def _compare(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> int:
    """Compare the published records, which may be a subset of ours; return 1 if any differs."""
    by_name: dict[tuple[str, ...], deque[dict[str, Any]]] = {}
    for mine in ours:
        by_name.setdefault(_names_of(mine), deque()).append(mine)
    differing = 0
    for published in theirs:
        same_name = by_name.get(_names_of(published))
        differing += not (same_name and _equal(same_name.popleft(), published))
    sys.stderr.write(f"{len(theirs)} published numbers compared, {differing} differ.\n")
    return 1 if differing else 0


def _equal(mine: dict[str, Any], published: dict[str, Any]) -> bool:
    return all(mine[name] == published[name] for name in ("n", "note")) and all(
        _near(a, b)
        for name in ("value", "se", "ci")
        for a, b in zip(_many(mine[name]), _many(published[name]), strict=True)
    )


def _names_of(record: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(record.get(name)) for name in (*NAMES, *FURTHER_NAMES))


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
