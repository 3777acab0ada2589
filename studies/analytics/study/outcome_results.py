"""All results of one outcome: pairs as arrays, means and groups as records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from studies.analytics.coefficients.kappa import KappaFit, Weights, weighting
from studies.analytics.outcomes import POOLED, category_labels
from studies.analytics.ratings import Pairs, Ratings
from studies.analytics.resampling.kappa_bootstrap import Draws
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.result import Result
from studies.analytics.results import Block, Deferred, Records
from studies.analytics.study.consensus import CONSENSUS_STATISTICS, consensus_results
from studies.analytics.study.level_shifts import hotelling
from studies.analytics.study.other_coefficients import GROUP_STATISTICS, group_coefficients
from studies.analytics.study.pairs.differences import DifferenceResults
from studies.analytics.study.pairs.kappas import PairItems
from studies.analytics.study.pairs.means import (
    FittedPairs,
    PairedArms,
    differences_of_pairs,
    mean_difference_of_pairs,
    mean_of_pairs,
    patients_of_rows,
)
from studies.analytics.study.pairs.results import AGREEMENTS, ArmResults, Intervals, Readers
from studies.analytics.study.pairs.single_pairs import TOTALS, pair_parts
from studies.analytics.study.totals import PAGE_FORMS, icc_results, total_detail
from studies.analytics.table import ReadingTable

PAIRWISE: Final = "items scored by both readers in the arm, replicate 1"
INTERVAL: Final = "95 % CI: value ± 1.96 SE"


class OutcomeResults:
    """The agreement of all pairs of readers in one outcome, within arms and between two arms.

    Parameters
    ----------
    table : ReadingTable
        The readings.
    outcome : str
        One of ``table.outcomes``.
    pairs : dict
        Pairs of readers by arm.
    compared : (str, str) or None
        Minuend and subtrahend of the differences; None where no arms are compared.
    weights : sequence of str
        Schemes of weights.
    bootstrap : Bootstrap or None
        Resampled patients; None for no bootstrap intervals.
    detail : bool
        Whether to add results that the page does not show.
    """

    def __init__(
        self,
        table: ReadingTable,
        outcome: str,
        *,
        pairs: dict[str | None, Pairs],
        compared: tuple[str, str] | None,
        weights: Sequence[Weights],
        bootstrap: Bootstrap | None,
        detail: bool,
    ) -> None:
        self.outcome, self.pairs, self.compared = outcome, pairs, compared
        self.weights, self.detail, self.limits = weights, detail, table.group_limits
        self.draws = Draws(bootstrap)
        self.ratings = {arm: Ratings(table, outcome, arm) for arm in pairs}
        self.pair_rows = {arm: _numbered(arm_pairs) for arm, arm_pairs in pairs.items()}
        for arm, arm_pairs in pairs.items():
            if bootstrap:
                by_pair = {readers: self.ratings[arm].pair(readers) for readers in arm_pairs}
                self.draws.add(arm, weights, by_pair)
        self._shared: dict[tuple[str, str], Pairs] = {}
        self._paired: dict[tuple[Weights, tuple[str, str]], PairedArms] = {}
        self.fitted: dict[tuple[str | None, Weights], FittedPairs] = {}
        self.items = {
            arm: PairItems(self.ratings[arm], arm_pairs)
            for arm, arm_pairs in pairs.items()
            if arm_pairs
        }
        for arm, items in self.items.items():
            for scheme in weights:
                self.fitted[arm, scheme] = FittedPairs(*items.kappas(scheme), items.present)

    def blocks(self) -> Iterator[Block]:
        """Yield the results within arms, in the order of the records."""
        for arm in self.items:
            yield self._of_arm(arm)
            yield Records(self._means(arm))
            yield from self._of_group(arm)

    def difference_blocks(self) -> Iterator[DifferenceResults | Records]:
        """Yield the differences of all pairs, then their mean, for each scheme of weights."""
        compared = self.compared
        if not compared or not (shared := self.shared_pairs(compared)):
            return
        for scheme in self.weights:
            arms = self.paired_arms(scheme, compared)
            rule = difference_rule(compared, scheme)
            intervals: Intervals = {}
            differences = differences_of_pairs(arms)
            if self.draws.bootstrap:
                for readers, value in zip(shared, differences.value, strict=True):
                    defined_value = None if np.isnan(value) else float(value)
                    drawn = self.draws.interval(scheme, [readers], compared, defined_value)
                    intervals[scheme, readers] = drawn
            pair_rows = _numbered(shared)
            yield DifferenceResults(
                self.outcome, compared, scheme, pair_rows, differences, rule, intervals
            )
            yield Records((self._mean_difference(scheme, shared, arms, rule),))

    def shared_pairs(self, arms: tuple[str, str]) -> Pairs:
        """Return the pairs of readers with readings in both arms."""
        if arms not in self._shared:
            first, second = arms
            rows = self.pair_rows[second]
            self._shared[arms] = tuple(pair for pair in self.pairs[first] if pair in rows)
        return self._shared[arms]

    def paired_arms(self, scheme: Weights, arms: tuple[str, str]) -> PairedArms:
        """Return the kappas of the pairs of readers with readings in both arms."""
        if (scheme, arms) not in self._paired:
            shared = self.shared_pairs(arms)
            first, second = (
                self.fitted[arm, scheme].rows(
                    np.array([self.pair_rows[arm][readers] for readers in shared], dtype=np.intp)
                )
                for arm in arms
            )
            self._paired[scheme, arms] = PairedArms(first, second)
        return self._paired[scheme, arms]

    def bootstrap_fields(
        self,
        scheme: Weights,
        pairs: Sequence[Readers],
        arms: Sequence[str | None],
        value: float | None,
    ) -> dict[str, Any]:
        """Return bootstrap intervals of a mean over pairs, with readers fixed and resampled."""
        if not pairs:
            return {}
        these = self.draws.interval(scheme, pairs, arms, value)
        return these | self.draws.interval_over_readers(scheme, pairs, arms)

    def tests_across_pairs(self) -> Iterator[Result]:
        """Yield Hotelling's test of no difference in any pair, for each scheme of weights."""
        if not self.compared or not self.shared_pairs(self.compared):
            return
        for scheme in self.weights:
            first, second = (self._fits(arm, scheme) for arm in self.compared)
            tested = hotelling((first, second), scheme, self.outcome, self.compared)
            if tested:
                yield tested

    def _of_arm(self, arm: str | None) -> ArmResults:
        schemes = self.weights
        kappas = {scheme: self.fitted[arm, scheme].kappas for scheme in schemes}
        intervals: Intervals = {}
        if self.draws.bootstrap:
            for scheme in schemes:
                for readers, index in self.pair_rows[arm].items():
                    value = kappas[scheme].value[index]
                    defined_value = None if np.isnan(value) else float(value)
                    drawn = self.draws.interval(scheme, [readers], [arm], defined_value)
                    intervals[scheme, readers] = drawn
        ratings, items = self.ratings[arm], self.items[arm]
        return ArmResults(
            outcome=self.outcome,
            arm=arm,
            pair_rows=self.pair_rows[arm],
            kappas=kappas,
            methods={scheme: _kappa_method(self.outcome, scheme) for scheme in schemes},
            agreement_methods={
                (name, scheme): f"{name.split('_')[0]} agreement as a proportion, "
                f"{weighting(scheme)}; {PAIRWISE}"
                for name in AGREEMENTS
                for scheme in schemes
            },
            shares={
                name: (items.shares(steps), _proportion_method(steps))
                for steps, name in ((0, "percent_agreement"), (1, "percent_within_one"))
            },
            parts=tuple(pair_parts(ratings, schemes, self.limits, detail=self.detail)),
            intervals=intervals,
        )

    def _means(self, arm: str | None) -> Iterator[Result]:
        pairs = self.pairs[arm]
        for scheme in self.weights:
            method = (
                f"mean of the pairwise Cohen's kappas (Light 1971), {weighting(scheme)}; each pair "
                "contributes the items that both readers scored; SE from the mean influence per "
                f"patient; {INTERVAL}; n counts patients"
            )
            fitted = self.fitted[arm, scheme]
            estimate = mean_of_pairs(fitted, method)
            known = marked_pairs(pairs, fitted.known)
            more = self.bootstrap_fields(scheme, known, [arm], estimate.value)
            yield Result("light_kappa", scheme, self.outcome, arm, names_of(pairs), estimate, more)

    def _of_group(self, arm: str | None) -> Iterator[Block]:
        pairs, ratings = self.pairs[arm], self.ratings[arm]
        names = names_of(pairs)
        if self.outcome in TOTALS and len(pairs) > 1:
            totals = ratings.as_numbers(names)
            yield Records(icc_results(totals, self.outcome, arm, names, PAGE_FORMS))
            if self.detail:
                yield Records(total_detail(totals, self.outcome, arm, names))
        if self.detail:
            yield Deferred(
                GROUP_STATISTICS, partial(group_coefficients, ratings, names, self.weights)
            )
            yield Deferred(
                CONSENSUS_STATISTICS, partial(consensus_results, ratings, names, self.weights)
            )

    def _mean_difference(
        self,
        scheme: Weights,
        shared: Pairs,
        arms: PairedArms,
        rule: str,
    ) -> Result:
        compared = self.compared or ("", "")
        estimate = mean_difference_of_pairs(arms, method=f"mean over pairs of readers; {rule}")
        both = arms.known
        known = marked_pairs(shared, both)
        more = {
            "arms": list(compared),
            "n_arms": [
                patients_of_rows(side.present, both) for side in (arms.minuend, arms.subtrahend)
            ],
            **self.bootstrap_fields(scheme, known, compared, estimate.value),
        }
        labels = (self.outcome, "-".join(compared), names_of(shared))
        return Result("mean_kappa_difference", scheme, *labels, estimate, more)

    def _fits(self, arm: str | None, scheme: Weights) -> dict[Readers, KappaFit]:
        fitted = self.fitted[arm, scheme]
        fits = self.items[arm].fits(fitted.kappas, fitted.influence)
        return dict(zip(self.pairs[arm], fits, strict=True))


def difference_rule(arms: tuple[str, str], scheme: Weights) -> str:
    """Return the method of the differences between two arms, within pairs of readers."""
    return (
        f"{arms[0]} minus {arms[1]}, Cohen's kappa, {weighting(scheme)}; kappa of each arm from "
        "the items scored in that arm; SE from influence values summed per patient (delta "
        f"method); {INTERVAL}; n counts patients read in both arms"
    )


def names_of(pairs: Sequence[Readers]) -> tuple[str, ...]:
    """Return the names of all readers of pairs, sorted as text."""
    return tuple(sorted({name for pair in pairs for name in pair}))


def _numbered(pairs: Pairs) -> dict[Readers, int]:
    return {readers: index for index, readers in enumerate(pairs)}


def marked_pairs(pairs: Sequence[Readers], marks: Any) -> list[Readers]:
    """Return the pairs of readers that a mask (pairs,) selects."""
    return [readers for readers, marked in zip(pairs, marks, strict=True) if marked]


def _kappa_method(outcome: str, scheme: Weights) -> str:
    labels = category_labels(outcome)
    cells = "; eight cells per case pooled, clustered by patient" if outcome in POOLED else ""
    return (
        f"Cohen's kappa, {weighting(scheme)}, {len(labels)} fixed categories ({labels[0]} to "
        f"{labels[-1]}){cells}; {PAIRWISE}; SE as in Fleiss, Cohen and Everitt (1969), from "
        f"influence values summed per patient; {INTERVAL}"
    )


def _proportion_method(steps: int) -> str:
    description = "with exact agreement" if steps == 0 else "differing by at most one"
    return f"proportion of items {description}; {PAIRWISE}; SE clustered by patient; {INTERVAL}"
