"""Agreement of each reader with a reference standard.

Such a standard is, for example, the grades that a phantom was drawn with. Kappa, agreement and
limits of agreement are computed as for two readers, with the reference standard as the second.
Standard errors sum influence per patient. `consensus` serves where there is no such standard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.bland_altman import bland_altman
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
from studies.analytics.coefficients.two_by_two import dichotomise
from studies.analytics.ratings import Ratings
from studies.analytics.resampling.kappa_bootstrap import Draws, Readers
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.result import Result
from studies.analytics.scale import CELL_SCORES, CELLS, MISSING
from studies.analytics.study.other_coefficients import cut_offs
from studies.analytics.study.totals import limits_of_agreement
from studies.analytics.table import ReadingTable

REFERENCE: Final = "reference"
ERROR: Final = "SE from influence values summed per patient; 95 % CI: value ± 1.96 SE"
RULE: Final = (
    f"against the reference standard, items scored by the reader and graded there; {ERROR}"
)

ReaderFits = dict[tuple[str | None, Weights], dict[str, KappaFit]]


def with_reference(table: ReadingTable, grades: Mapping[str, Sequence[int | None]]) -> ReadingTable:
    """Return the table with a reference standard.

    Parameters
    ----------
    table : ReadingTable
        The readings.
    grades : mapping of str to sequence
        Eight grades in the order of `scale.CELLS`, None where unknown, by case. Cases that are not
        in the table are ignored.

    Raises
    ------
    ValueError
        If a case does not have eight grades from 0 to 3.
    """
    reference = np.full((len(table.cases), len(CELLS)), MISSING, dtype=np.int64)
    for row, case in enumerate(table.cases):
        case_grades = grades.get(case, [None] * len(CELLS))
        if len(case_grades) != len(CELLS) or not set(case_grades) <= {*CELL_SCORES, None}:
            raise ValueError(f"Case {case}: give eight grades from 0 to 3, or None where unknown.")
        reference[row] = [MISSING if grade is None else grade for grade in case_grades]
    # A separate cache: the two tables would otherwise share a dictionary.
    return replace(table, reference=reference, _first={})


def reference_results(
    table: ReadingTable,
    outcome: str,
    weights: Sequence[Weights],
    compared: tuple[str, str] | None,
    bootstrap: Bootstrap | None = None,
) -> Iterator[Result]:
    """Yield agreement with the reference standard: readers, means over readers and differences.

    Parameters
    ----------
    table : ReadingTable
        The readings; nothing is yielded if it has no reference standard.
    outcome : str
        An outcome of AAC-24; the reference standard consists of grades of the cells.
    weights : sequence of str
        Schemes of weights.
    compared : (str, str) or None
        Minuend and subtrahend of differences between arms.
    bootstrap : Bootstrap, optional
        Resampled patients, for bootstrap intervals.
    """
    # The reference standard grades the cells of AAC-24 and has no AAC-8 and no validity.
    if table.reference is None or outcome == "readable" or outcome.startswith("aac8"):
        return
    fits: ReaderFits = {}
    draws = Draws(bootstrap)
    for arm in table.arms:
        yield from _arm(table, outcome, arm, weights, fits, draws)
    if compared:
        yield from _differences(outcome, compared, weights, fits, draws)


def _arm(
    table: ReadingTable,
    outcome: str,
    arm: str | None,
    weights: Sequence[Weights],
    fits: ReaderFits,
    draws: Draws,
) -> Iterator[Result]:
    ratings, reference = Ratings(table, outcome, arm), table.reference_ratings(outcome)
    readers_present = (table.first_readings(arm) != MISSING).any(axis=1)
    readers = [
        name
        for name, has_readings in zip(table.readers, readers_present, strict=True)
        if has_readings
    ]
    pairs = {name: ratings.pair_of(ratings.of(name), reference) for name in readers}
    draws.add(arm, weights, {_with_reference(name): pair for name, pair in pairs.items()})
    for scheme in weights:
        method = f"Cohen's kappa, {weighting(scheme)}; {RULE}"
        reader_fits = fits[arm, scheme] = {
            name: fit_kappa(pair, scheme) for name, pair in pairs.items()
        }
        for name, fit in reader_fits.items():
            estimate = fit.estimate(method)
            more = draws.interval(scheme, [_with_reference(name)], [arm], estimate.value)
            yield Result("kappa_with_reference", scheme, outcome, arm, (name,), estimate, more)
        if reader_fits:
            estimate = mean_kappa(list(reader_fits.values()), method=f"mean over readers; {method}")
            known = [
                _with_reference(name) for name, fit in reader_fits.items() if fit.value is not None
            ]
            more = draws.interval(scheme, known, [arm], estimate.value) if known else {}
            name = "mean_kappa_with_reference"
            yield Result(name, scheme, outcome, arm, tuple(reader_fits), estimate, more)
    for reader, pair in pairs.items():
        yield from _plain(pair, outcome, arm, reader, cut_offs(outcome, table.group_limits))


def _plain(
    pair: Pair, outcome: str, arm: str | None, reader: str, cuts: Sequence[int]
) -> Iterator[Result]:
    labels = (None, outcome, arm, (reader,))
    for steps, name in ((0, "agreement_with_reference"), (1, "within_one_of_reference")):
        description = "equal" if steps == 0 else "differing by at most one"
        share = proportion_within(pair, steps, f"proportion of items {description}; {RULE}")
        yield Result(name, *labels, share)
    if outcome == "aac24":
        compared = bland_altman(pair.first, pair.second)
        yield from limits_of_agreement(compared, outcome, arm, (reader,), "_from_reference")
    for cut in cuts:
        for name, positive in (("sensitivity_at_cut", True), ("specificity_at_cut", False)):
            positives = _where(dichotomise(pair, cut), (pair.second >= cut) == positive)
            group = "at or above" if positive else "below"
            method = (
                f"proportion of items {group} category {cut} that the reader placed there; {RULE}"
            )
            share = proportion_within(positives, 0, method)
            yield Result(name, *labels, share, {"cut": cut})


def _where(pair: Pair, keep: NDArray[np.bool_]) -> Pair:
    return Pair(
        pair.first[keep],
        pair.second[keep],
        pair.case[keep],
        pair.patient[keep],
        pair.categories,
        pair.patients,
    )


def _differences(
    outcome: str,
    compared: tuple[str, str],
    weights: Sequence[Weights],
    fits: ReaderFits,
    draws: Draws,
) -> Iterator[Result]:
    arm, arms = "-".join(compared), {"arms": list(compared)}
    for scheme in weights:
        up, down = (fits[name, scheme] for name in compared)
        shared = tuple(name for name in up if name in down)
        method = f"{compared[0]} minus {compared[1]}, kappa, {weighting(scheme)}; {RULE}"
        for name in shared:
            estimate = kappa_difference(up[name], down[name], names=compared, method=method)
            more = arms | draws.interval(scheme, [_with_reference(name)], compared, estimate.value)
            statistic = "kappa_with_reference_difference"
            yield Result(statistic, scheme, outcome, arm, (name,), estimate, more)
        if shared:
            both = [(up[name], down[name]) for name in shared]
            estimate = mean_kappa_difference(both, method=f"mean over readers; {method}")
            known = [
                _with_reference(name)
                for name in shared
                if up[name].value is not None and down[name].value is not None
            ]
            more = draws.interval(scheme, known, compared, estimate.value) if known else {}
            statistic = "mean_kappa_with_reference_difference"
            yield Result(statistic, scheme, outcome, arm, shared, estimate, arms | more)


def _with_reference(reader: str) -> Readers:
    return reader, REFERENCE
