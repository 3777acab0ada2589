"""The patient bootstrap: patients are drawn with all their readings, so clusters stay whole.

Each replicate is a vector of weights over patients; the margins and the disagreement of a pair are
linear in it, so that all replicates of a kappa are a few matrix products.

References
----------
Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 13 (percentile interval) and
14 (bias-corrected and accelerated: the acceleration from leaving out one patient at a time).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

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
        return next(self.kappas_by(pair, [weights]))

    def kappas_by(self, pair: Pair, schemes: Sequence[Weights]) -> Iterator[FloatArray]:
        """Yield a pair's kappas in every replicate under each kind of weights."""
        rows = self.weights @ _by_patient(pair, pair.first)
        columns = self.weights @ _by_patient(pair, pair.second)
        apart = np.column_stack([_apart(pair, weights) for weights in schemes])
        seen = self.weights @ apart
        for place, weights in enumerate(schemes):
            yield _kappas(rows, columns, seen[:, place], disagreement(pair.categories, weights))


def jackknife(pair: Pair, weights: Weights) -> FloatArray:
    """Return a pair's kappa with each patient left out (patients,), NaN where undefined."""
    rows, columns = _by_patient(pair, pair.first), _by_patient(pair, pair.second)
    apart = _apart(pair, weights)
    d = disagreement(pair.categories, weights)
    return _kappas(rows.sum(axis=0) - rows, columns.sum(axis=0) - columns, apart.sum() - apart, d)


def _apart(pair: Pair, weights: Weights) -> FloatArray:
    """Sum each patient's weighted disagreement (patients,)."""
    d = disagreement(pair.categories, weights)
    return pair.by_patient(d.ravel()[pair.joint].astype(np.float64))


def _kappas(rows: FloatArray, columns: FloatArray, seen: FloatArray, d: IntArray) -> FloatArray:
    chance = np.einsum("ri,ri->r", rows @ d.astype(np.float64), columns)
    items = rows.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance > 0, 1 - items * seen / chance, np.nan)


class Draws:
    """The bootstrap replicates of one outcome's kappas, or nothing where none were asked for."""

    def __init__(self, bootstrap: Bootstrap | None) -> None:
        self.bootstrap = bootstrap
        self.kappas: dict[tuple[str | None, Weights, tuple[str, str]], FloatArray] = {}
        self.left_out: dict[tuple[str | None, Weights, tuple[str, str]], FloatArray] = {}
        self.present: dict[tuple[str | None, tuple[str, str]], NDArray[np.bool_]] = {}

    def add(
        self, arm: str | None, schemes: Sequence[Weights], readers: tuple[str, str], pair: Pair
    ) -> None:
        if not self.bootstrap:
            return
        self.present[arm, readers] = pair.present
        draws = self.bootstrap.kappas_by(pair, schemes)
        for scheme, kappas in zip(schemes, draws, strict=True):
            self.kappas[arm, scheme, readers] = kappas
            self.left_out[arm, scheme, readers] = jackknife(pair, scheme)

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
