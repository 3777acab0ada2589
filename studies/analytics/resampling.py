"""The patient bootstrap: patients are drawn with all their readings, so clusters stay whole.

Each replicate is a vector of weights over patients; the margins and the disagreement of a pair are
linear in it, so that all replicates of a kappa are a few matrix products.

References
----------
Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 13 (percentile interval) and
14 (bias-corrected and accelerated: the acceleration from leaving out one patient at a time).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from studies.analytics.estimate import Z95
from studies.analytics.kappa import Pair, Weights, disagreement
from studies.analytics.table import FloatArray, IntArray


@dataclass(frozen=True)
class Bootstrap:
    """Replicates drawn once, so that every statistic and every difference uses the same patients.

    Parameters
    ----------
    weights : float array (replicates, patients)
        How often each patient was drawn in each replicate.
    """

    weights: FloatArray

    @classmethod
    def draw(cls, patients: int, *, replicates: int = 2000, seed: int = 0) -> Bootstrap:
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(patients, np.full(patients, 1 / patients), size=replicates)
        return cls(drawn.astype(np.float64))

    def kappas(self, pair: Pair, weights: Weights) -> FloatArray:
        """Return a pair's kappa in every replicate (replicates,), NaN where it is undefined."""
        d = disagreement(pair.categories, weights)
        parts = _Parts.of(pair, d)
        rows, columns, apart = (self.weights @ part for part in parts)
        return _kappas(rows, columns, apart, d)


class _Parts(NamedTuple):
    """What each patient adds to a kappa: margins (patients, categories), disagreement."""

    rows: FloatArray
    columns: FloatArray
    apart: FloatArray

    @classmethod
    def of(cls, pair: Pair, d: IntArray) -> _Parts:
        apart = pair.by_patient(d[pair.first, pair.second].astype(np.float64))
        return cls(_by_patient(pair, pair.first), _by_patient(pair, pair.second), apart)


def _kappas(rows: FloatArray, columns: FloatArray, seen: FloatArray, d: IntArray) -> FloatArray:
    chance = ((rows @ d) * columns).sum(axis=1)
    items = rows.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance > 0, 1 - items * seen / chance, np.nan)


def jackknife(pair: Pair, weights: Weights) -> FloatArray:
    """Return a pair's kappa with each patient left out (patients,), NaN where undefined."""
    d = disagreement(pair.categories, weights)
    parts = _Parts.of(pair, d)
    rows, columns, apart = (part.sum(axis=0) - part for part in parts)
    return _kappas(rows, columns, apart, d)


class Draws:
    """The bootstrap replicates of one outcome's kappas, or nothing where none were asked for."""

    def __init__(self, bootstrap: Bootstrap | None) -> None:
        self.bootstrap = bootstrap
        self.kappas: dict[tuple[str | None, Weights, tuple[str, str]], FloatArray] = {}
        self.left_out: dict[tuple[str | None, Weights, tuple[str, str]], FloatArray] = {}
        self.present: dict[tuple[str | None, tuple[str, str]], NDArray[np.bool_]] = {}

    def add(self, arm: str | None, scheme: Weights, readers: tuple[str, str], pair: Pair) -> None:
        if self.bootstrap:
            self.kappas[arm, scheme, readers] = self.bootstrap.kappas(pair, scheme)
            self.left_out[arm, scheme, readers] = jackknife(pair, scheme)
            self.present[arm, readers] = pair.present

    def interval(
        self,
        scheme: Weights,
        pairs: Sequence[tuple[str, str]],
        arms: Sequence[str | None],
        value: float | None,
    ) -> dict[str, Any]:
        """Return both intervals of the mean over pairs, of an arm or first minus second.

        A pair that is undefined in a replicate leaves that replicate out.
        """
        if not self.bootstrap:
            return {}
        draws, left_out = (
            _mean_or_difference([[kept[arm, scheme, pair] for pair in pairs] for arm in arms])
            for kept in (self.kappas, self.left_out)
        )
        present = np.any([self.present[arm, pair] for arm in arms for pair in pairs], axis=0)
        bounds = percentile_interval(draws)
        better = bca_interval(draws, value, left_out[present]) if value is not None else None
        return {
            "ci_bootstrap": list(bounds) if bounds else None,
            "ci_bca": list(better) if better else None,
            "bootstrap_replicates": int((~np.isnan(draws)).sum()),
        }


def _mean_or_difference(arms: list[list[FloatArray]]) -> FloatArray:
    means: list[FloatArray] = [np.mean(pairs, axis=0) for pairs in arms]
    return means[0] - means[1] if len(means) > 1 else means[0]


def percentile_interval(draws: FloatArray) -> tuple[float, float] | None:
    """Return the 2.5 and 97.5 linear-interpolated percentiles, None below two usable replicates."""
    usable = draws[~np.isnan(draws)]
    if len(usable) < 2:
        return None
    low, high = np.percentile(usable, [2.5, 97.5])
    return float(low), float(high)


def bca_interval(
    draws: FloatArray, value: float, left_out: FloatArray
) -> tuple[float, float] | None:
    """Return the bias-corrected and accelerated interval (Efron and Tibshirani 1993, 14.3).

    Parameters
    ----------
    draws
        Replicates, NaN where undefined; half of those equal to ``value`` count as below it.
    left_out
        The statistic with each patient left out.
    """
    usable, leave = draws[~np.isnan(draws)], left_out[~np.isnan(left_out)]
    if len(usable) < 2 or len(leave) < 2 or np.ptp(usable) == 0.0:
        return None
    below = float((usable < value).mean() + (usable == value).mean() / 2)
    if not 0.0 < below < 1.0:
        return None
    gaps = leave.mean() - leave
    bottom = float(np.square(gaps).sum()) ** 1.5
    acceleration = float((gaps**3).sum()) / (6 * bottom) if bottom > 0.0 else 0.0
    bias = float(special.ndtri(below))
    tails = []
    for z in (-Z95, Z95):
        moved = bias + z
        tails.append(100 * float(special.ndtr(bias + moved / (1 - acceleration * moved))))
    low, high = np.percentile(usable, tails)
    return float(low), float(high)


def _by_patient(pair: Pair, scores: IntArray) -> FloatArray:
    """Count each patient's items in each category (patients, categories)."""
    counts = np.bincount(
        pair.patient * pair.categories + scores, minlength=pair.patients * pair.categories
    )
    return counts.reshape(pair.patients, pair.categories).astype(np.float64)
