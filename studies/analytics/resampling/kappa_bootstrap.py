"""Bootstrap intervals of kappas, of means over pairs of readers and of differences between arms.

Resampling patients only gives intervals for the readers of the study. Resampling patients and
readers gives intervals that generalise to the reader population: each replicate draws as many
readers as there are, with replacement, and takes the mean over pairs of different readers, weighted
by how often both were drawn. Both arms of a difference use the same patients and readers. Patients
and readers are assumed to be independent samples.

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

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.coefficients.pair import Pair
from studies.analytics.resampling.intervals import (
    Interval,
    bootstrap_intervals,
    defined_replicates,
    expanded_percentiles,
    percentile_interval,
)
from studies.analytics.resampling.patient_bootstrap import (
    Bootstrap,
    LeaveOneOut,
    jackknives,
)
from studies.analytics.table import FloatArray

Readers = tuple[str, str]
Side = tuple[str | None, Sequence[Readers]]
"""An arm with pairs of readers: one side of a difference."""

# Two readers form a single pair, so resampling readers could only repeat the same kappa.
FEWEST_READERS: Final = 3
FEW_READERS_NOTE: Final = (
    f"fewer than {FEWEST_READERS} readers: the result cannot be generalised to other readers"
)


class Draws:
    """The bootstrap replicates of the kappas of one outcome.

    Parameters
    ----------
    bootstrap : Bootstrap or None
        The resampled patients; without it no intervals are computed.

    Attributes
    ----------
    kappas : dict
        Replicates of kappa (replicates,) by arm, scheme and pair of readers.
    left_out : dict
        Kappas with each patient left out, for the acceleration of BCa intervals; empty if these
        are not computed.
    present : dict
        Which patients have an item that both readers rated, by arm and pair.
    """

    def __init__(self, bootstrap: Bootstrap | None) -> None:
        self.bootstrap = bootstrap
        self.kappas: dict[tuple[str | None, Weights, Readers], FloatArray] = {}
        self.left_out: dict[tuple[str | None, Weights, Readers], LeaveOneOut] = {}
        self.present: dict[tuple[str | None, Readers], NDArray[np.bool_]] = {}

    def add(
        self, arm: str | None, schemes: Sequence[Weights], pairs: Mapping[Readers, Pair]
    ) -> None:
        """Add the replicates of all pairs of readers in an arm."""
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
        """Return bootstrap intervals of a mean over pairs, or of its difference.

        Parameters
        ----------
        scheme : {"none", "linear", "quadratic"}
            Scheme of weights.
        pairs : sequence of (str, str)
            Pairs of readers. A replicate in which one of them has no kappa is left out.
        arms : sequence of str or None
            One arm, or minuend and subtrahend.
        value : float or None
            The estimate from the sample.

        Returns
        -------
        dict
            ``ci_bootstrap``, ``ci_bootstrap_expanded``, ``ci_bca`` and ``bootstrap_replicates``;
            empty without a bootstrap.
        """
        return self.interval_of_sides(scheme, [(arm, pairs) for arm in arms], value)

    def interval_of_sides(
        self, scheme: Weights, sides: Sequence[Side], value: float | None
    ) -> dict[str, Any]:
        """Return intervals as `interval` does, where the sides may have different pairs.

        Parameters
        ----------
        sides : sequence of (str or None, sequence of (str, str))
            One arm with its pairs of readers, or minuend and subtrahend. A replicate draws each
            patient for both sides at once.
        """
        if not self.bootstrap:
            return {}
        present, left_out = self.contributing(sides), None
        if self.left_out:
            every = _mean_or_difference(
                [
                    [self.left_out[arm, scheme, pair].for_all_patients() for pair in pairs]
                    for arm, pairs in sides
                ]
            )
            # The acceleration is computed from patients who contribute to a kappa.
            left_out = every[present]
        draws, patients = self.replicates(scheme, sides), int(present.sum())
        return bootstrap_intervals(draws, left_out, value, patients=patients)

    def expanded_interval(self, scheme: Weights, sides: Sequence[Side]) -> Interval | None:
        """Return the expanded percentile interval of a mean over pairs, or of a difference.

        It has better coverage than the intervals of `interval` with few patients; see
        `intervals.expanded_percentiles`. Parameters as in `interval_of_sides`. None without a
        bootstrap.
        """
        if not self.bootstrap:
            return None
        draws = self.replicates(scheme, sides)
        return expanded_percentiles(defined_replicates(draws), int(self.contributing(sides).sum()))

    def replicates(self, scheme: Weights, sides: Sequence[Side]) -> FloatArray:
        """Return the replicates of a mean over pairs, or of a difference (replicates,)."""
        return _mean_or_difference(
            [[self.kappas[arm, scheme, pair] for pair in pairs] for arm, pairs in sides]
        )

    def contributing(self, sides: Sequence[Side]) -> NDArray[np.bool_]:
        """Return which patients contribute to at least one of the kappas (patients,)."""
        masks = [self.present[arm, pair] for arm, pairs in sides for pair in pairs]
        present: NDArray[np.bool_] = np.any(masks, axis=0)
        return present

    def interval_over_readers(
        self, scheme: Weights, pairs: Sequence[Readers], arms: Sequence[str | None]
    ) -> dict[str, Any]:
        """Return the percentile interval of a mean over pairs with readers resampled, too.

        Parameters as in `interval`. None with fewer than three readers.
        """
        # Both arms use the same readers.
        return self._over_readers(scheme, [(arm, pairs) for arm in arms], [0] * len(arms))

    def interval_over_groups(self, scheme: Weights, sides: Sequence[Side]) -> dict[str, Any]:
        """Return the percentile interval of a difference between two groups of readers.

        Patients are resampled for both groups at once, readers independently within each group.
        Parameters as in `interval_of_sides`. None if a group has fewer than three readers.
        """
        return self._over_readers(scheme, sides, range(1, len(sides) + 1))

    def _over_readers(
        self, scheme: Weights, sides: Sequence[Side], groups: Sequence[int]
    ) -> dict[str, Any]:
        if not self.bootstrap:
            return {}
        means = []
        for (arm, pairs), group in zip(sides, groups, strict=True):
            names = sorted({name for pair in pairs for name in pair})
            if len(names) < FEWEST_READERS:
                return {"ci_bootstrap_readers": None, "note_readers": FEW_READERS_NOTE}
            # Cached by number and seed, so that both arms and all outcomes use the same readers.
            counts = drawn_readers(
                len(names), len(self.bootstrap.weights), self.bootstrap.seed, group
            )
            first, second = np.array([[names.index(name) for name in pair] for pair in pairs]).T
            times = counts[:, first] * counts[:, second]
            kappas = np.column_stack([self.kappas[arm, scheme, pair] for pair in pairs])
            means.append(_weighted_mean(kappas, times))
        draws = means[0] - means[1] if len(means) > 1 else means[0]
        bounds = percentile_interval(draws)
        return {
            "ci_bootstrap_readers": list(bounds) if bounds else None,
            "bootstrap_readers_replicates": int((~np.isnan(draws)).sum()),
        }


@cache
def drawn_readers(readers: int, replicates: int, seed: int, group: int = 0) -> FloatArray:
    """Return how often each reader was drawn in each replicate (replicates, readers).

    Replicates that consist of a single reader have no pairs and are drawn again. Groups of readers,
    numbered from 1, are drawn independently of each other; 0 stands for all readers.
    """
    rng = np.random.default_rng([seed, readers, group] if group else [seed, readers])
    share = np.full(readers, 1 / readers)
    draw_counts = rng.multinomial(readers, share, size=replicates)
    while (alone := (draw_counts == readers).any(axis=1)).any():
        draw_counts[alone] = rng.multinomial(readers, share, size=int(alone.sum()))
    drawn = draw_counts.astype(np.float64)
    # The cached array is shared, so no caller may change it.
    drawn.flags.writeable = False
    return drawn


def _weighted_mean(values: FloatArray, times: FloatArray) -> FloatArray:
    """Return weighted means of values (replicates, pairs), NaN if a pair with weight is NaN."""
    whole = times.sum(axis=1)
    with np.errstate(invalid="ignore"):
        # Without this, an undefined kappa of a pair that was not drawn would make the mean
        # undefined.
        mean: FloatArray = np.where(times > 0, times * values, 0.0).sum(axis=1) / whole
    return mean


def _mean_or_difference(arms: list[list[FloatArray]]) -> FloatArray:
    means: list[FloatArray] = [np.mean(pairs, axis=0) for pairs in arms]
    return means[0] - means[1] if len(means) > 1 else means[0]
