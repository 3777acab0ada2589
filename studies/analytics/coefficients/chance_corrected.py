r"""Chance-corrected agreement of two or more readers, with every item's influence on it.

With agreement weights :math:`w_{kl}` (1 on the diagonal, 0 between the two ends of the scale),
:math:`r_{ik}` readers who gave item i category k and :math:`r_i` who rated it at all, the observed
agreement is the mean over items with at least two ratings of

.. math:: p_{a,i} = \sum_k r_{ik} (\sum_l w_{kl} r_{il} - 1) / (r_i (r_i - 1)),

and every coefficient is :math:`(p_a - p_e)/(1 - p_e)`. In linearised form, item i contributes

.. math:: x_i = \frac{n}{n'} \frac{p_{a,i} - p_e [r_i \ge 2]}{1 - p_e}
          - 2 (1 - \hat\kappa) \frac{p_{e,i} - p_e}{1 - p_e},

with n items that have any rating and n' that have two or more. The variance is
:math:`\sum (x_i - \hat\kappa)^2 / (n (n - 1))`; intervals use t quantiles with n - 1 degrees of
freedom, are not clipped and assume independent items. Missing ratings: Gwet's coefficients,
Brennan-Prediger and percent agreement use every rated item; Fleiss and Conger use items rated by
every reader, or every rated item with ``missing="available"``.

References
----------
Gwet 2008, Br J Math Stat Psychol 61:29; Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed.
Brennan and Prediger 1981, Educ Psychol Meas 41:687. Fleiss 1971, Psychol Bull 76:378.
Conger 1980, Psychol Bull 88:322.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from studies.analytics.coefficients.kappa import Weights, disagreement
from studies.analytics.coefficients.rated_items import Items, tally
from studies.analytics.estimate import ZERO_SE_NOTE, Estimate, undefined, zero_if_negligible
from studies.analytics.scale import MISSING
from studies.analytics.table import FloatArray, IntArray

# A chance agreement above 1 minus this is 1 but for rounding: the coefficient is undefined.
SMALLEST_REST: Final = 1e-12

FEW_ITEMS_NOTE: Final = "fewer than two items have two ratings"
FEW_COMPLETE_NOTE: Final = "fewer than two items were rated by every reader"
ONE_CATEGORY_NOTE: Final = "every rating is in the same category: the coefficient is undefined"


@dataclass(frozen=True)
class Coefficient:
    """A coefficient with the influence of every item on it.

    Parameters
    ----------
    value : float or None
        None where undefined.
    influence : float array (items,)
        (x_i - value) / n for the items that entered, 0 for the others.
    n : int
        Items that entered.
    observed, expected : float or None
        Weighted observed and chance-expected agreement, 0 to 1.
    note : str
        Why there is no value, "" otherwise.
    entered : bool array (items,), or None
        Which items entered; None where undefined.
    """

    value: float | None
    influence: FloatArray
    n: int
    observed: float | None
    expected: float | None
    note: str
    entered: NDArray[np.bool_] | None = None

    @property
    def se(self) -> float:
        """Return Gwet's standard error, with divisor n - 1 and independent items."""
        squares = float(np.square(self.influence).sum())
        return zero_if_negligible(math.sqrt(squares * self.n / (self.n - 1)))

    def estimate(self, method: str = "") -> Estimate:
        """Return the value with Gwet's standard error and t interval, not clipped."""
        if self.value is None:
            return undefined(self.n, self.note, method)
        se = self.se
        ci = t_interval(self.value, se, self.n - 1)
        return Estimate(self.value, se, ci, self.n, method, "" if ci else ZERO_SE_NOTE)


def t_interval(value: float, se: float, free: int) -> tuple[float, float] | None:
    """Return value ± t(0.975) SE with ``free`` degrees of freedom; None if the SE is 0."""
    if se == 0.0 or free < 1:
        return None
    half = float(special.stdtrit(free, 0.975)) * se
    return value - half, value + half


@cache
def agreement_weights(categories: int, weights: Weights) -> FloatArray:
    """Return agreement weights 1 - d/d_max (categories, categories) for disagreement d."""
    d = disagreement(categories, weights)
    w: FloatArray = 1.0 - d / float(d.max())
    # The cached array is shared, so no caller may change it.
    w.flags.writeable = False
    return w


# Chance agreement and each item's part in it. Coefficients differ in nothing else.
Chance = tuple[float, FloatArray]
ChanceOf = Callable[[FloatArray, FloatArray, FloatArray, IntArray], Chance]


def _gwet_chance(counts: FloatArray, rated: FloatArray, w: FloatArray, _: IntArray) -> Chance:
    share = (counts / rated[:, None]).mean(axis=0)
    size = len(share)
    factor = float(w.sum()) / (size * (size - 1))
    expected = factor * float((share * (1 - share)).sum())
    return expected, factor * (counts @ (1 - share)) / rated


def _uniform_chance(counts: FloatArray, rated: FloatArray, w: FloatArray, _: IntArray) -> Chance:
    expected = float(w.mean())
    return expected, np.full(len(counts), expected)


def _fleiss_chance(counts: FloatArray, rated: FloatArray, w: FloatArray, _: IntArray) -> Chance:
    share = (counts / rated[:, None]).mean(axis=0)
    return float(share @ w @ share), (counts @ (w @ share)) / rated


def _conger_chance(counts: FloatArray, _: FloatArray, w: FloatArray, ratings: IntArray) -> Chance:
    """Return the mean over pairs of readers of the products of margins, with items' parts."""
    n, readers = ratings.shape
    size = len(w)
    shares = np.stack(
        [np.bincount(scores[scores != MISSING], minlength=size) for scores in ratings.T]
    )
    given = shares.sum(axis=1).astype(float)
    shares = shares / given[:, None]
    total = shares.sum(axis=0)
    pairs = readers * (readers - 1)
    # All products of margins, less those of readers with themselves.
    expected = float((w * (np.outer(total, total) - shares.T @ shares)).sum()) / pairs
    others = (total[None, :] - shares) @ w
    margin_agreement = (others * shares).sum(axis=1)
    there = ratings != MISSING
    seen = np.where(there, others[np.arange(readers)[None, :], np.where(there, ratings, 0)], 0.0)
    parts = (seen - (there - given / n) * margin_agreement) * (n / given)
    return expected, parts.sum(axis=1) / pairs


def fit_coefficient(items: Items, weights: Weights, chance: ChanceOf) -> Coefficient:
    """Fit a chance-corrected coefficient.

    Parameters
    ----------
    items : Items
        The items that enter.
    weights : {"none", "linear", "quadratic"}
        Scheme of weights.
    chance : callable
        Returns chance agreement and the items' parts in it, from counts, numbers of ratings,
        agreement weights and ratings.
    """
    zeros = np.zeros(len(items.entered))
    counts, rated, n = items.counts, items.rated, len(items.counts)
    several = rated >= 2
    if int(several.sum()) < 2:
        note = FEW_COMPLETE_NOTE if items.complete else FEW_ITEMS_NOTE
        return Coefficient(None, zeros, n, None, None, note)
    w = agreement_weights(counts.shape[1], weights)
    # The divisor 1 avoids a division by 0; items with one rating get 0 below.
    pairs = np.where(several, rated * (rated - 1), 1.0)
    seen = np.where(several, (counts * (counts @ w - 1)).sum(axis=1) / pairs, 0.0)
    observed = float(seen.sum()) / int(several.sum())
    # A reader without ratings has no margins: 0 / 0.
    with np.errstate(invalid="ignore", divide="ignore"):
        expected, parts = chance(counts, rated, w, items.ratings)
    if not math.isfinite(expected):
        note = "a reader rated no item: the coefficient is undefined"
        return Coefficient(None, zeros, n, observed, None, note)
    rest = 1 - expected
    if rest < SMALLEST_REST:
        return Coefficient(None, zeros, n, observed, expected, ONE_CATEGORY_NOTE)
    value = (observed - expected) / rest
    linear = n / int(several.sum()) * (seen - expected * several) / rest
    linear -= 2 * (1 - value) * (parts - expected) / rest
    influence = zeros.copy()
    influence[items.entered] = (linear - value) / n
    return Coefficient(value, influence, n, observed, expected, "", items.entered)


def gwet_of(items: Items, weights: Weights) -> Coefficient:
    """Fit Gwet's AC1 or AC2 (Gwet 2008)."""
    return fit_coefficient(items, weights, _gwet_chance)


def brennan_prediger_of(items: Items, weights: Weights) -> Coefficient:
    """Fit the Brennan-Prediger coefficient (Brennan and Prediger 1981)."""
    return fit_coefficient(items, weights, _uniform_chance)


def fleiss_of(items: Items, weights: Weights) -> Coefficient:
    """Fit Fleiss' kappa (Fleiss 1971)."""
    return fit_coefficient(items, weights, _fleiss_chance)


def conger_of(items: Items, weights: Weights) -> Coefficient:
    """Fit Conger's kappa (Conger 1980)."""
    return fit_coefficient(items, weights, _conger_chance)


def fit_gwet(ratings: IntArray, categories: int, weights: Weights) -> Coefficient:
    """Fit Gwet's AC1 or AC2 to category numbers (items, readers), -1 where missing."""
    return gwet_of(Items.of(ratings, categories), weights)


def fit_brennan_prediger(ratings: IntArray, categories: int, weights: Weights) -> Coefficient:
    """Fit the Brennan-Prediger coefficient to category numbers (items, readers)."""
    return brennan_prediger_of(Items.of(ratings, categories), weights)


def fit_fleiss(
    ratings: IntArray, categories: int, weights: Weights, *, complete: bool = True
) -> Coefficient:
    """Fit Fleiss' kappa to category numbers (items, readers), by default to complete rows."""
    return fleiss_of(Items.of(ratings, categories, complete=complete), weights)


def fit_conger(
    ratings: IntArray, categories: int, weights: Weights, *, complete: bool = True
) -> Coefficient:
    """Fit Conger's kappa to category numbers (items, readers), by default to complete rows."""
    return conger_of(Items.of(ratings, categories, complete=complete), weights)


def fit_percent(ratings: IntArray, categories: int, weights: Weights) -> Coefficient:
    """Fit the mean agreement of category numbers (items, readers), without chance correction."""
    counts = tally(ratings, categories)
    entered = counts.sum(axis=1) >= 2
    counts, influence = counts[entered], np.zeros(len(ratings))
    n, rated = len(counts), counts.sum(axis=1)
    if n < 2:
        return Coefficient(None, influence, n, None, None, FEW_ITEMS_NOTE)
    w = agreement_weights(categories, weights)
    seen = (counts * (counts @ w - 1)).sum(axis=1) / (rated * (rated - 1))
    value = float(seen.mean())
    influence[entered] = (seen - value) / n
    return Coefficient(value, influence, n, value, None, "", entered)


INTERVAL: Final = "SE with n - 1 divisor, t interval with n - 1 degrees of freedom (Gwet 2014)"
AVAILABLE: Final = "every rated item enters (Gwet's rule for missing ratings)"
COMPLETE: Final = "items rated by every reader"
