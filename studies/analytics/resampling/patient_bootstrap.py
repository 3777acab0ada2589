"""The patient bootstrap: patients are drawn with all their readings, so clusters stay whole.

Each replicate is a vector of weights over patients; the margins and the disagreement of a pair are
linear in it, so that all replicates of the kappas of many pairs are one matrix product.

References
----------
Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 13 (percentile interval) and
14 (bias-corrected and accelerated: the acceleration from leaving out one patient at a time).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from studies.analytics.coefficients.kappa import Pair, Weights, disagreement
from studies.analytics.estimate import Z95
from studies.analytics.table import FloatArray, IntArray

NUMBERS_AT_ONCE: Final = 4_000_000
"""How many numbers one block of replicates may hold: 32 MB."""

EXACT_IN_SINGLE: Final = 2**24

Interval = tuple[float, float]


@dataclass(frozen=True)
class Bootstrap:
    """Replicates drawn once, so that every statistic and every difference uses the same patients.

    Parameters
    ----------
    weights : float array (replicates, patients)
        How often each patient was drawn in each replicate.
    seed
        What they were drawn with, and readers are to be.
    """

    weights: FloatArray
    seed: int = 0

    @classmethod
    def draw(cls, patients: int, *, replicates: int = 2000, seed: int = 0) -> Bootstrap:
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(patients, np.full(patients, 1 / patients), size=replicates)
        return cls(drawn.astype(np.float64), seed)

    def kappas_of(self, pairs: Sequence[Pair], schemes: Sequence[Weights]) -> Iterator[FloatArray]:
        """Yield the kappas of blocks of pairs on one scale (pairs, schemes, replicates)."""
        size = pairs[0].categories
        width = 2 * size + len(schemes)
        block = max(1, NUMBERS_AT_ONCE // (width * len(self.weights)))
        for start in range(0, len(pairs), block):
            sums = np.stack([_sums(pair, schemes) for pair in pairs[start : start + block]])
            flat = sums.transpose(1, 0, 2).reshape(sums.shape[1], -1)
            drawn = self._drawn(flat).reshape(-1, len(sums), width)
            yield np.stack(
                [
                    _kappas(
                        drawn[:, :, :size],
                        drawn[:, :, size : 2 * size],
                        drawn[:, :, 2 * size + place],
                        disagreement(size, weights),
                    ).T
                    for place, weights in enumerate(schemes)
                ],
                axis=1,
            )

    def _drawn(self, sums: FloatArray) -> FloatArray:
        """Sum (patients, columns) over the patients of each replicate (replicates, columns).

        The numbers are whole: in single precision the product is exact below 2^24, and faster.
        """
        if float(sums.max(initial=0.0)) * sums.shape[0] < EXACT_IN_SINGLE:
            return (self._single @ sums.astype(np.float32)).astype(np.float64)
        return self.weights @ sums

    @cached_property
    def _single(self) -> NDArray[np.float32]:
        return self.weights.astype(np.float32)


def jackknife(pair: Pair, weights: Weights) -> FloatArray:
    """Return a pair's kappa with each patient left out (patients,), NaN where undefined."""
    left_out: FloatArray = jackknives(pair, [weights])[0]
    return left_out


def jackknives(pair: Pair, schemes: Sequence[Weights]) -> FloatArray:
    """Return a pair's kappas with each patient left out (schemes, patients)."""
    sums, size = _sums(pair, schemes), pair.categories
    rest = sums.sum(axis=0) - sums
    rows, columns = rest[:, :size], rest[:, size : 2 * size]
    return np.stack(
        [
            _kappas(rows, columns, rest[:, 2 * size + place], disagreement(size, weights))
            for place, weights in enumerate(schemes)
        ]
    )


def _sums(pair: Pair, schemes: Sequence[Weights]) -> FloatArray:
    """Return what a kappa is made of, by patient (patients, 2 categories + schemes).

    Columns: items in each category of the first reader, of the second, and the disagreement under
    each scheme.
    """
    size = pair.categories
    apart = [
        pair.by_patient(disagreement(size, weights).ravel()[pair.joint].astype(np.float64))
        for weights in schemes
    ]
    return np.column_stack([_by_patient(pair, pair.first), _by_patient(pair, pair.second), *apart])


def _kappas(rows: FloatArray, columns: FloatArray, seen: FloatArray, d: IntArray) -> FloatArray:
    """Return kappas from margins (..., categories) and disagreements (...), NaN if undefined."""
    chance = np.einsum("...i,...i->...", rows @ d.astype(np.float64), columns)
    items = rows.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance > 0, 1 - items * seen / chance, np.nan)


def usable(draws: FloatArray) -> FloatArray:
    """Return the replicates in which the statistic is defined, in rising order."""
    return np.sort(draws[~np.isnan(draws)])


def percentile_interval(draws: FloatArray) -> Interval | None:
    """Return the 2.5 and 97.5 linear-interpolated percentiles, None below two usable replicates."""
    return percentiles(usable(draws))


def percentiles(ordered: FloatArray) -> Interval | None:
    if len(ordered) < 2:
        return None
    return _quantile(ordered, 0.025), _quantile(ordered, 0.975)


def bca(ordered: FloatArray, value: float, left_out: FloatArray) -> Interval | None:
    """Return the bias-corrected and accelerated interval (Efron and Tibshirani 1993, 14.3).

    Parameters
    ----------
    ordered
        Usable replicates in rising order; half of those equal to ``value`` count as below it.
    left_out
        The statistic with each patient left out.
    """
    leave = left_out[~np.isnan(left_out)]
    if len(ordered) < 2 or len(leave) < 2 or ordered[0] == ordered[-1]:
        return None
    below = int(ordered.searchsorted(value)) + int(ordered.searchsorted(value, "right"))
    if not 0 < below < 2 * len(ordered):
        return None
    gaps = leave.mean() - leave
    squares = gaps * gaps
    bottom = float(squares.sum()) ** 1.5
    acceleration = float(squares @ gaps) / (6 * bottom) if bottom > 0.0 else 0.0
    bias = float(special.ndtri(below / (2 * len(ordered))))
    tails = []
    for z in (-Z95, Z95):
        moved = bias + z
        tails.append(float(special.ndtr(bias + moved / (1 - acceleration * moved))))
    return _quantile(ordered, tails[0]), _quantile(ordered, tails[1])


def _quantile(ordered: FloatArray, share: float) -> float:
    """Return a linear-interpolated quantile, as ``numpy.percentile`` does by default."""
    place = share * (len(ordered) - 1)
    low = min(int(place), len(ordered) - 2)
    first, second = float(ordered[low]), float(ordered[low + 1])
    return first + (second - first) * (place - low)


def _by_patient(pair: Pair, scores: IntArray) -> FloatArray:
    """Count each patient's items in each category (patients, categories)."""
    counts = np.bincount(
        pair.patient * pair.categories + scores, minlength=pair.patients * pair.categories
    )
    return counts.reshape(pair.patients, pair.categories).astype(np.float64)
