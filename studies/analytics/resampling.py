"""The patient bootstrap: patients are drawn with all their readings, so clusters stay whole.

Each replicate is a vector of weights over patients; the margins and the disagreement of a pair are
linear in it, so that all replicates of a kappa are a few matrix products.

References
----------
Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13 (percentile interval).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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
        rows = self.weights @ _by_patient(pair, pair.first)
        columns = self.weights @ _by_patient(pair, pair.second)
        apart = np.bincount(
            pair.patient, weights=d[pair.first, pair.second], minlength=pair.patients
        )
        seen = self.weights @ apart
        chance = ((rows @ d) * columns).sum(axis=1)
        items = rows.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(chance > 0, 1 - items * seen / chance, np.nan)


class Draws:
    """The bootstrap replicates of one outcome's kappas, or nothing where none were asked for."""

    def __init__(self, bootstrap: Bootstrap | None) -> None:
        self.bootstrap = bootstrap
        self.kappas: dict[tuple[str | None, Weights, tuple[str, str]], FloatArray] = {}

    def add(self, arm: str | None, scheme: Weights, readers: tuple[str, str], pair: Pair) -> None:
        if self.bootstrap:
            self.kappas[arm, scheme, readers] = self.bootstrap.kappas(pair, scheme)

    def interval(
        self, scheme: Weights, pairs: Sequence[tuple[str, str]], arms: Sequence[str | None]
    ) -> dict[str, Any]:
        """Return the percentile interval of the mean over pairs, of an arm or first minus second.

        A pair that is undefined in a replicate leaves that replicate out.
        """
        if not self.bootstrap:
            return {}
        means = [
            np.mean([self.kappas[arm, scheme, pair] for pair in pairs], axis=0) for arm in arms
        ]
        draws = means[0] - means[1] if len(means) > 1 else means[0]
        bounds = percentile_interval(draws)
        return {
            "ci_bootstrap": list(bounds) if bounds else None,
            "bootstrap_replicates": int((~np.isnan(draws)).sum()),
        }


def percentile_interval(draws: FloatArray) -> tuple[float, float] | None:
    """Return the 2.5 and 97.5 linear-interpolated percentiles, None below two usable replicates."""
    usable = draws[~np.isnan(draws)]
    if len(usable) < 2:
        return None
    low, high = np.percentile(usable, [2.5, 97.5])
    return float(low), float(high)


def _by_patient(pair: Pair, scores: IntArray) -> FloatArray:
    """Count each patient's items in each category (patients, categories)."""
    counts = np.bincount(
        pair.patient * pair.categories + scores, minlength=pair.patients * pair.categories
    )
    return counts.reshape(pair.patients, pair.categories).astype(np.float64)
