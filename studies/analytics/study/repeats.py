"""Intrareader agreement: hidden repeats (replicate 2) against first readings.

Every reader and arm has a weighted kappa and, for totals, ICCs and limits of agreement between the
two replicates. Pooled over readers are the mean kappa, the mean ICC, and the limits of agreement of
all differences, with standard errors that sum influence per patient over all readers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from studies.analytics.coefficients.bland_altman import bland_altman
from studies.analytics.coefficients.intraclass import Form
from studies.analytics.coefficients.kappa import (
    KappaFit,
    Weights,
    fit_kappa,
    proportion_within,
    weighting,
)
from studies.analytics.coefficients.kappa_differences import (
    kappa_difference,
    mean_kappa,
    mean_kappa_difference,
)
from studies.analytics.coefficients.pair import Pair
from studies.analytics.coefficients.repeat_differences import PooledDifferences
from studies.analytics.ratings import Ratings
from studies.analytics.resampling.intervals import (
    bootstrap_intervals,
)
from studies.analytics.resampling.kappa_bootstrap import Draws
from studies.analytics.resampling.patient_bootstrap import (
    Bootstrap,
)
from studies.analytics.result import Result
from studies.analytics.scale import MISSING
from studies.analytics.study.icc_differences import bootstrap_mean_icc, fit_icc, mean_icc
from studies.analytics.study.other_coefficients import cut_offs, pair_coefficients
from studies.analytics.study.pairs.single_pairs import LIMITS, TOTALS
from studies.analytics.study.totals import (
    PAGE_FORMS,
    icc_results,
    limits_of_agreement,
    total_detail,
)
from studies.analytics.table import FloatArray, IntArray, ReadingTable

BOTH = (1, 2)
RULE = "intrareader: replicate 1 against 2 of the same reader and arm, items scored twice"
ERROR = "SE from influence values summed per patient; 95 % CI: value ± 1.96 SE"

POOLED_LIMITS = (
    "Bland-Altman, replicate 1 minus 2, differences of all readers pooled; limits: bias ± 1.96 SD; "
    f"{RULE}; {ERROR}; n counts differences"
)

ReaderFits = dict[tuple[str | None, Weights], dict[str, KappaFit]]


def repeat_results(
    table: ReadingTable,
    outcomes: Sequence[str],
    weights: Sequence[Weights],
    compared: tuple[str, str] | None,
    bootstrap: Bootstrap | None = None,
    *,
    detail: bool = True,
) -> Iterator[Result]:
    """Yield intrareader agreement: of every reader, pooled over readers, and differences.

    Parameters
    ----------
    table : ReadingTable
        The readings; nothing is yielded if it has no replicate 2.
    outcomes, weights : sequence of str
        Outcomes and schemes of weights.
    compared : (str, str) or None
        Minuend and subtrahend of differences between arms.
    bootstrap : Bootstrap, optional
        Resampled patients, for bootstrap intervals of the pooled statistics.
    detail : bool
        Whether to add what the page does not show: consistency, other coefficients of every
        reader, and the correlations and limits of agreement of a reader's totals.
    """
    if not bool((table.replicate == 2).any()):
        return
    for outcome in outcomes:
        fits: ReaderFits = {}
        for arm in table.arms:
            yield from _arm(table, outcome, arm, weights, fits, bootstrap, detail=detail)
        if compared:
            yield from _differences(outcome, compared, weights, fits)


def _arm(
    table: ReadingTable,
    outcome: str,
    arm: str | None,
    weights: Sequence[Weights],
    fits: ReaderFits,
    bootstrap: Bootstrap | None,
    *,
    detail: bool,
) -> Iterator[Result]:
    rows = table.repeat_readings(arm)
    ratings, again = Ratings(table, outcome, arm), table.ratings_of(rows, outcome)
    readers = [
        name
        for name, reader_rows in zip(table.readers, rows, strict=True)
        if (reader_rows >= 0).any()
    ]
    for scheme in weights:
        fits[arm, scheme] = {}
    for reader in readers:
        index = ratings.names[reader]
        pair = ratings.pair_of(ratings.values[index], again[index])
        for scheme in weights:
            fit = fit_kappa(pair, scheme)
            fits[arm, scheme][reader] = fit
            estimate = fit.estimate(f"Cohen's kappa, {weighting(scheme)}; {RULE}; {ERROR}")
            yield Result("cohen_kappa", scheme, outcome, arm, (reader,), estimate, {}, BOTH)
        yield from _shares(ratings, pair, reader)
        if not detail:
            continue
        yield from _coefficients(table, ratings, pair, reader, weights)
        if outcome in TOTALS:
            both = np.column_stack([numbers(ratings.values[index]), numbers(again[index])])
            compared = bland_altman(both[:, 0], both[:, 1])
            yield from limits_of_agreement(compared, outcome, arm, (reader,), replicate=BOTH)
            yield from icc_results(both, outcome, arm, (reader,), PAGE_FORMS, replicate=BOTH)
            yield from total_detail(both, outcome, arm, (reader,), replicate=BOTH)
    yield from _mean_kappas(ratings, again, readers, fits, bootstrap)
    if outcome in TOTALS and readers:
        forms = PAGE_FORMS if detail else PAGE_FORMS[:1]
        yield from _pooled_totals(ratings, again, readers, forms, bootstrap)


def _mean_kappas(
    ratings: Ratings,
    again: IntArray,
    readers: Sequence[str],
    fits: ReaderFits,
    bootstrap: Bootstrap | None,
) -> Iterator[Result]:
    """Yield the mean kappas over readers, for each scheme of weights."""
    arm, draws = ratings.arm, Draws(bootstrap)
    schemes = [scheme for fitted_arm, scheme in fits if fitted_arm == arm]
    pairs = {}
    for reader in readers:
        index = ratings.names[reader]
        pairs[reader, reader] = ratings.pair_of(ratings.values[index], again[index])
    draws.add(arm, schemes, pairs)
    for scheme in schemes:
        reader_fits = fits[arm, scheme]
        if not reader_fits:
            continue
        method = f"mean over readers of Cohen's kappa, {weighting(scheme)}; {RULE}; {ERROR}"
        estimate = mean_kappa(list(reader_fits.values()), method=method)
        known = [(name, name) for name, fit in reader_fits.items() if fit.value is not None]
        more = draws.interval(scheme, known, [arm], estimate.value) if known else {}
        names = tuple(reader_fits)
        yield Result("mean_intra_kappa", scheme, ratings.outcome, arm, names, estimate, more, BOTH)


def _pooled_totals(
    ratings: Ratings,
    again: IntArray,
    readers: Sequence[str],
    forms: Sequence[Form],
    bootstrap: Bootstrap | None,
) -> Iterator[Result]:
    """Yield the mean ICCs over readers, and the limits of agreement of all differences."""
    rows = [ratings.names[reader] for reader in readers]
    first, second = numbers(ratings.values[rows]), numbers(again[rows])
    labels = (None, ratings.outcome, ratings.arm, tuple(readers))
    for form in forms:
        fits = [
            fit_icc(np.column_stack(both), ratings.patient, ratings.patients, form)
            for both in zip(first, second, strict=True)
        ]
        estimate = mean_icc(fits, f"mean over readers of ICC({form}); {RULE}; {ERROR}")
        more = {"form": form, **bootstrap_mean_icc(fits, estimate, bootstrap)}
        yield Result("mean_intra_icc", *labels, estimate, more, BOTH)
    pooled = PooledDifferences.of(first, second, ratings.patient, ratings.patients)
    estimates = pooled.estimates(POOLED_LIMITS)
    drawn = pooled.of_resamples(bootstrap.weights) if bootstrap else None
    left_out = pooled.leave_one_out()[:, pooled.present]
    for index, (name, estimate) in enumerate(zip(LIMITS, estimates, strict=True)):
        more = {}
        if drawn is not None and estimate.ci is not None:
            more = bootstrap_intervals(drawn[index], left_out[index], estimate.value)
        yield Result(f"{name}_of_repeats", *labels, estimate, more, BOTH)


def numbers(scores: IntArray) -> FloatArray:
    """Return scores as numbers, NaN where missing."""
    return np.where(scores == MISSING, np.nan, scores.astype(np.float64))


def _shares(ratings: Ratings, pair: Pair, reader: str) -> Iterator[Result]:
    for steps, name in ((0, "percent_agreement"), (1, "percent_within_one")):
        description = "with exact agreement" if steps == 0 else "differing by at most one"
        share = proportion_within(
            pair, steps, f"proportion of items {description}; {RULE}; {ERROR}"
        )
        yield Result(name, None, ratings.outcome, ratings.arm, (reader,), share, {}, BOTH)


def _coefficients(
    table: ReadingTable,
    ratings: Ratings,
    pair: Pair,
    reader: str,
    weights: Sequence[Weights],
) -> Iterator[Result]:
    outcome, arm = ratings.outcome, ratings.arm
    cuts = cut_offs(outcome, table.group_limits)
    for result in pair_coefficients(ratings, pair, (reader, reader), weights, cuts):
        method = f"{result.estimate.method}; {RULE}"
        yield Result(
            result.statistic,
            result.weights,
            outcome,
            arm,
            (reader,),
            result.estimate.with_method(method),
            result.more,
            BOTH,
        )


def _differences(
    outcome: str, compared: tuple[str, str], weights: Sequence[Weights], fits: ReaderFits
) -> Iterator[Result]:
    arm, arms = "-".join(compared), {"arms": list(compared)}
    for scheme in weights:
        up, down = (fits[name, scheme] for name in compared)
        shared = tuple(reader for reader in up if reader in down)
        method = f"{compared[0]} minus {compared[1]}, kappa, {weighting(scheme)}; {RULE}; {ERROR}"
        for reader in shared:
            estimate = kappa_difference(up[reader], down[reader], names=compared, method=method)
            yield Result("kappa_difference", scheme, outcome, arm, (reader,), estimate, arms, BOTH)
        if shared:
            both = [(up[reader], down[reader]) for reader in shared]
            estimate = mean_kappa_difference(both, method=f"mean over readers; {method}")
            yield Result(
                "mean_kappa_difference", scheme, outcome, arm, shared, estimate, arms, BOTH
            )
