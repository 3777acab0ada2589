"""Contrasts between arms of the intraclass correlation of totals, with bootstrap intervals.

Within each arm, the ICC of single ratings is averaged over pairs of readers, so that studies in
which each case is read by some of the readers are covered. Two arms with pairs of readers in common
are compared within these pairs; two arms without a common reader between their groups of readers.
The influence of a patient on a contrast is the difference of the patient's influences, and every
replicate of the bootstrap draws each patient for both arms at once.

References
----------
McGraw and Wong 1996, Psychol Methods 1:30 (ICC). Efron 1982, The Jackknife, the Bootstrap and Other
Resampling Plans (infinitesimal jackknife).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.intraclass import Form
from studies.analytics.estimate import Estimate, clustered_estimate, clustered_se, undefined
from studies.analytics.ratings import Pairs, Ratings, reader_pairs
from studies.analytics.resampling.intervals import bootstrap_intervals
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.result import Result
from studies.analytics.study.icc_differences import IccFit, fit_icc
from studies.analytics.table import FloatArray, ReadingTable

Arms = tuple[str, str]

ICC_CONTRAST: Final = "mean_icc_contrast"
NO_READERS_NOTE: Final = (
    "no two readers read in both arms, and the arms do not have separate groups of readers"
)


def icc_contrasts(
    table: ReadingTable,
    outcome: str,
    contrasts: Sequence[Arms],
    bootstrap: Bootstrap | None = None,
    form: Form = "A,1",
) -> Iterator[Result]:
    """Yield the difference in mean pairwise ICC of each contrast.

    Parameters
    ----------
    table : ReadingTable
        The readings.
    outcome : str
        A total: "aac24" or "aac8".
    contrasts : sequence of (str, str)
        Minuend and subtrahend of each contrast.
    bootstrap : Bootstrap, optional
        Adds ``ci_bootstrap``, ``ci_bootstrap_expanded`` and ``ci_bca``.
    form : {"A,1", "C,1"}
        Absolute agreement or consistency.

    Yields
    ------
    Result
        ``n`` counts patients that contribute to both arms, ``n_arms`` those of each. Without a
        value, the note gives the reason.
    """
    for arms in contrasts:
        pairs = _compared_pairs(table, arms)
        names = tuple(sorted({name for side in pairs for pair in side for name in pair}))
        method = (
            f"{arms[0]} minus {arms[1]}, mean over pairs of readers of ICC({form}); complete cases "
            "of each pair and arm; SE from influence values summed per patient; n counts patients "
            "read in both arms"
        )
        more: dict[str, Any] = {"arms": list(arms), "form": form}
        if not all(pairs):
            estimate = undefined(0, NO_READERS_NOTE, method)
        else:
            fits = _fits(table, outcome, arms, pairs, form)
            estimate, fields = _contrast(fits, method, bootstrap)
            more |= fields
        yield Result(ICC_CONTRAST, None, outcome, "-".join(arms), names, estimate, more)


def _compared_pairs(table: ReadingTable, arms: Arms) -> tuple[Pairs, Pairs]:
    """Return the pairs of each arm: the same ones, or those of two groups without common reader."""
    first, second = (reader_pairs(table, arm) for arm in arms)
    shared = tuple(pair for pair in first if pair in set(second))
    if shared:
        return shared, shared
    readers = [{name for pair in pairs for name in pair} for pairs in (first, second)]
    return (first, second) if not readers[0] & readers[1] else ((), ())


def _fits(
    table: ReadingTable, outcome: str, arms: Arms, pairs: tuple[Pairs, Pairs], form: Form
) -> list[list[IccFit]]:
    """Return the ICCs of each arm; pairs in common enter only if both of their ICCs are defined."""
    sides = []
    for arm, of_arm in zip(arms, pairs, strict=True):
        ratings = Ratings(table, outcome, arm)
        sides.append(
            [
                fit_icc(ratings.as_numbers(pair), ratings.patient, ratings.patients, form)
                for pair in of_arm
            ]
        )
    if pairs[0] == pairs[1]:
        both = [
            (up, down)
            for up, down in zip(*sides, strict=True)
            if up.value is not None and down.value is not None
        ]
        return [[up for up, _ in both], [down for _, down in both]]
    return [[fit for fit in side if fit.value is not None] for side in sides]


def _contrast(
    fits: list[list[IccFit]], method: str, bootstrap: Bootstrap | None
) -> tuple[Estimate, dict[str, Any]]:
    if not all(fits):
        return undefined(0, "no pair of readers has an ICC in both arms", method), {}
    present: list[NDArray[np.bool_]] = [
        np.any([fit.present for fit in side], axis=0) for side in fits
    ]
    values = [float(np.mean([fit.value for fit in side])) for side in fits]
    influence: list[FloatArray] = [
        np.mean([fit.influence for fit in side], axis=0) for side in fits
    ]
    n, patients = int((present[0] & present[1]).sum()), int((present[0] | present[1]).sum())
    estimate = clustered_estimate(
        values[0] - values[1], clustered_se(influence[0] - influence[1]), n, patients, "", method
    )
    fields: dict[str, Any] = {"n_arms": [int(side.sum()) for side in present], "iccs": values}
    if bootstrap:
        drawn = [_mean_of(fit.of(bootstrap.weights) for fit in side) for side in fits]
        left_out = [_mean_of(fit.leave_one_out() for fit in side) for side in fits]
        fields |= bootstrap_intervals(
            drawn[0] - drawn[1],
            (left_out[0] - left_out[1])[present[0] | present[1]],
            estimate.value,
        )
    return estimate, fields


def _mean_of(arrays: Iterator[FloatArray]) -> FloatArray:
    """Return the mean of arrays, of which one at a time is held in memory."""
    total: FloatArray = next(arrays).copy()
    count = 1
    for array in arrays:
        total += array
        count += 1
    return total / count
