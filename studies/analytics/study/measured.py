"""Measured reading: final grades against measured ones, and lengths between readers.

In a measured arm each cell has a grade that follows from traced lengths and the final grade of the
reader, who confirmed or overrode it. Their agreement within a reader shows how often readers
overrode; agreement of the traced lengths between readers shows how well plaques are traced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from studies.analytics.coefficients.bland_altman import bland_altman
from studies.analytics.coefficients.kappa import Weights, fit_kappa, proportion_within
from studies.analytics.ratings import Pairs, Ratings
from studies.analytics.result import Result
from studies.analytics.scale import MISSING
from studies.analytics.study.totals import PAGE_FORMS, icc_results, limits_of_agreement
from studies.analytics.table import FloatArray, ReadingTable

LENGTH: Final = "calcified_mm"
"""Outcome: calcified length of both walls in L1 to L4, in mm."""

ERROR: Final = "SE by influence per patient; 95 % CI value ± 1.96 SE"
RULE: Final = f"final against measured grades of the same reader, eight cells per case; {ERROR}"


def measured_results(
    table: ReadingTable, weights: Sequence[Weights], pairs: dict[str | None, Pairs]
) -> Iterator[Result]:
    """Yield the results of measured reading; nothing if no reading was measured.

    Parameters
    ----------
    table : ReadingTable
        The readings.
    weights : sequence of str
        Schemes of weights of the kappas of final with measured grades.
    pairs : dict
        Pairs of readers by arm.
    """
    if table.measured is None:
        return
    for arm in table.arms:
        yield from _final_with_measured(table, arm, weights)
        yield from _lengths(table, arm, pairs[arm])


def total_lengths(table: ReadingTable, arm: str | None) -> FloatArray:
    """Return the calcified length of each first reading (readers, cases) in mm.

    NaN where a reading was not measured, or a length is unknown.
    """
    rows = table.first_readings(arm)
    if table.calcified_mm is None:
        return np.full(rows.shape, np.nan)
    totals = table.calcified_mm.sum(axis=1)
    return np.where(rows == MISSING, np.nan, totals[rows])


def _final_with_measured(
    table: ReadingTable, arm: str | None, weights: Sequence[Weights]
) -> Iterator[Result]:
    ratings, rows = Ratings(table, "cells", arm), table.first_readings(arm)
    assert table.measured is not None
    for reader, reader_rows in zip(table.readers, rows, strict=True):
        present = reader_rows[:, None] != MISSING
        measured = np.where(present, table.measured[reader_rows], MISSING).ravel()
        pair = ratings.pair_of(ratings.of(reader), measured)
        if not len(pair):
            continue
        for scheme in weights:
            estimate = fit_kappa(pair, scheme).estimate(f"Cohen's kappa, weights {scheme}; {RULE}")
            yield Result("kappa_with_measured", scheme, "cells", arm, (reader,), estimate)
        share = proportion_within(pair, 0, f"proportion of cells not overridden; {RULE}")
        yield Result("agreement_with_measured", None, "cells", arm, (reader,), share)


def _lengths(table: ReadingTable, arm: str | None, pairs: Pairs) -> Iterator[Result]:
    totals = total_lengths(table, arm)
    number = {reader: index for index, reader in enumerate(table.readers)}
    for readers in pairs:
        first, second = (totals[number[reader]] for reader in readers)
        if not (np.isfinite(first) & np.isfinite(second)).any():
            continue
        yield from limits_of_agreement(bland_altman(first, second), LENGTH, arm, readers)
        both = np.column_stack([first, second])
        yield from icc_results(both, LENGTH, arm, readers, PAGE_FORMS)
    measured = [reader for reader in table.readers if np.isfinite(totals[number[reader]]).any()]
    if len(measured) > 2:
        everyone = totals[[number[reader] for reader in measured]].T
        yield from icc_results(everyone, LENGTH, arm, tuple(measured), PAGE_FORMS)
