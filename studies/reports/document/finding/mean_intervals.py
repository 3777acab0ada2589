"""Percentile intervals of the means over pairs of readers alone, quickly and in little memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.resampling.intervals import bootstrap_intervals
from studies.analytics.resampling.kappa_bootstrap import Draws
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.results import Agreement
from studies.analytics.table import FloatArray, ReadingTable
from studies.reports.document.bootstrap.intervals import (
    MEANS,
    RESAMPLES,
    Interval,
    interval_of,
    results_of,
    sides_of,
)
from studies.reports.document.bootstrap.resamples import (
    blocks_of_resamples,
    kappas_of_block,
    stacks_of_arms,
    sums_of_pairs,
)


def mean_intervals(
    table: ReadingTable,
    results: Agreement,
    *,
    outcome: str,
    weights: Weights,
    seed: int,
    resamples: int = RESAMPLES,
) -> list[Interval]:
    """Return the percentile intervals over patients of the means over pairs.

    They equal those of `document.bootstrap.intervals` and have the same parameters, but BCa
    intervals and those over readers are left out. Memory is needed for one block of resamples.
    """
    selected = results_of(MEANS, results, outcome, weights)
    if not selected:
        return []
    draws = Draws(Bootstrap(np.empty((resamples, 0)), seed))
    sums = sums_of_pairs(table, results, outcome, weights, draws, jackknife=False)
    stacks = stacks_of_arms(sums, len(table.patients))
    sides = list(sides_of(selected, results, weights))
    rows = [[_rows(results, arm, pairs) for arm, pairs in parts] for parts in sides]
    replicates: list[list[FloatArray]] = [[] for _ in selected]
    for block in blocks_of_resamples(len(table.patients), seed, resamples):
        kappas = dict(kappas_of_block(block, stacks, weights))
        for blocks, parts, numbers in zip(replicates, sides, rows, strict=True):
            if all(pairs for _, pairs in parts):
                means = [
                    np.mean(kappas[arm][of_arm], axis=0)
                    for (arm, _), of_arm in zip(parts, numbers, strict=True)
                ]
                blocks.append(means[0] - means[1] if len(means) > 1 else means[0])
    intervals = []
    for result, blocks, parts in zip(selected, replicates, sides, strict=True):
        value, fields = result.estimate.value, {}
        if blocks and value is not None:
            patients = int(draws.contributing(parts).sum())
            fields = bootstrap_intervals(np.concatenate(blocks), None, value, patients=patients)
        intervals.append(interval_of(result, fields))
    return intervals


def _rows(
    results: Agreement, arm: str | None, pairs: Sequence[tuple[str, str]]
) -> NDArray[np.intp]:
    """Return the numbers of pairs among all pairs of an arm."""
    numbers = {pair: number for number, pair in enumerate(results.pairs[arm])}
    return np.array([numbers[pair] for pair in pairs], dtype=np.intp)
