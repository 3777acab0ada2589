"""Shifts between readers and between arms: margins of the group, shifted levels, Hotelling's T2.

Tests of margins are chi-square tests of independent cases (`two_by_two`). Kappas of shifted levels
have patient-clustered standard errors. Hotelling's test assumes independent patients and enough of
them for the delta method.

References
----------
Vanbelle 2017, Biom J 59:1016 (Hotelling's T2 of dependent kappas).
Stuart 1955; Maxwell 1970; McNemar 1947 (margins).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from studies.analytics.coefficients.kappa import KappaFit, Weights, fit_kappa, weighting
from studies.analytics.coefficients.pair import Pair
from studies.analytics.coefficients.two_by_two import (
    MarginTest,
    dichotomise,
    mcnemar,
    stuart_maxwell,
)
from studies.analytics.estimate import Estimate, undefined
from studies.analytics.ratings import Ratings
from studies.analytics.result import Result
from studies.analytics.scale import LEVELS, MISSING
from studies.analytics.table import IntArray, ReadingTable

Fits = dict[tuple[str, str], KappaFit]

# A case is suspected of shifted levels if its grades differ by at least 5 in all, and by less than
# a third of that once the levels of one reader are shifted.
SHIFTED_DISTANCE_RATIO: Final = 1 / 3
LEAST_DISTANCE: Final = 5
MARGIN_STATISTICS: Final = frozenset({"stuart_maxwell", "mcnemar"})
LEVEL_SHIFT_STATISTICS: Final = frozenset({"level_shift_kappa"})
RANK_NOTE: Final = "the covariance of the pairs' differences does not have full rank: no test"


def margin_results(table: ReadingTable, compared: tuple[str, str] | None) -> Iterator[Result]:
    """Yield tests of equal margins of the group, between two readers and between two arms."""
    for arm in table.arms:
        ratings = Ratings(table, "aac_group", arm)
        present = [name for name in table.readers if (ratings.of(name) != MISSING).any()]
        for index, first in enumerate(present):
            for second in present[index + 1 :]:
                pair = ratings.pair((first, second))
                rule = "margins of the group, first against second reader"
                yield from _margins(pair, arm, (first, second), rule, {})
    if compared:
        up, down = (Ratings(table, "aac_group", name) for name in compared)
        more = {"arms": list(compared)}
        for reader in table.readers:
            pair = up.pair_of(up.of(reader), down.of(reader))
            if len(pair):
                rule = f"margins of the group, {compared[0]} against {compared[1]}, same reader"
                yield from _margins(pair, "-".join(compared), (reader,), rule, more)


def _margins(
    pair: Pair, arm: str | None, readers: tuple[str, ...], rule: str, more: dict[str, Any]
) -> Iterator[Result]:
    whole = stuart_maxwell(pair.counts())
    yield _test("stuart_maxwell", arm, readers, whole, f"Stuart-Maxwell chi-square, {rule}", more)
    for cut in (1, 2):
        test = mcnemar(dichotomise(pair, cut).counts())
        method = f"McNemar's chi-square without continuity correction, exact p in p_exact; {rule}"
        yield _test("mcnemar", arm, readers, test, method, {**more, "cut": cut})


def _test(
    name: str,
    arm: str | None,
    readers: tuple[str, ...],
    test: MarginTest,
    method: str,
    more: dict[str, Any],
) -> Result:
    estimate = Estimate(test.statistic, None, None, test.n, method, test.note)
    fields = {"degrees": test.degrees, "p": test.p, **more}
    if test.p_exact is not None:
        fields["p_exact"] = test.p_exact
    return Result(name, None, "aac_group", arm, readers, estimate, fields)


def hotelling(
    fits: tuple[Fits, Fits], scheme: Weights, outcome: str, compared: tuple[str, str]
) -> Result | None:
    r"""Return Hotelling's test of no difference between arms in any pair of readers.

    :math:`T^2 = d' S^{-1} d`, where d are the differences in kappa of m pairs of readers and S the
    products of their influence, summed over K patients. p is that of
    :math:`F = T^2 (K - m) / (m (K - 1))` with m and K - m degrees of freedom.

    Parameters
    ----------
    fits : (dict, dict)
        Fits of minuend and subtrahend by pair of readers.
    scheme : {"none", "linear", "quadratic"}
        Scheme of weights.
    outcome : str
        The outcome.
    compared : (str, str)
        Names of the arms.

    Returns
    -------
    Result or None
        None if fewer than two pairs have a kappa in both arms.

    References
    ----------
    Vanbelle 2017, Biom J 59:1016.
    """
    up, down = fits
    shared = [
        readers
        for readers in up
        if readers in down and up[readers].value is not None and down[readers].value is not None
    ]
    if len(shared) < 2:
        return None
    method = (
        f"Hotelling's T² over pairs of readers, {compared[0]} minus {compared[1]}, kappa, "
        f"{weighting(scheme)}; covariance from influence values summed per patient (Vanbelle "
        "2017); only at full rank"
    )
    names = tuple(sorted({name for readers in shared for name in readers}))
    d = np.array([(up[readers].value or 0.0) - (down[readers].value or 0.0) for readers in shared])
    influence = np.array([up[readers].influence - down[readers].influence for readers in shared])
    present = np.any([up[readers].present | down[readers].present for readers in shared], axis=0)
    covariance, patients, m = influence @ influence.T, int(present.sum()), len(shared)
    labels = (scheme, outcome, "-".join(compared), names)
    # With too few patients the covariance is singular, and T2 would be arbitrary.
    if patients <= m or int(np.linalg.matrix_rank(influence)) < m:
        return Result("hotelling_t2", *labels, undefined(patients, RANK_NOTE, method))
    t2 = float(d @ np.linalg.solve(covariance, d))
    p = float(special.fdtrc(m, patients - m, t2 * (patients - m) / (m * (patients - 1))))
    more = {"pairs": m, "p": p, "p_chi_square": float(special.chdtrc(m, t2))}
    return Result("hotelling_t2", *labels, Estimate(t2, None, None, patients, method), more)


def level_shift_results(
    table: ReadingTable, arm: str | None, pairs: Sequence[tuple[str, str]]
) -> Iterator[Result]:
    """Yield linear kappas of the cells with the second reader's levels shifted by one.

    Errors in numbering the vertebrae raise the shifted kappa above the unshifted one; errors in
    grading do not. Both use the cells of the same three levels of the first reader. ``cases`` are
    those suspected of shifted levels.
    """
    ratings = Ratings(table, "cells", arm)
    grades = ratings.values.reshape(len(table.readers), len(table.cases), len(LEVELS), -1)
    graded = (grades != MISSING).any(axis=(2, 3))
    for readers in pairs:
        rows = [ratings.names[name] for name in readers]
        # In large studies, two readers share few of the cases.
        cases = np.flatnonzero(graded[rows].all(axis=0))
        first, second = grades[rows[0], cases], grades[rows[1], cases]
        # Two walls at each of three levels.
        patient_of_cell = np.repeat(table.case_patient[cases], 6)
        case_of_cell = np.repeat(cases, 6)
        for by in (-1, 1):
            fits = []
            for moved in (False, True):
                first_cells, second_cells = _shifted_levels(first, second, by if moved else 0, by)
                pair = Pair.of(
                    first_cells.ravel(),
                    second_cells.ravel(),
                    case=case_of_cell,
                    patient=patient_of_cell,
                    categories=ratings.categories,
                    patients=ratings.patients,
                )
                fits.append(fit_kappa(pair, "linear"))
            suspects = suspected_shifts(first, second, by)
            names = [table.cases[case] for case in cases[suspects]]
            plain = fits[0].value
            method = (
                "Cohen's kappa, linear weights, with the levels of the second reader shifted by "
                f"{by:+d}; cells of three levels; unshifted kappa in unmoved; SE from influence "
                "values summed per patient"
            )
            more = {"moved_by": by, "unmoved": plain, "cases": names}
            estimate = fits[1].estimate(method)
            yield Result("level_shift_kappa", "linear", "cells", arm, readers, estimate, more)


def suspected_shifts(first: IntArray, second: IntArray, by: int) -> NDArray[np.bool_]:
    """Return the cases in which one reader's levels seem to be one level off the other's.

    Parameters
    ----------
    first, second : int array (cases, 4, 2)
        Grades of two readers by level and wall, -1 where missing.
    by : int
        Levels by which the second reader's grades are moved: at 1, the second reader's L2 is
        compared with the first reader's L1; at -1, L1 with L2.

    Returns
    -------
    bool array (cases,)
        Whether the grades of three levels differ by at least `LEAST_DISTANCE` in all, and by less
        than `SHIFTED_DISTANCE_RATIO` of that after the move.
    """
    before = _distance(*_shifted_levels(first, second, 0, by))
    after = _distance(*_shifted_levels(first, second, by, by))
    suspects: NDArray[np.bool_] = (before >= LEAST_DISTANCE) & (
        after < SHIFTED_DISTANCE_RATIO * before
    )
    return suspects


def _shifted_levels(
    first: IntArray, second: IntArray, by: int, side: int
) -> tuple[IntArray, IntArray]:
    """Return the cells of three levels of the first reader, and of the second ``by`` levels away.

    ``side`` is the direction of the shift that both results are compared for: it selects the three
    levels that exist before and after it.
    """
    start = 0 if side > 0 else 1
    # Not -1, which is undefined for readers without a case in common.
    cells = (len(first), 3 * first.shape[2])
    first_levels = first[:, start : start + 3].reshape(cells)
    second_levels = second[:, start + by : start + by + 3].reshape(cells)
    return first_levels, second_levels


def _distance(first: IntArray, second: IntArray) -> IntArray:
    known = (first != MISSING) & (second != MISSING)
    distances: IntArray = np.where(known, np.abs(first - second), 0).sum(axis=1)
    return distances
