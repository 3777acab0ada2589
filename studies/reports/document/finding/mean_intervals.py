"""Percentile intervals of the means over pairs of readers alone, quickly and in little memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.resampling.intervals import bootstrap_intervals
from studies.analytics.resampling.kappa_bootstrap import Draws
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.bootstrap_intervals import (
    MEANS,
    RESAMPLES,
    Interval,
    blocks_of_resamples,
    interval_of,
    kappas_of_block,
    results_of,
    sides_of,
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

    They equal those of `document.bootstrap_intervals` and have the same parameters, but BCa
    intervals and those over readers are left out. Memory is needed for one block of resamples.
    """
    selected = results_of(MEANS, results, outcome, weights)
    if not selected:
        return []
    draws = Draws(Bootstrap(np.empty((resamples, 0)), seed))
    sums = sums_of_pairs(table, results, outcome, weights, draws, jackknife=False)
    sides = [sides_of(result, results, weights) for result in selected]
    replicates: list[list[Any]] = [[] for _ in selected]
    for block in blocks_of_resamples(len(table.patients), seed, resamples):
        for arm, kappas in kappas_of_block(block, sums, weights):
            for readers, values in zip(results.pairs[arm], kappas, strict=True):
                draws.kappas[arm, weights, readers] = values
        for blocks, parts in zip(replicates, sides, strict=True):
            if all(pairs for _, pairs in parts):
                blocks.append(draws.replicates(weights, parts))
    intervals = []
    for result, blocks, parts in zip(selected, replicates, sides, strict=True):
        value, fields = result.estimate.value, {}
        if blocks and value is not None:
            patients = int(draws.contributing(parts).sum())
            fields = bootstrap_intervals(np.concatenate(blocks), None, value, patients=patients)
        intervals.append(interval_of(result, fields))
    return intervals
