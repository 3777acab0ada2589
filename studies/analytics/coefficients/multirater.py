"""Coefficients of two or more readers, for scripts and notebooks.

All functions take ratings (items, readers), None or NaN where missing, and the fixed categories of
the scale in order, whether or not they were used; weights depend on the positions of categories.
`chance_corrected` gives formulas and intervals.

References
----------
Light 1971, Psychol Bull 76:365, and those of `chance_corrected`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from studies.analytics.coefficients.chance_corrected import (
    AVAILABLE,
    COMPLETE,
    INTERVAL,
    fit_brennan_prediger,
    fit_conger,
    fit_fleiss,
    fit_gwet,
    fit_percent,
)
from studies.analytics.coefficients.kappa import Weights, fit_kappa, weighting
from studies.analytics.coefficients.kappa_differences import mean_kappa
from studies.analytics.coefficients.pair import Pair
from studies.analytics.coefficients.rated_items import encode_table
from studies.analytics.estimate import (
    ZERO_SE_NOTE,
    Estimate,
    clustered_se,
    normal_interval,
    undefined,
)

Missing = Literal["complete", "available"]


def gwet_ac(
    ratings: ArrayLike, *, categories: Sequence[Any], weights: Weights = "none"
) -> Estimate:
    r"""Return Gwet's AC1 (weights "none") or AC2.

    Chance agreement is :math:`\frac{\sum w_{kl}}{q (q - 1)} \sum \pi_k (1 - \pi_k)` with the mean
    share :math:`\pi_k` of each of q categories (Gwet 2008). Every rated item enters.

    Parameters
    ----------
    ratings : array-like (items, readers)
        None or NaN where missing.
    categories : sequence
        The fixed categories in order.
    weights : {"none", "linear", "quadratic"}
        Scheme of weights.

    Returns
    -------
    Estimate
        With a standard error of divisor n - 1 and a t interval (Gwet 2014).

    Raises
    ------
    ValueError
        If a rating is not one of the categories, or there are fewer than two readers.

    Examples
    --------
    >>> gwet_ac([[1, 1], [2, 2], [1, 2], [2, 2]], categories=[1, 2]).value
    0.5294117647058824
    """
    name = "AC1" if weights == "none" else "AC2"
    method = f"Gwet's {name}, {weighting(weights)}; {AVAILABLE}; {INTERVAL}"
    return fit_gwet(encode_table(ratings, categories), len(categories), weights).estimate(method)


def brennan_prediger(
    ratings: ArrayLike, *, categories: Sequence[Any], weights: Weights = "none"
) -> Estimate:
    """Return the Brennan-Prediger coefficient; parameters and interval as in `gwet_ac`.

    Chance agreement is the mean of the agreement weights (Brennan and Prediger 1981).
    """
    method = f"Brennan-Prediger, {weighting(weights)}; {AVAILABLE}; {INTERVAL}"
    fit = fit_brennan_prediger(encode_table(ratings, categories), len(categories), weights)
    return fit.estimate(method)


def fleiss_kappa(
    ratings: ArrayLike,
    *,
    categories: Sequence[Any],
    weights: Weights = "none",
    missing: Missing = "complete",
) -> Estimate:
    r"""Return Fleiss' kappa; parameters and interval as in `gwet_ac`.

    Chance agreement is :math:`\sum w_{kl} \pi_k \pi_l` with the mean shares of categories
    (Fleiss 1971).

    Parameters
    ----------
    missing : {"complete", "available"}
        Whether only items rated by every reader enter, or every rated item.
    """
    complete = missing == "complete"
    rule = COMPLETE if complete else AVAILABLE
    fit = fit_fleiss(encode_table(ratings, categories), len(categories), weights, complete=complete)
    return fit.estimate(f"Fleiss' kappa, {weighting(weights)}; {rule}; {INTERVAL}")


def conger_kappa(
    ratings: ArrayLike,
    *,
    categories: Sequence[Any],
    weights: Weights = "none",
    missing: Missing = "complete",
) -> Estimate:
    """Return Conger's kappa; parameters and interval as in `gwet_ac`.

    Chance agreement is the mean over pairs of readers of the products of their separate margins
    (Conger 1980). For two readers this is Cohen's kappa.

    Parameters
    ----------
    missing : {"complete", "available"}
        Whether only items rated by every reader enter, or every rated item.
    """
    complete = missing == "complete"
    rule = COMPLETE if complete else AVAILABLE
    fit = fit_conger(encode_table(ratings, categories), len(categories), weights, complete=complete)
    return fit.estimate(f"Conger's kappa, {weighting(weights)}; {rule}; {INTERVAL}")


def light_kappa(
    ratings: ArrayLike, *, categories: Sequence[Any], weights: Weights = "none"
) -> Estimate:
    """Return Light's kappa, the mean of the pairwise Cohen's kappas (Light 1971).

    Each pair contributes the items that both readers rated. The standard error follows from the
    mean influence of items; the interval is normal. Parameters as in `gwet_ac`.
    """
    values = encode_table(ratings, categories)
    items, size = np.arange(len(values)), len(categories)
    fits = [
        fit_kappa(
            Pair.of(
                values[:, a],
                values[:, b],
                case=items,
                patient=items,
                categories=size,
                patients=len(items),
            ),
            weights,
        )
        for a, b in combinations(range(values.shape[1]), 2)
    ]
    method = (
        f"mean of the pairwise Cohen's kappas (Light 1971), {weighting(weights)}; each pair "
        "contributes the items that both readers rated; SE from the mean influence; 95 % CI: value "
        "± 1.96 SE"
    )
    return mean_kappa(fits, method=method)


def percent_agreement(
    ratings: ArrayLike, *, categories: Sequence[Any], weights: Weights = "none"
) -> Estimate:
    """Return the observed agreement, 0 to 1, without chance correction.

    For more than two readers it is the mean over items of the proportion of agreeing pairs of
    readers. The interval is normal. Parameters as in `gwet_ac`.
    """
    values = encode_table(ratings, categories)
    method = (
        f"agreement as a proportion, {weighting(weights)}; items with two ratings; 95 % CI: value "
        "± 1.96 SE"
    )
    fit = fit_percent(values, len(categories), weights)
    if fit.value is None:
        return undefined(fit.n, fit.note, method)
    se = clustered_se(fit.influence)
    ci = normal_interval(fit.value, se)
    return Estimate(fit.value, se, ci, fit.n, method, "" if ci else ZERO_SE_NOTE)
