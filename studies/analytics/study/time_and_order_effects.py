"""Active reading time by arm, and effects of period, position and reading session.

Times are compared as ratios within reader and case: the mean log ratio of two arms over the readers
of each patient, then the Hodges-Lehmann estimate over patients with the interval from the Wilcoxon
signed-rank test (normal approximation; independent patients, symmetric log ratios). Effects of
period, of position in the reading list, and of position in the reading session and time since its
start (fatigue) on totals and time are least-squares slopes within case and within reader and arm,
each fitted on its own; for their standard errors, score contributions are summed per patient.

References
----------
Hodges and Lehmann 1963, Ann Math Stat 34:598. Hollander and Wolfe 1999, Nonparametric Statistical
Methods, 2nd ed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from studies.analytics.estimate import (
    Z95,
    ZERO_SE_NOTE,
    Estimate,
    clustered_se,
    normal_interval,
    undefined,
)
from studies.analytics.result import Result
from studies.analytics.scale import MISSING
from studies.analytics.table import FloatArray, ReadingTable

# Walsh averages are n (n + 1) / 2 numbers: 16 MB for this many patients.
MOST_FOR_WALSH: Final = 2000
MINUTE: Final = 60_000.0  # milliseconds
HOUR: Final = 60 * MINUTE

STEPS: Final = {
    "period_effect": "per period",
    "position_effect": "per ten positions",
    "session_position_effect": "per ten positions in the reading session",
    "session_time_effect": "per hour since the start of the reading session",
}
"""The difference that each effect refers to."""


def time_results(table: ReadingTable, compared: tuple[str, str] | None) -> Iterator[Result]:
    """Yield median active minutes by reader and arm, and ratios of times between two arms."""
    for arm_index, arm in enumerate(table.arms):
        arm_rows = (table.arm == arm_index) & (table.replicate == 1) & np.isfinite(table.active_ms)
        whole = [(name, arm_rows & (table.reader == i)) for i, name in enumerate(table.readers)]
        names = tuple(name for name, rows in whole if rows.any())
        for readers, rows in (*(((name,), rows) for name, rows in whole), (names, arm_rows)):
            if rows.any():
                yield _median_minutes(table.active_ms[rows] / MINUTE, arm, readers)
    if compared:
        yield from _time_ratios(table, compared)


def _median_minutes(minutes: FloatArray, arm: str | None, readers: tuple[str, ...]) -> Result:
    low, middle, high = np.percentile(minutes, [25, 50, 75])
    method = "median active minutes per reading, with quartiles; interval by order statistics"
    more = {"quartiles": [float(low), float(high)]}
    ci = _median_interval(minutes)
    note = "" if ci else "too few readings for an interval"
    estimate = Estimate(float(middle), None, ci, len(minutes), method, note)
    return Result("median_active_minutes", None, "time", arm, readers, estimate, more)


def _median_interval(values: FloatArray) -> tuple[float, float] | None:
    """Return the interval of a median between order statistics, with at least 95 % coverage."""
    n = len(values)
    rank = 0
    while rank < n // 2 and float(special.bdtr(rank, n, 0.5)) <= 0.025:
        rank += 1
    if rank == 0:
        return None
    ordered = np.sort(values)
    return float(ordered[rank - 1]), float(ordered[n - rank])


def _time_ratios(table: ReadingTable, compared: tuple[str, str]) -> Iterator[Result]:
    # Within reader and case, the speed of a reader and the difficulty of a case cancel out.
    logs = [_by_reader_and_case(table, np.log(_positive(table.active_ms)), arm) for arm in compared]
    ratio = logs[0] - logs[1]
    arm, arms = "-".join(compared), {"arms": list(compared)}
    method = (
        f"ratio of active reading times, {compared[0]} to {compared[1]}: back-transformed "
        "Hodges-Lehmann estimate from the patients' mean log ratios; interval from the Wilcoxon "
        "signed-rank test; n counts patients"
    )
    by_reader: list[tuple[tuple[str, ...], FloatArray]] = [
        ((name,), ratio[row : row + 1]) for row, name in enumerate(table.readers)
    ]
    there = tuple(name for (name,), log_ratios in by_reader if np.isfinite(log_ratios).any())
    for readers, log_ratios in (*by_reader, (there, ratio)):
        by_patient = _patient_means(log_ratios, table)
        if len(by_patient):
            estimate = hodges_lehmann(by_patient, method)
            yield Result("time_ratio", None, "time", arm, readers, estimate, arms)


def _positive(times: FloatArray) -> FloatArray:
    # A time of 0 has no logarithm.
    return np.where(times > 0, times, np.nan)


def _by_reader_and_case(table: ReadingTable, values: FloatArray, arm: str | None) -> FloatArray:
    """Return values (readings,) of the first readings of an arm (readers, cases), NaN if none."""
    rows = table.first_readings(arm)
    return np.where(rows != MISSING, values[rows], np.nan)


def _patient_means(values: FloatArray, table: ReadingTable) -> FloatArray:
    """Return the mean of known values (readers, cases) for each patient that has any."""
    known = np.isfinite(values)
    patient = np.broadcast_to(table.case_patient, values.shape)[known]
    size = len(table.patients)
    counts = np.bincount(patient, minlength=size)
    sums = np.bincount(patient, weights=values[known], minlength=size)
    means: FloatArray = sums[counts > 0] / counts[counts > 0]
    return means


def hodges_lehmann(logs: FloatArray, method: str = "") -> Estimate:
    """Return the Hodges-Lehmann estimate of a ratio, with the interval of the signed-rank test.

    The estimate is exp of the median of all means of two values (Walsh averages).

    Parameters
    ----------
    logs : float array (patients,)
        Log ratios. With more than 2000, the plain median is used.
    method : str
        Description of the method.

    References
    ----------
    Hodges and Lehmann 1963, Ann Math Stat 34:598.

    Examples
    --------
    >>> round(hodges_lehmann(np.log([0.5, 0.8, 0.9, 1.1, 0.7])).value, 3)
    0.792
    """
    n = len(logs)
    if n > MOST_FOR_WALSH:
        median = float(np.median(logs))
        low, high = _median_interval(logs) or (median, median)
        note = f"more than {MOST_FOR_WALSH} patients: plain median"
        return Estimate(math.exp(median), None, (math.exp(low), math.exp(high)), n, method, note)
    first, second = np.triu_indices(n)
    walsh = np.sort((logs[first] + logs[second]) / 2)
    value = math.exp(float(np.median(walsh)))
    middle, spread = n * (n + 1) / 4, math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    rank = round(middle - Z95 * spread)
    if rank < 1:
        return Estimate(value, None, None, n, method, "too few patients for an interval")
    low, high = float(walsh[rank - 1]), float(walsh[len(walsh) - rank])
    return Estimate(value, None, (math.exp(low), math.exp(high)), n, method)


def order_results(table: ReadingTable) -> Iterator[Result]:
    """Yield effects of period, positions and time in the session on AAC-24 totals and log times."""
    known = table.replicate == 1
    total = table.outcome("aac24").astype(float)
    total[total == MISSING] = np.nan
    for name, values in (("aac24", total), ("time", np.log(_positive(table.active_ms)))):
        rows = np.flatnonzero(known & np.isfinite(values))
        if bool((table.period[rows] > 1).any()):
            yield _effect(
                table, rows, values, (table.period[rows] - 1).astype(float), "period_effect", name
            )
        for statistic, regressor in _order_regressors(table):
            placed = rows[np.isfinite(regressor[rows])]
            if len(placed) and np.ptp(regressor[placed]) > 0:
                yield _effect(table, placed, values, regressor[placed], statistic, name)


def _order_regressors(table: ReadingTable) -> Iterator[tuple[str, FloatArray]]:
    """Yield statistics with their regressors (readings,) in the units of STEPS, NaN if unknown."""
    for statistic, positions in (
        ("position_effect", table.position),
        ("session_position_effect", table.session_position),
    ):
        yield statistic, np.where(positions == MISSING, np.nan, positions / 10)
    yield "session_time_effect", table.session_elapsed_ms / HOUR


def _effect(
    table: ReadingTable,
    rows: NDArray[np.intp],
    values: FloatArray,
    regressor: FloatArray,
    statistic: str,
    outcome: str,
) -> Result:
    """Return the slope of values on a regressor, within case and within reader and arm."""
    response = "log active time" if outcome == "time" else "AAC-24 total"
    method = (
        f"change in {response} {STEPS[statistic]}, least squares within case and within reader and "
        "arm; replicate 1; SE from score contributions summed per patient; 95 % CI: value ± 1.96 "
        "SE"
    )
    groups = [table.case[rows], table.reader[rows] * len(table.arms) + table.arm[rows]]
    x, y = _centred_within(regressor, groups), _centred_within(values[rows], groups)
    spread = float(x @ x)
    labels = (statistic, None, outcome, None, table.readers)
    if spread < 1e-9 * max(len(x), 1):
        note = "confounded with reader, arm and case"
        return Result(*labels, undefined(len(rows), note, method))
    slope = float(x @ y) / spread
    score = np.bincount(table.case_patient[table.case[rows]], weights=x * (y - slope * x))
    se = clustered_se(score.astype(float)) / spread
    note = ZERO_SE_NOTE if se == 0.0 else ""
    estimate = Estimate(slope, se, normal_interval(slope, se), len(rows), method, note)
    return Result(*labels, estimate)


def _centred_within(values: FloatArray, groups: list[Any], rounds: int = 200) -> FloatArray:
    """Return values with the means of every grouping removed, by alternating projections."""
    left: FloatArray = values - values.mean()
    # In an unbalanced study, removing the means of one grouping brings back those of the other.
    for _ in range(rounds):
        before = left
        for group in groups:
            counts = np.bincount(group)
            means = np.bincount(group, weights=left) / np.maximum(counts, 1)
            left = left - means[group]
        if float(np.abs(left - before).max()) < 1e-13:
            break
    return left
