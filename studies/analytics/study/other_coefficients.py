"""Results of the coefficients other than Cohen's kappa, for pairs and for all readers of an arm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from studies.analytics.coefficients.alpha import fit_alpha
from studies.analytics.coefficients.chance_corrected import (
    AVAILABLE,
    COMPLETE,
    Coefficient,
    brennan_prediger_of,
    conger_of,
    fit_percent,
    fleiss_of,
    gwet_of,
    t_interval,
)
from studies.analytics.coefficients.kappa import Weights, weighting
from studies.analytics.coefficients.pair import Pair
from studies.analytics.coefficients.rated_items import Items
from studies.analytics.coefficients.two_by_two import bias_index, dichotomise, prevalence_index
from studies.analytics.estimate import ONE_PATIENT_NOTE, ZERO_SE_NOTE, Estimate, clustered_se
from studies.analytics.ratings import Ratings
from studies.analytics.result import Result
from studies.analytics.scale import AAC8_CUT
from studies.analytics.table import FloatArray, IntArray

# Cut-offs in published use: any calcification, and the limits of the groups of AAC-24 and AAC-8.
CUTS: Final[dict[str, tuple[int, ...]]] = {"aac24": (1, 2, 5, 6), "aac8": (1, AAC8_CUT)}

PAIR_STATISTICS: Final = frozenset(
    {"gwet_ac", "brennan_prediger", "krippendorff_alpha", "prevalence_index", "bias_index"}
)
GROUP_STATISTICS: Final = frozenset(
    {"fleiss_kappa", "conger_kappa", "percent_agreement", *PAIR_STATISTICS}
)
"""The statistics of all readers of an arm; `PAIR_STATISTICS` are those of every pair."""

GWET: Final = "SE with n − 1 divisor, t interval (Gwet 2014, as R's irrCAC)"
CLUSTERED: Final = (
    "SE from influence values summed per patient, t interval with patients − 1 degrees of freedom"
)


def cut_offs(outcome: str, group_limits: tuple[int, int]) -> tuple[int, ...]:
    """Return the cut-offs of an outcome: the lowest categories that count as positive."""
    if outcome == "aac24":
        return tuple(sorted({*CUTS["aac24"], *group_limits}))
    if outcome == "aac_group":
        return (1, 2)
    return CUTS.get(outcome, (1,))


def pair_coefficients(
    ratings: Ratings,
    pair: Pair,
    readers: tuple[str, str],
    weights: Sequence[Weights],
    cuts: Sequence[int],
) -> Iterator[Result]:
    """Yield Gwet's, Brennan-Prediger's and Krippendorff's coefficients and Byrt's indices.

    Parameters
    ----------
    ratings : Ratings
        Names the outcome and the arm.
    pair : Pair
        Items that both readers rated.
    readers : (str, str)
        The two readers.
    weights : sequence of str
        Schemes of weights.
    cuts : sequence of int
        Cut-offs for Byrt's indices.
    """
    both = np.column_stack([pair.first, pair.second])
    yield from _coefficients(ratings, both, pair.patient, readers, weights)
    yield from dichotomies(pair, ratings.outcome, ratings.arm, readers, cuts)


def dichotomies(
    pair: Pair,
    outcome: str,
    arm: str | None,
    readers: tuple[str, ...],
    cuts: Sequence[int],
) -> Iterator[Result]:
    """Yield the prevalence and the bias index of a pair at every cut-off (Byrt 1993)."""
    for cut in cuts:
        yes_no, more = dichotomise(pair, cut), {"cut": cut}
        rule = f"2 × 2, category {cut} or higher against lower (Byrt 1993); clustered by patient"
        first = prevalence_index(yes_no, f"prevalence index (both yes − both no)/n; {rule}")
        yield Result("prevalence_index", None, outcome, arm, readers, first, more)
        second = bias_index(yes_no, f"bias index (first only − second only)/n; {rule}")
        yield Result("bias_index", None, outcome, arm, readers, second, more)


def group_coefficients(
    ratings: Ratings, readers: tuple[str, ...], weights: Sequence[Weights]
) -> Iterator[Result]:
    """Yield the coefficients of all readers of an arm."""
    coded = ratings.category_numbers(readers)
    items = Items.of(coded, ratings.categories, complete=True)
    for scheme in weights:
        for name, fit, title in (
            ("fleiss_kappa", fleiss_of, "Fleiss' kappa"),
            ("conger_kappa", conger_of, "Conger's kappa"),
        ):
            method = f"{title}, {weighting(scheme)}; {COMPLETE}"
            coefficient = fit(items, scheme)
            yield _result(name, scheme, ratings, readers, coefficient, ratings.patient, method)
    if len(readers) > 2:
        yield from _coefficients(ratings, coded, ratings.patient, readers, weights)
        coefficient = fit_percent(coded, ratings.categories, "none")
        method = "share of agreeing pairs of readers, mean over items with two ratings"
        yield _result(
            "percent_agreement", None, ratings, readers, coefficient, ratings.patient, method
        )


def _coefficients(
    ratings: Ratings,
    coded: IntArray,
    patient: IntArray,
    readers: tuple[str, ...],
    weights: Sequence[Weights],
) -> Iterator[Result]:
    items = Items.of(coded, ratings.categories)
    for scheme in weights:
        coefficient = gwet_of(items, scheme)
        kind = "AC1" if scheme == "none" else "AC2"
        method = f"Gwet's {kind}, {weighting(scheme)}; {AVAILABLE}"
        yield _result("gwet_ac", scheme, ratings, readers, coefficient, patient, method)
        coefficient = brennan_prediger_of(items, scheme)
        method = f"Brennan-Prediger, {weighting(scheme)}; {AVAILABLE}"
        yield _result("brennan_prediger", scheme, ratings, readers, coefficient, patient, method)
    coefficient = fit_alpha(coded, ratings.categories, "ordinal")
    method = "Krippendorff's alpha, ordinal; items with two ratings"
    yield _result("krippendorff_alpha", None, ratings, readers, coefficient, patient, method)


def _result(
    name: str,
    scheme: Weights | None,
    ratings: Ratings,
    readers: tuple[str, ...],
    fit: Coefficient,
    patient: IntArray,
    method: str,
) -> Result:
    """Return a coefficient as a result, clustered by patient if a patient has several items."""
    more: dict[str, Any] = {}
    estimate = fit.estimate(f"{method}; {GWET}")
    if fit.value is not None and int(np.bincount(patient).max()) > 1:
        summed: FloatArray = np.bincount(patient, weights=fit.influence).astype(np.float64)
        patients = int(np.count_nonzero(np.bincount(patient[fit.entered])))
        se = clustered_se(summed) if patients > 1 else None
        ci = t_interval(fit.value, se, patients - 1) if se is not None else None
        note = "" if ci else ZERO_SE_NOTE if patients > 1 else ONE_PATIENT_NOTE
        estimate = Estimate(fit.value, se, ci, fit.n, f"{method}; {CLUSTERED}", note)
        more = {"se_items": fit.se, "se_clustered": se, "patients": patients}
    return Result(name, scheme, ratings.outcome, ratings.arm, readers, estimate, more)
