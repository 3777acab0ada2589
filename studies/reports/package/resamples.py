"""The bootstrap of the report as files: the resampled patients, and the intervals from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.resampling.kappa_bootstrap import FEWEST_READERS, drawn_readers
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.results import Agreement
from studies.analytics.study.designs.arm_contrasts import GROUP_DIFFERENCE, contrasts_of
from studies.analytics.study.designs.icc_contrasts import icc_contrasts
from studies.analytics.table import ReadingTable
from studies.reports.document.bootstrap.intervals import (
    MEANS,
    RESAMPLES,
    Interval,
    results_of,
    sides_of,
)
from studies.reports.document.bootstrap.resamples import blocks_of_resamples
from studies.reports.document.summary.study import StudySummary
from studies.reports.files.tidy import lines_of_columns

ICC_OUTCOME: Final = "aac24"


def resample_lines(patients: Sequence[str], *, seed: int) -> Iterator[str]:
    """Yield a CSV with one row per resample: how often each patient was drawn.

    The header names the patients. The draws are those of the report with the same seed.
    """
    yield from lines_of_columns(patients, ())
    blocks = blocks_of_resamples(len(patients), seed, RESAMPLES)
    for drawn in chain.from_iterable(block.weights.tolist() for block in blocks):
        yield ",".join(map(str, drawn)) + "\r\n"


def reader_sets(results: Agreement, outcome: str, weights: Weights) -> list[tuple[int, int]]:
    """Return the number of readers and the group of each set of readers that was resampled.

    The group is 0 where all arms have the same readers, 1 and 2 for the two groups of a parallel
    study. There are none with fewer than three readers.
    """
    sets = set()
    selected = results_of(MEANS, results, outcome, weights)
    sides_of_all = sides_of(selected, results, weights) if selected else ()
    for result, sides in zip(selected, sides_of_all, strict=True):
        for number, (_, pairs) in enumerate(sides, start=1):
            readers = len({reader for pair in pairs for reader in pair})
            sets.add((readers, number if result.statistic == GROUP_DIFFERENCE else 0))
    return sorted(one for one in sets if one[0] >= FEWEST_READERS)


def reader_resample_lines(sets: Sequence[tuple[int, int]], *, seed: int) -> Iterator[str]:
    """Yield a CSV with one row per resample: how often each reader of each set was drawn.

    The column ``n4_g0_r1`` is the first of four readers in the order of labels, in group 0.
    """
    columns = [f"n{count}_g{group}_r{i + 1}" for count, group in sets for i in range(count)]
    yield from lines_of_columns(columns, ())
    drawn = np.hstack([drawn_readers(count, RESAMPLES, seed, group) for count, group in sets])
    for times in drawn.astype(int).tolist():
        yield ",".join(map(str, times)) + "\r\n"


def bootstrap_pieces(
    summary: StudySummary, table: ReadingTable, results: Agreement, intervals: Sequence[Interval]
) -> Iterator[str]:
    """Yield the intervals of the primary outcome and of the ICC contrasts as JSON, one per line."""
    metadata = {
        "outcome": summary.outcome,
        "weights": summary.weights,
        "seed": summary.seed,
        "resamples": RESAMPLES,
        "primary_interval": summary.primary_interval,
    }
    kappas = _lines_of(one.record() for one in intervals)
    yield f'{json.dumps(metadata)[:-1]}, "intervals": [\n{kappas}\n], '
    yield f'"icc_intervals": [\n{_lines_of(_icc_records(table, results, summary.seed))}\n]}}\n'


def _lines_of(records: Iterable[dict[str, Any]]) -> str:
    return ",\n".join(json.dumps(record, allow_nan=False) for record in records)


def _icc_records(table: ReadingTable, results: Agreement, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the contrasts of the ICC of totals that the report contains."""
    if results.compared is None:
        return
    arms = contrasts_of(results.arms, results.compared) or (results.compared,)
    bootstrap = Bootstrap.draw(len(table.patients), replicates=RESAMPLES, seed=seed)
    for contrast in icc_contrasts(table, ICC_OUTCOME, arms, bootstrap):
        yield contrast.record()
