"""The agreement analysis: from a `ReadingTable` to all results of page, report and JSON.

Statistics between readers use replicate 1, in the earliest period if an arm was read twice. Items
need both readers' scores (pairwise deletion within an arm). Standard errors sum influence per
patient, which is Fleiss-Cohen-Everitt 1969 where each patient has one item; intervals are value ±
1.959963984540054 SE, not clipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from studies.analytics.coefficients.kappa import WEIGHTS, Weights
from studies.analytics.ratings import Pairs, reader_pairs
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.result import Result
from studies.analytics.results import Agreement, Block, Deferred, Records, Results
from studies.analytics.study.comparisons import comparison_of, reading_warnings
from studies.analytics.study.designs.arm_contrasts import contrast_blocks, contrasts_of
from studies.analytics.study.designs.icc_contrasts import icc_contrasts
from studies.analytics.study.icc_differences import icc_difference_results
from studies.analytics.study.level_shifts import (
    LEVEL_SHIFT_STATISTICS,
    MARGIN_STATISTICS,
    level_shift_results,
    margin_results,
)
from studies.analytics.study.measured import measured_blocks
from studies.analytics.study.outcome_results import OutcomeResults
from studies.analytics.study.pairs.single_pairs import TOTALS
from studies.analytics.study.reference import reference_results
from studies.analytics.study.repeats import repeat_results
from studies.analytics.study.time_and_order_effects import order_results, time_results
from studies.analytics.table import ReadingTable

DEFAULT_COMPARISON = ("guided", "unguided")


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
    """Compute the agreement of all pairs of readers, in every arm and outcome.

    Parameters
    ----------
    table : ReadingTable
        The readings.
    weights : sequence of str
        Schemes of weights for kappas; all three by default.
    outcomes : sequence of str, optional
        Outcomes; all outcomes of the table by default.
    compare : (str, str) or None
        Minuend and subtrahend of the differences between arms. A warning says if an arm is absent.
        None if no difference is expected. With three or more arms this is the primary contrast:
        the others are computed too, with adjusted p-values.
    bootstrap : Bootstrap, optional
        Adds ``ci_bootstrap``, ``ci_bootstrap_expanded`` and ``ci_bca`` to every kappa, mean and
        difference, and ``ci_bootstrap_readers`` to means over pairs.
    detail : bool
        Adds what the page does not show: other coefficients, correlations, cut-offs, strata of
        burden, hidden repeats, the reference standard, marginal homogeneity, order effects and
        time.
    progress : callable, optional
        Called after each outcome with the number done and the number of all outcomes.
    """
    arms = table.arms
    comparison = comparison_of(table, compare)
    compared = comparison.arms
    contrasts = contrasts_of(arms, compared)
    pairs = {arm: reader_pairs(table, arm) for arm in arms}
    blocks: list[Block] = []
    outcome_names = outcomes or table.outcomes
    for done, outcome in enumerate(outcome_names, start=1):
        results = OutcomeResults(
            table,
            outcome,
            pairs=pairs,
            compared=compared,
            weights=weights,
            bootstrap=bootstrap,
            detail=detail,
        )
        blocks += results.blocks()
        blocks += results.difference_blocks()
        blocks += contrast_blocks(results, contrasts)
        if detail:
            blocks.append(Records(_outcome_detail(table, results, contrasts, bootstrap)))
        if progress:
            progress(done, len(outcome_names))
    if detail:
        blocks += _study_detail(table, outcome_names, weights, pairs, compared, bootstrap)
    elif outcomes is None:
        blocks += measured_blocks(table, weights, pairs, compared, bootstrap)
    warnings = tuple(reading_warnings(table, comparison, contrasts, pairs, blocks))
    return Agreement(Results(blocks), arms, compared, pairs, warnings, comparison.missing)


def _outcome_detail(
    table: ReadingTable,
    results: OutcomeResults,
    contrasts: Sequence[tuple[str, str]],
    bootstrap: Bootstrap | None,
) -> Iterator[Result]:
    """Yield further differences of an outcome, and its agreement with the reference standard."""
    outcome, compared = results.outcome, results.compared
    if compared:
        if outcome in TOTALS:
            yield from icc_difference_results(table, outcome, compared, results.pairs, bootstrap)
            yield from icc_contrasts(table, outcome, contrasts or (compared,), bootstrap)
        yield from results.tests_across_pairs()
    yield from reference_results(table, outcome, results.weights, compared, bootstrap)


def _study_detail(
    table: ReadingTable,
    outcomes: Sequence[str],
    weights: Sequence[Weights],
    pairs: dict[str | None, Pairs],
    compared: tuple[str, str] | None,
    bootstrap: Bootstrap | None,
) -> Iterator[Block]:
    """Yield further results that do not belong to a single outcome."""
    yield Records(repeat_results(table, outcomes, weights, compared, bootstrap))
    yield Deferred(MARGIN_STATISTICS, partial(margin_results, table, compared))
    for arm in table.arms:
        yield Deferred(LEVEL_SHIFT_STATISTICS, partial(level_shift_results, table, arm, pairs[arm]))
    yield from measured_blocks(table, weights, pairs, compared, bootstrap)
    yield Records(time_results(table, compared))
    yield Records(order_results(table))
