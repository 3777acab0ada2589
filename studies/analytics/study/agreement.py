"""From a ReadingTable to every number of the agreement page and the report.

Conventions: inter-reader statistics use replicate 1 (and the earliest period where an arm was read
twice); items need both readers' score (pairwise deletion within an arm); intervals are value -+
1.959963984540054 standard errors, not clipped; standard errors sum influence per patient, which is
Fleiss-Cohen-Everitt 1969 where each patient has one item.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from studies.analytics.coefficients.icc_differences import icc_difference_results
from studies.analytics.coefficients.kappa import (
    WEIGHTS,
    KappaFit,
    Weights,
    fit_kappa,
    proportion_within,
)
from studies.analytics.estimate import Estimate
from studies.analytics.ratings import Pairs, Ratings, reader_pairs
from studies.analytics.resampling.kappa_bootstrap import Draws
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.results import Agreement, Result
from studies.analytics.study.comparisons import comparison_of, reading_warnings
from studies.analytics.study.consensus import consensus_results
from studies.analytics.study.differences import kappa_difference, mean_kappa, mean_kappa_difference
from studies.analytics.study.level_shifts import hotelling, level_shift_results, margin_results
from studies.analytics.study.other_coefficients import (
    cuts_of,
    group_coefficients,
    pair_coefficients,
)
from studies.analytics.study.reference import reference_results
from studies.analytics.study.repeats import repeat_results
from studies.analytics.study.time_and_order_effects import order_results, time_results
from studies.analytics.study.totals import (
    PAGE_FORMS,
    at_cut_offs,
    by_burden,
    icc_results,
    total_detail,
    total_results,
)
from studies.analytics.table import POOLED, ReadingTable, category_labels

DEFAULT_COMPARISON = ("guided", "unguided")
PAIRWISE = "items scored by both readers in the arm, replicate 1"
TOTALS = ("aac24", "aac8")
INTERVAL = "95 % CI value ± 1.96 SE"

Fits = dict[tuple[str | None, Weights], dict[tuple[str, str], KappaFit]]


def agreement(
    table: ReadingTable,
    *,
    weights: Sequence[Weights] = WEIGHTS,
    outcomes: Sequence[str] | None = None,
    compare: tuple[str, str] | None = DEFAULT_COMPARISON,
    bootstrap: Bootstrap | None = None,
    detail: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Agreement:
    """Compute agreement of every pair of readers, in every arm and outcome.

    Parameters
    ----------
    table
        The readings.
    weights, outcomes
        Which kappas and outcomes; all of them by default.
    compare
        Minuend and subtrahend of the differences between arms; where an arm is absent, a warning
        says so. None where no difference is expected.
    bootstrap
        Adds ``ci_bootstrap`` and ``ci_bca`` to every kappa, mean and difference, and
        ``ci_bootstrap_readers`` to means over pairs.
    detail
        Adds what the page does not show: the other coefficients, correlations, cut-offs, burden
        strata, repeats of a reader, readers against a known truth, shifts of margins, order effects
        and time on task.
    progress
        Told (outcomes done, outcomes in all) after each.
    """
    arms = table.arms
    comparison = comparison_of(table, compare)
    compared = comparison.arms
    pairs = {arm: reader_pairs(table, arm) for arm in arms}
    results: list[Result] = []
    chosen = outcomes or table.outcomes
    for done, outcome in enumerate(chosen, start=1):
        fits: Fits = {}
        draws = Draws(bootstrap)
        for arm in arms:
            results += _arm_results(table, outcome, arm, pairs[arm], weights, fits, draws, detail)
        if compared:
            results += _difference_results(outcome, compared, weights, fits, draws)
            if detail and outcome in TOTALS:
                results += icc_difference_results(table, outcome, compared, pairs, bootstrap)
            if detail:
                results += _across_pairs(outcome, compared, weights, fits)
        if detail:
            results += reference_results(table, outcome, weights, compared, bootstrap)
        if progress:
            progress(done, len(chosen))
    if detail:
        results += repeat_results(table, chosen, weights, compared)
        results += margin_results(table, compared)
        for arm in arms:
            results += level_shift_results(table, arm, pairs[arm])
        results += time_results(table, compared)
        results += order_results(table)
    warnings = tuple(reading_warnings(table, comparison, pairs, results))
    return Agreement(tuple(results), arms, compared, pairs, warnings, comparison.missing)


def _arm_results(
    table: ReadingTable,
    outcome: str,
    arm: str | None,
    pairs: Pairs,
    weights: Sequence[Weights],
    fits: Fits,
    draws: Draws,
    detail: bool,
) -> Iterator[Result]:
    ratings = Ratings(table, outcome, arm)
    for scheme in weights:
        fits[arm, scheme] = {}
    items = {readers: ratings.pair(readers) for readers in pairs}
    draws.add(arm, weights, items)
    for readers, pair in items.items():
        counts = pair.counts()
        for scheme in weights:
            fit = fit_kappa(pair, scheme, counts)
            fits[arm, scheme][readers] = fit
            resampled = draws.interval(scheme, [readers], [arm], fit.value)
            yield from _kappa_results(fit, scheme, outcome, arm, readers, resampled)
        for steps, name in ((0, "percent_agreement"), (1, "percent_within_one")):
            close = proportion_within(pair, steps, _proportion_method(steps))
            yield Result(name, None, outcome, arm, readers, close)
        if outcome in TOTALS:
            yield from total_results(ratings.as_numbers(readers), outcome, arm, readers)
        if detail:
            cuts = cuts_of(outcome, table.group_limits)
            yield from pair_coefficients(ratings, pair, readers, weights, cuts)
            if outcome in TOTALS:
                yield from total_detail(ratings.as_numbers(readers), outcome, arm, readers)
                yield from at_cut_offs(pair, outcome, arm, readers, table.group_limits)
            if outcome == "aac24":
                yield from by_burden(ratings, readers, table.group_limits)
    yield from _mean_results(outcome, arm, pairs, weights, fits, draws)
    names = _names(pairs)
    if outcome in TOTALS and len(pairs) > 1:
        totals = ratings.as_numbers(names)
        yield from icc_results(totals, outcome, arm, names, PAGE_FORMS)
        if detail:
            yield from total_detail(totals, outcome, arm, names)
    if detail and pairs:
        yield from group_coefficients(ratings, names, weights)
        yield from consensus_results(ratings, names, weights)


def _kappa_results(
    fit: KappaFit,
    scheme: Weights,
    outcome: str,
    arm: str | None,
    readers: tuple[str, str],
    resampled: dict[str, Any],
) -> Iterator[Result]:
    estimate = fit.estimate(_kappa_method(outcome, scheme))
    se_items = None if fit.value is None else fit.se_items
    more = {"se_items": se_items, "patients": fit.patients, **resampled}
    yield Result("cohen_kappa", scheme, outcome, arm, readers, estimate, more)
    for name, value in (
        ("observed_agreement", fit.observed),
        ("expected_agreement", fit.expected),
    ):
        method = f"{name.split('_')[0]} agreement as a proportion, weights {scheme}; {PAIRWISE}"
        note = "" if value is not None else fit.note
        bare = Estimate(value, None, None, fit.n, method, note)
        yield Result(name, scheme, outcome, arm, readers, bare)


def _mean_results(
    outcome: str,
    arm: str | None,
    pairs: Pairs,
    weights: Sequence[Weights],
    fits: Fits,
    draws: Draws,
) -> Iterator[Result]:
    if not pairs:
        return
    for scheme in weights:
        method = (
            f"mean of the pairwise Cohen's kappas (Light 1971), weights {scheme}; each pair on its "
            f"own items; SE by mean influence per patient; {INTERVAL}; n counts patients"
        )
        estimate = mean_kappa(list(fits[arm, scheme].values()), method=method)
        known = [readers for readers, fit in fits[arm, scheme].items() if fit.value is not None]
        more = _resampled(draws, scheme, known, [arm], estimate.value)
        yield Result("light_kappa", scheme, outcome, arm, _names(pairs), estimate, more)


def _difference_results(
    outcome: str,
    compared: tuple[str, str],
    weights: Sequence[Weights],
    fits: Fits,
    draws: Draws,
) -> Iterator[Result]:
    arm = "-".join(compared)
    arms = {"arms": list(compared)}
    for scheme in weights:
        up, down = (fits[name, scheme] for name in compared)
        shared = [readers for readers in up if readers in down]
        rule = (
            f"{compared[0]} minus {compared[1]}, Cohen's kappa, weights {scheme}; each arm on its "
            f"own items; SE by influence per patient (delta method); {INTERVAL}; n counts "
            "patients read in both arms"
        )
        for readers in shared:
            estimate = kappa_difference(up[readers], down[readers], names=compared, method=rule)
            more = arms | draws.interval(scheme, [readers], compared, estimate.value)
            yield Result("kappa_difference", scheme, outcome, arm, readers, estimate, more)
        if shared:
            estimate = mean_kappa_difference(
                [(up[readers], down[readers]) for readers in shared],
                method=f"mean over pairs of readers; {rule}",
            )
            names = _names(tuple(shared))
            known = [
                readers
                for readers in shared
                if up[readers].value is not None and down[readers].value is not None
            ]
            more = arms | _resampled(draws, scheme, known, compared, estimate.value)
            yield Result("mean_kappa_difference", scheme, outcome, arm, names, estimate, more)


def _resampled(
    draws: Draws,
    scheme: Weights,
    pairs: Sequence[tuple[str, str]],
    arms: Sequence[str | None],
    value: float | None,
) -> dict[str, Any]:
    """Return the bootstrap intervals of a mean over pairs, for these readers and for such."""
    if not pairs:
        return {}
    these = draws.interval(scheme, pairs, arms, value)
    return these | draws.interval_over_readers(scheme, pairs, arms)


def _across_pairs(
    outcome: str, compared: tuple[str, str], weights: Sequence[Weights], fits: Fits
) -> Iterator[Result]:
    for scheme in weights:
        both = fits[compared[0], scheme], fits[compared[1], scheme]
        tested = hotelling(both, scheme, outcome, compared)
        if tested:
            yield tested


def _kappa_method(outcome: str, scheme: Weights) -> str:
    labels = category_labels(outcome)
    cells = "; eight cells a case pooled, clustered by patient" if outcome in POOLED else ""
    return (
        f"Cohen's kappa, weights {scheme}, fixed categories {labels[0]} to {labels[-1]} "
        f"({len(labels)}){cells}; {PAIRWISE}; SE Fleiss-Cohen-Everitt 1969 by influence values "
        f"summed per patient; {INTERVAL}"
    )


def _proportion_method(steps: int) -> str:
    what = "exact agreement" if steps == 0 else "differing by at most one"
    return f"proportion of items {what}; {PAIRWISE}; SE clustered by patient; {INTERVAL}"


def _names(pairs: Pairs) -> tuple[str, ...]:
    return tuple(sorted({name for pair in pairs for name in pair}))
