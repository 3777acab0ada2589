r"""Kappas of resampled patients together with their delta-method standard errors.

For studentised intervals, and for comparing intervals over many simulated studies.

In a replicate with weights w over patients, the kappa of a pair of readers depends on each
patient's number of items m, their counts by category of the first and of the second reader (f, g),
and their disagreement s. With :math:`N = \sum w m`, :math:`S = \sum w s` and the chance
disagreement T of the weighted margins, the influence of one copy of a patient is

.. math:: \psi = -\frac{N}{T} s + \frac{NS}{T^2}(f \cdot a + g \cdot b) - \frac{S}{T} m,

where a and b are the expected disagreements of each category, as in `kappa`. All replicates of a
pair are a few matrix products, of replicates by patients with patients by categories. The influence
on a mean over pairs, or on a difference of two such means, is the mean or the difference of the
influences, and the variance of a replicate is :math:`\sum w \psi^2`: the standard error of every
replicate needs no further resampling.

References
----------
Efron and Tibshirani 1993, An Introduction to the Bootstrap, 12.5 (bootstrap t). Efron 1982, The
Jackknife, the Bootstrap and Other Resampling Plans (infinitesimal jackknife).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.kappa import Weights, disagreement
from studies.analytics.estimate import NEGLIGIBLE_SE
from studies.analytics.resampling.pair_sums import BLOCK_NUMBERS, PairSums
from studies.analytics.table import FloatArray


@dataclass(frozen=True)
class KappaMeans:
    """The mean kappas of both sides of a difference in every replicate.

    Parameters
    ----------
    values : float array (sides, replicates)
        Mean kappa over the pairs of each side, NaN where one of them is undefined.
    variances : float array (sides, replicates)
        Variance of each mean by the delta method.
    covariances : float array (replicates,)
        Covariance of the first two sides; 0 with a single side.
    """

    values: FloatArray
    variances: FloatArray
    covariances: FloatArray

    @property
    def differences(self) -> FloatArray:
        """Return the first mean minus the second, or the only one (replicates,)."""
        return self.values[0] - self.values[1] if len(self.values) > 1 else self.values[0]

    @property
    def errors(self) -> FloatArray:
        """Return the delta-method standard errors of `differences` (replicates,)."""
        squares = self.variances.sum(axis=0) - 2 * self.covariances
        roots: FloatArray = np.sqrt(np.maximum(squares, 0.0))
        # Rounding error of a sum that is exactly 0 would give huge studentised values.
        roots[roots < NEGLIGIBLE_SE] = 0.0
        return roots


def weighted_means(
    weights: NDArray[Any], sides: Sequence[Sequence[PairSums]], scheme: Weights
) -> KappaMeans:
    """Return mean kappas and their standard errors for weighted patients.

    Parameters
    ----------
    weights : array (replicates, patients)
        Weight of each patient in each replicate: how often it was drawn, 1 for the sample itself,
        0 for a patient who is left out.
    sides : sequence of sequence of PairSums
        The pairs of readers of one side, or of minuend and subtrahend, with the sums of ``scheme``
        as their only disagreement.
    scheme : {"none", "linear", "quadratic"}
        Scheme of weights of kappa.

    Raises
    ------
    ValueError
        If a side has no pairs, or if the sums are those of several schemes.
    """
    _check(sides)
    patients = weights.shape[1]
    block = max(1, BLOCK_NUMBERS // max(patients, 1))
    parts = [
        _block(weights[start : start + block].astype(np.float64), sides, scheme)
        for start in range(0, len(weights), block)
    ]
    return KappaMeans(
        np.concatenate([part.values for part in parts], axis=1),
        np.concatenate([part.variances for part in parts], axis=1),
        np.concatenate([part.covariances for part in parts]),
    )


def _check(sides: Sequence[Sequence[PairSums]]) -> None:
    if not all(sides):
        raise ValueError("Every side of a difference needs at least one pair of readers.")
    if any(pair.sums.shape[1] != 2 * pair.categories + 1 for side in sides for pair in side):
        raise ValueError("Give the sums of one scheme of weights at a time.")


def _block(weights: FloatArray, sides: Sequence[Sequence[PairSums]], scheme: Weights) -> KappaMeans:
    values, influences = [], []
    for pairs in sides:
        value, influence = np.zeros(len(weights)), np.zeros_like(weights)
        for pair in pairs:
            kappa = _add_influence(influence, weights, pair, scheme)
            value += kappa
        values.append(value / len(pairs))
        influences.append(influence / len(pairs))
    variances = [np.einsum("rp,rp,rp->r", weights, one, one) for one in influences]
    covariances = np.zeros(len(weights))
    if len(sides) > 1:
        covariances = np.einsum("rp,rp,rp->r", weights, *influences[:2])
    return KappaMeans(np.array(values), np.array(variances), covariances)


def _add_influence(
    influence: FloatArray, weights: FloatArray, pair: PairSums, scheme: Weights
) -> FloatArray:
    """Add each copy's influence on a kappa (replicates, patients); return the kappas."""
    size, columns = pair.categories, slice(None)
    if len(pair.patients) < weights.shape[1]:
        columns = pair.patients  # type: ignore[assignment]
    weights = weights[:, columns]
    sums = pair.sums.astype(np.float64)
    items, apart = sums[:, :size].sum(axis=1), sums[:, 2 * size]
    d = disagreement(size, scheme).astype(np.float64)
    drawn = weights @ sums
    rows, others, seen = drawn[:, :size], drawn[:, size : 2 * size], drawn[:, 2 * size]
    a, b = others @ d, rows @ d
    n, chance = rows.sum(axis=1), (rows * a).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa: FloatArray = np.where(chance > 0, 1 - n * seen / chance, np.nan)
        per_item, ratio = n / chance, seen / chance
        # One product gives F a + G b of every patient.
        expected = np.hstack([a, b]) @ sums[:, : 2 * size].T
        psi = (per_item * ratio)[:, None] * expected
        psi -= per_item[:, None] * apart
        psi -= ratio[:, None] * items
    influence[:, columns] += psi
    return kappa
