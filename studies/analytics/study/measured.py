"""Measured reading: final grades against measured ones, and lengths between readers.

In a measured arm each cell has a grade that follows from traced lengths and the final grade of the
reader, who confirmed or overrode it. Their agreement within a reader shows how often readers
overrode; agreement of the traced lengths between readers shows how well plaques are traced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np

from studies.analytics.coefficients.bland_altman import bland_altman
from studies.analytics.coefficients.kappa import Weights, fit_kappa, proportion_within
from studies.analytics.outcomes import AAC8_WALLS
from studies.analytics.ratings import Pairs, Ratings
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.result import Result
from studies.analytics.results import Block, Deferred, Records
from studies.analytics.scale import MISSING
from studies.analytics.study.outcome_results import OutcomeResults
from studies.analytics.study.totals import PAGE_FORMS, icc_results, limits_of_agreement
from studies.analytics.table import FloatArray, IntArray, ReadingTable

LENGTH: Final = "calcified_mm"
"""Outcome: calcified length of both walls in L1 to L4, in mm."""

LENGTH_STATISTICS: Final = frozenset(
    {"bland_altman_bias", "bland_altman_lower", "bland_altman_upper", "icc_a_1", "icc_c_1"}
)

ERROR: Final = "SE by influence per patient; 95 % CI value ± 1.96 SE"
RULES: Final = {
    "cells": f"final against measured grades of the same reader, eight cells per case; {ERROR}",
    **dict.fromkeys(AAC8_WALLS, f"entered against measured AAC-8 of the same reader; {ERROR}"),
}
"""What is compared for each outcome, and how its error is estimated."""


def measured_blocks(
    table: ReadingTable,
    weights: Sequence[Weights],
    pairs: dict[str | None, Pairs],
    compared: tuple[str, str] | None,
    bootstrap: Bootstrap | None = None,
) -> Iterator[Block]:
    """Yield the results of measured reading; nothing if no reading was measured.

    Agreement of measured grades between readers has the outcome "measured_cells", so that it can be
    compared with that of the final grades ("cells").

    Parameters
    ----------
    table : ReadingTable
        The readings.
    weights : sequence of str
        Schemes of weights of the kappas.
    pairs : dict
        Pairs of readers by arm.
    compared : (str, str) or None
        Minuend and subtrahend of differences, which are computed if both arms are measured.
    bootstrap : Bootstrap, optional
        Resampled patients, for bootstrap intervals.
    """
    arms = measured_arms(table)
    for arm in arms:
        yield Records(overriding_results(table, arm, weights))
        for wall in AAC8_WALLS:
            yield Records(overriding_results(table, arm, weights, outcome=wall))
    if not arms:
        return
    between = OutcomeResults(
        table,
        "measured_cells",
        pairs={arm: pairs[arm] for arm in arms},
        compared=compared if compared and set(compared) <= set(arms) else None,
        weights=weights,
        bootstrap=bootstrap,
        detail=False,
    )
    yield from between.blocks()
    yield from between.difference_blocks()
    for arm in arms:
        make = partial(length_results, table, arm, pairs[arm])
        yield Deferred(LENGTH_STATISTICS, make, (LENGTH, arm))
        yield Records(_lengths_of_all(table, arm))


def measured_arms(table: ReadingTable) -> list[str | None]:
    """Return the arms with a measured grade or length."""
    if table.measured is None:
        return []
    has_grades = (table.measured != MISSING).any(axis=1)
    return [arm for number, arm in enumerate(table.arms) if has_grades[table.arm == number].any()]


def total_lengths(table: ReadingTable, arm: str | None) -> FloatArray:
    """Return the calcified length of each first reading (readers, cases) in mm.

    NaN where a reading was not measured, or a length is unknown.
    """
    rows = table.first_readings(arm)
    if table.calcified_mm is None:
        return np.full(rows.shape, np.nan)
    totals = table.calcified_mm.sum(axis=1)
    return np.where(rows == MISSING, np.nan, totals[rows])


def overriding_results(
    table: ReadingTable, arm: str | None, weights: Sequence[Weights], *, outcome: str = "cells"
) -> Iterator[Result]:
    """Yield kappa and exact agreement of each reader's final scores with the measured ones.

    Parameters
    ----------
    table : ReadingTable
        The readings.
    arm : str or None
        The arm.
    weights : sequence of str
        Schemes of weights of the kappas.
    outcome : {"cells", "aac8_posterior", "aac8_anterior"}
        The grades of the cells, or the entered AAC-8 of a wall.

    Yields
    ------
    Result
        ``overridden`` is the number of scores that differ from the measured one. Readers without
        a pair of scores are left out.
    """
    measured_scores = _measured_scores(table, outcome)
    if measured_scores is None:
        return
    ratings, rows = Ratings(table, outcome, arm), table.first_readings(arm)
    for reader, reader_rows in zip(table.readers, rows, strict=True):
        present = reader_rows[:, None] != MISSING
        measured = np.where(present, measured_scores[reader_rows], MISSING).ravel()
        pair = ratings.pair_of(ratings.of(reader), measured)
        if not len(pair):
            continue
        for scheme in weights:
            method = f"Cohen's kappa, weights {scheme}; {RULES[outcome]}"
            estimate = fit_kappa(pair, scheme).estimate(method)
            yield Result("kappa_with_measured", scheme, outcome, arm, (reader,), estimate)
        scores = "cells" if outcome == "cells" else "scores"
        share = proportion_within(
            pair, 0, f"proportion of {scores} not overridden; {RULES[outcome]}"
        )
        more = {"overridden": int((pair.first != pair.second).sum())}
        yield Result("agreement_with_measured", None, outcome, arm, (reader,), share, more)


def _measured_scores(table: ReadingTable, outcome: str) -> IntArray | None:
    """Return the measured scores (readings, cells), or (readings, 1) of the AAC-8 of a wall."""
    if outcome == "cells":
        return table.measured
    if table.measured_aac8 is None:
        return None
    wall = AAC8_WALLS.index(outcome)
    return table.measured_aac8[:, wall : wall + 1]


def length_results(table: ReadingTable, arm: str | None, pairs: Pairs) -> Iterator[Result]:
    """Yield limits of agreement and ICC of the traced lengths of pairs of readers."""
    totals = total_lengths(table, arm)
    number = {reader: index for index, reader in enumerate(table.readers)}
    for readers in pairs:
        first, second = (totals[number[reader]] for reader in readers)
        if not (np.isfinite(first) & np.isfinite(second)).any():
            continue
        yield from limits_of_agreement(bland_altman(first, second), LENGTH, arm, readers)
        both = np.column_stack([first, second])
        yield from icc_results(both, LENGTH, arm, readers, PAGE_FORMS)


def _lengths_of_all(table: ReadingTable, arm: str | None) -> Iterator[Result]:
    """Yield ICCs of the traced lengths of three or more readers."""
    totals = total_lengths(table, arm)
    rows = [row for row, known in enumerate(np.isfinite(totals)) if known.any()]
    if len(rows) > 2:
        names = tuple(table.readers[row] for row in rows)
        yield from icc_results(totals[rows].T, LENGTH, arm, names, PAGE_FORMS)
