"""Contrasts between arms: between three or more arms, and between groups of readers.

With three or more arms, every pair of arms is compared by the difference of their mean pairwise
kappas. One contrast, which the protocol names, is the primary one: its p-value is not adjusted. The
p-values of the others are adjusted by Holm's method, as one family per outcome and weighting.

Two arms that have pairs of readers in common are compared within these pairs: the difference of
dependent kappas. Two arms that have no reader in common are compared between their groups of
readers (a parallel-group study): the difference of the mean kappas of all pairs in each group. Both
groups read the same patients, so the influence of a patient on the difference is the difference of
the patient's influences, and replicates of the bootstrap draw each patient for both groups at once.
Readers are drawn within their group. The interval of patients alone applies to the readers of the
study. Differences between arms and between the groups' readers cannot be distinguished.

References
----------
Holm 1979, Scand J Stat 6:65. Vanbelle and Albert 2008, J Stat Comput Simul 78:1009 (bootstrap of
dependent kappas). Obuchowski 1995, Acad Radiol 2:709 (designs with different readers in each arm).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

import numpy as np

from studies.analytics.coefficients.kappa import Weights, weighting
from studies.analytics.estimate import Estimate, undefined
from studies.analytics.result import Result
from studies.analytics.results import Agreement, Records
from studies.analytics.study.designs.multiplicity import holm_adjusted, wald_p
from studies.analytics.study.outcome_results import (
    INTERVAL,
    OutcomeResults,
    difference_rule,
    marked_pairs,
    names_of,
)
from studies.analytics.study.pairs.means import (
    FittedPairs,
    difference_of_groups,
    mean_difference_of_pairs,
    patients_of_rows,
)

Arms = tuple[str, str]

CONTRAST: Final = "mean_kappa_contrast"
GROUP_DIFFERENCE: Final = "group_kappa_difference"
TEST: Final = "p from the Wald test with this SE"
NO_READERS_NOTE: Final = (
    "no two readers read in both arms, and the arms do not have separate groups of two or more "
    "readers"
)


def contrasts_of(arms: Sequence[str | None], primary: Arms | None) -> tuple[Arms, ...]:
    """Return all contrasts between three or more arms, the primary one first.

    Parameters
    ----------
    arms : sequence of str or None
        The arms in their order.
    primary : (str, str) or None
        Minuend and subtrahend of the primary contrast.

    Returns
    -------
    tuple of (str, str)
        Minuend and subtrahend: of two arms the later one minus the earlier one. Empty with fewer
        than three arms, or without a primary contrast.
    """
    names = [arm for arm in arms if arm is not None]
    if primary is None or len(names) < 3:
        return ()
    others = [(second, first) for first, second in combinations(names, 2)]
    return (primary, *(pair for pair in others if set(pair) != set(primary)))


def shares_pairs(results: Agreement) -> bool:
    """Return whether a pair of readers read in both compared arms."""
    if results.compared is None:
        return False
    first, second = (set(results.pairs.get(arm, ())) for arm in results.compared)
    return bool(first & second)


def compares_groups(results: Agreement) -> bool:
    """Return whether no reader read in both of the compared arms."""
    if results.compared is None:
        return False
    first, second = (names_of(results.pairs.get(arm, ())) for arm in results.compared)
    return bool(first and second) and not set(first) & set(second)


def within_pairs(results: Agreement) -> Agreement:
    """Return the results for a table of single pairs, which have no group difference.

    Where no pair of readers read in both arms, the results compare no arms.
    """
    return results if shares_pairs(results) else replace(results, compared=None)


def mean_differences(results: Agreement, weights: str) -> dict[str, Result]:
    """Return the difference between the compared arms of each outcome, by outcome.

    The mean difference of the pairs that read in both arms or, where each arm has its own readers,
    the difference between the groups.
    """
    statistic = "mean_kappa_difference" if shares_pairs(results) else GROUP_DIFFERENCE
    return {result.outcome: result for result in results.find(statistic, weights=weights)}


def contrast_blocks(results: OutcomeResults, contrasts: Sequence[Arms]) -> Iterator[Records]:
    """Yield the differences between groups of readers, and all contrasts of three or more arms.

    Parameters
    ----------
    results : OutcomeResults
        The kappas of all pairs in one outcome.
    contrasts : sequence of (str, str)
        As returned by `contrasts_of`.
    """
    compared = results.compared
    for scheme in results.weights:
        if compared and (difference := _group_difference(results, scheme, compared)):
            yield Records((_result(GROUP_DIFFERENCE, results, scheme, compared, difference, {}),))
        if contrasts:
            yield Records(_contrasts(results, scheme, contrasts))


def reader_groups(results: OutcomeResults, arms: Arms) -> tuple[tuple[str, ...], ...]:
    """Return the readers of two arms that share no reader; empty otherwise.

    Each group has two or more readers.
    """
    groups = tuple(names_of(results.pairs[arm]) for arm in arms)
    return groups if all(groups) and not set(groups[0]) & set(groups[1]) else ()


@dataclass(frozen=True)
class _Difference:
    """A difference between two arms, its readers and its bootstrap intervals."""

    estimate: Estimate
    readers: tuple[str, ...]
    more: dict[str, Any]


def _contrasts(
    results: OutcomeResults, scheme: Weights, contrasts: Sequence[Arms]
) -> Iterator[Result]:
    differences = [
        _pair_difference(results, scheme, arms)
        or _group_difference(results, scheme, arms)
        or _no_difference(results, scheme, arms)
        for arms in contrasts
    ]
    p_values = [wald_p(difference.estimate) for difference in differences]
    # The primary contrast comes first and does not belong to the family of the others.
    adjusted = [None, *holm_adjusted(p_values[1:])]
    for index, (arms, difference) in enumerate(zip(contrasts, differences, strict=True)):
        test = {"primary": index == 0, "p": p_values[index], "p_holm": adjusted[index]}
        yield _result(CONTRAST, results, scheme, arms, difference, test)


def _result(
    statistic: str,
    results: OutcomeResults,
    scheme: Weights,
    arms: Arms,
    difference: _Difference,
    test: dict[str, Any],
) -> Result:
    more = {"arms": list(arms), **test, **difference.more}
    labels = (results.outcome, "-".join(arms), difference.readers)
    estimate = difference.estimate
    if test:
        estimate = estimate.with_method(f"{estimate.method}; {TEST}")
    return Result(statistic, scheme, *labels, estimate, more)


def _pair_difference(results: OutcomeResults, scheme: Weights, arms: Arms) -> _Difference | None:
    """Return the mean difference over the pairs that read in both arms, None without such pairs."""
    shared = results.shared_pairs(arms)
    if not shared:
        return None
    paired = results.paired_arms(scheme, arms)
    method = f"mean over pairs of readers; {difference_rule(arms, scheme)}"
    estimate = mean_difference_of_pairs(paired, method)
    known = marked_pairs(shared, paired.known)
    # Of the pairs that enter the difference, as in the difference between two arms.
    sides = (paired.minuend, paired.subtrahend)
    more = {"n_arms": [patients_of_rows(side.present, paired.known) for side in sides]}
    more |= results.bootstrap_fields(scheme, known, arms, estimate.value)
    return _Difference(estimate, names_of(shared), more)


def _group_difference(results: OutcomeResults, scheme: Weights, arms: Arms) -> _Difference | None:
    """Return the difference between two groups of readers, None if the arms share a reader."""
    groups = reader_groups(results, arms)
    if not groups:
        return None
    up, down = (results.fitted[arm, scheme] for arm in arms)
    estimate = difference_of_groups(up, down, arms, _group_method(arms, scheme))
    sides = [
        (arm, marked_pairs(results.pairs[arm], fitted.known))
        for arm, fitted in zip(arms, (up, down), strict=True)
    ]
    more: dict[str, Any] = {
        "n_arms": _patients(up, down),
        "groups": [list(group) for group in groups],
    }
    if all(pairs for _, pairs in sides):
        more |= results.draws.interval_of_sides(scheme, sides, estimate.value)
        more |= results.draws.interval_over_groups(scheme, sides)
    return _Difference(estimate, tuple(sorted((*groups[0], *groups[1]))), more)


def _no_difference(results: OutcomeResults, scheme: Weights, arms: Arms) -> _Difference:
    readers = sorted({name for arm in arms for name in names_of(results.pairs[arm])})
    estimate = undefined(0, NO_READERS_NOTE, difference_rule(arms, scheme))
    return _Difference(estimate, tuple(readers), {})


def _patients(*sides: FittedPairs) -> list[int]:
    """Return the number of patients in the mean kappa of each side."""
    return [int(np.count_nonzero(side.patients_with_kappa)) for side in sides]


def _group_method(arms: Arms, scheme: Weights) -> str:
    return (
        f"{arms[0]} minus {arms[1]}, mean of the pairwise Cohen's kappas of each group of readers, "
        f"{weighting(scheme)}; SE from influence values summed per patient over both groups (delta "
        f"method); {INTERVAL}; n counts patients read by both groups"
    )
