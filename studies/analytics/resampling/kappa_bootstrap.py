"""Bootstrap intervals of kappas, of their means over pairs of readers and of differences of arms.

Two kinds of draw. Of patients alone: the readers are the ones the study has, and the interval
speaks of them. Of patients and of readers: each replicate draws as many readers as there are, with
replacement, and takes the mean over the pairs of different readers, each as often as its two
readers were drawn; the interval speaks of readers like these. The same patients and readers are
drawn in both arms of a difference.

References
----------
Beiden, Wagner and Campbell 2000, Acad Radiol 7:341 (bootstrap of readers and cases).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.kappa import Pair, Weights
from studies.analytics.resampling.patient_bootstrap import (
    Bootstrap,
    LeaveOneOut,
    bca,
    defined_replicates,
    jackknives,
    percentile_interval,
    percentiles,
)
from studies.analytics.table import FloatArray

Readers = tuple[str, str]

FEWEST_READERS: Final = 3
FEW_READERS_NOTE: Final = (
    f"fewer than {FEWEST_READERS} readers: nothing can be said of readers beyond them"
)


class Draws:
    """The bootstrap replicates of one outcome's kappas, or nothing where none were asked for."""

    def __init__(self, bootstrap: Bootstrap | None) -> None:
        self.bootstrap = bootstrap
        self.kappas: dict[tuple[str | None, Weights, Readers], FloatArray] = {}
        self.left_out: dict[tuple[str | None, Weights, Readers], LeaveOneOut] = {}
        self.present: dict[tuple[str | None, Readers], NDArray[np.bool_]] = {}

    def add(
        self, arm: str | None, schemes: Sequence[Weights], pairs: Mapping[Readers, Pair]
    ) -> None:
        """Draw the kappas of all pairs of readers of an arm."""
        if not self.bootstrap or not pairs:
            return
        names = iter(pairs)
        for block in self.bootstrap.kappas_of(list(pairs.values()), schemes):
            for kappas in block:
                readers = next(names)
                left_out = jackknives(pairs[readers], schemes)
                self.present[arm, readers] = pairs[readers].present
                for index, scheme in enumerate(schemes):
                    self.kappas[arm, scheme, readers] = kappas[index]
                    self.left_out[arm, scheme, readers] = left_out[index]

    def interval(
        self,
        scheme: Weights,
        pairs: Sequence[Readers],
        arms: Sequence[str | None],
        value: float | None,
    ) -> dict[str, Any]:
        """Return both intervals of the mean over pairs, of an arm or first minus second.

        A pair that is undefined in a replicate leaves that replicate out.
        """
        if not self.bootstrap:
            return {}
        draws = _mean_or_difference(
            [[self.kappas[arm, scheme, pair] for pair in pairs] for arm in arms]
        )
        left_out = _mean_or_difference(
            [
                [self.left_out[arm, scheme, pair].for_all_patients() for pair in pairs]
                for arm in arms
            ]
        )
        present = np.any([self.present[arm, pair] for arm in arms for pair in pairs], axis=0)
        ordered = defined_replicates(draws)
        bounds = percentiles(ordered)
        better = bca(ordered, value, left_out[present]) if value is not None else None
        return {
            "ci_bootstrap": list(bounds) if bounds else None,
            "ci_bca": list(better) if better else None,
            "bootstrap_replicates": len(ordered),
        }

    def interval_over_readers(
        self, scheme: Weights, pairs: Sequence[Readers], arms: Sequence[str | None]
    ) -> dict[str, Any]:
        """Return the percentile interval of a mean over pairs where readers are drawn too."""
        if not self.bootstrap:
            return {}
        names = sorted({name for pair in pairs for name in pair})
        if len(names) < FEWEST_READERS:
            return {"ci_bootstrap_readers": None, "note_readers": FEW_READERS_NOTE}
        often = drawn_readers(len(names), len(self.bootstrap.weights), self.bootstrap.seed)
        first, second = np.array([[names.index(name) for name in pair] for pair in pairs]).T
        times = often[:, first] * often[:, second]
        means = [
            _weighted_mean(
                np.column_stack([self.kappas[arm, scheme, pair] for pair in pairs]), times
            )
            for arm in arms
        ]
        draws = means[0] - means[1] if len(means) > 1 else means[0]
        bounds = percentile_interval(draws)
        return {
            "ci_bootstrap_readers": list(bounds) if bounds else None,
            "bootstrap_readers_replicates": int((~np.isnan(draws)).sum()),
        }


@cache
def drawn_readers(readers: int, replicates: int, seed: int) -> FloatArray:
    """Return how often each reader was drawn (replicates, readers), never one reader alone."""
    rng = np.random.default_rng([seed, readers])
    share = np.full(readers, 1 / readers)
    often = rng.multinomial(readers, share, size=replicates)
    while (alone := (often == readers).any(axis=1)).any():
        often[alone] = rng.multinomial(readers, share, size=int(alone.sum()))
    drawn = often.astype(np.float64)
    drawn.flags.writeable = False
    return drawn


def _weighted_mean(values: FloatArray, times: FloatArray) -> FloatArray:
    """Return means of values (replicates, pairs), NaN where one that was drawn is undefined."""
    whole = times.sum(axis=1)
    with np.errstate(invalid="ignore"):
        mean: FloatArray = np.where(times > 0, times * values, 0.0).sum(axis=1) / whole
    return mean


def _mean_or_difference(arms: list[list[FloatArray]]) -> FloatArray:
    means: list[FloatArray] = [np.mean(pairs, axis=0) for pairs in arms]
    return means[0] - means[1] if len(means) > 1 else means[0]
