"""Bootstrap over patients: each is drawn with all readings, so that clusters remain intact.

A replicate is a vector of weights over patients. Margins and disagreement of a pair of readers are
linear in it, so that all replicates of the kappas of many pairs are one matrix product. Patients
are assumed to be an independent sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.kappa import Weights, disagreement
from studies.analytics.coefficients.pair import Pair
from studies.analytics.resampling.pair_sums import (
    PairSums,
    StackedSums,
    kappas_of_margins,
    stack_sums,
)
from studies.analytics.table import FloatArray

CACHED_NUMBERS: Final = 100_000
"""Numbers in the temporary arrays of kappas: 0.8 MB in double precision."""


@dataclass(frozen=True)
class Bootstrap:
    """Resampled patients, drawn once so that all statistics use the same replicates.

    Parameters
    ----------
    weights : array (replicates, patients)
        How often each patient was drawn in each replicate: whole numbers of any type.
    seed : int
        Seed of the patients, and of the readers where these are resampled as well.
    """

    weights: NDArray[Any]
    seed: int = 0

    @classmethod
    def draw(cls, patients: int, *, replicates: int = 2000, seed: int = 0) -> Bootstrap:
        """Return replicates of as many patients as there are, drawn with replacement."""
        rng = np.random.default_rng(seed)
        # How often each patient is drawn, rather than which: sums over a replicate become a
        # product.
        drawn = rng.multinomial(patients, np.full(patients, 1 / patients), size=replicates)
        return cls(drawn.astype(np.float64), seed)

    def kappas_of(self, pairs: Sequence[Pair], schemes: Sequence[Weights]) -> Iterator[FloatArray]:
        """Yield replicates of kappa for blocks of pairs (pairs, schemes, replicates).

        Parameters
        ----------
        pairs : sequence of Pair
            Pairs on the same scale.
        schemes : sequence of str
            Schemes of weights.
        """
        yield from self.kappas_of_sums([PairSums.of(pair, schemes) for pair in pairs], schemes)

    def kappas_of_sums(
        self, pairs: Sequence[PairSums], schemes: Sequence[Weights]
    ) -> Iterator[FloatArray]:
        """Yield replicates of kappa as `kappas_of` does, from sums by patient.

        All numbers are whole, so the sums do not depend on how they are added up.
        """
        stacks = stack_sums(pairs, replicates=len(self.weights), patients=self.weights.shape[1])
        for stack in stacks:
            yield self.kappas_of_stack(stack, schemes)

    def kappas_of_stack(self, stack: StackedSums, schemes: Sequence[Weights]) -> FloatArray:
        """Return replicates of the kappas of stacked pairs (pairs, schemes, replicates)."""
        drawn, size = self._drawn(stack), stack.categories
        kappas = np.empty((len(drawn), len(schemes), len(self.weights)))
        # A few pairs at a time, so that the temporary arrays fit into the processor's cache.
        step = max(1, CACHED_NUMBERS // max(1, drawn[0].size))
        for start in range(0, len(drawn), step):
            part = drawn[start : start + step].astype(np.float64)
            for index, weights in enumerate(schemes):
                kappas[start : start + step, index] = kappas_of_margins(
                    part[:, :size],
                    part[:, size : 2 * size],
                    part[:, 2 * size + index],
                    disagreement(size, weights),
                )
        return kappas

    def _drawn(self, stack: StackedSums) -> NDArray[Any]:
        """Return the sums over the patients of each replicate (pairs, columns, replicates)."""
        if stack.patients is None and stack.exact_in_single:
            drawn = stack.matrix @ self._single
        elif stack.patients is None:
            drawn = stack.matrix @ np.ascontiguousarray(self.weights.T, np.float64)
        else:
            drawn = stack.matrix @ self.weights[:, stack.patients].astype(stack.matrix.dtype).T
        by_pair: NDArray[Any] = drawn.reshape(stack.pairs, -1, len(self.weights))
        return by_pair

    @cached_property
    def _single(self) -> NDArray[np.float32]:
        """The weights (patients, replicates) in single precision, for the sparse products."""
        return np.ascontiguousarray(self.weights.T, np.float32)


@dataclass(frozen=True)
class LeaveOneOut:
    """Kappas of a pair with each patient left out in turn.

    Parameters
    ----------
    patients : int array (present,)
        The patients with an item that both readers rated.
    values : float array (present,)
        The kappa without each of them, NaN where undefined.
    whole : float
        The kappa of all patients, which leaving out any other patient does not change.
    count : int
        Number of patients in the study.
    """

    patients: NDArray[np.intp]
    values: FloatArray
    whole: float
    count: int

    def for_all_patients(self) -> FloatArray:
        """Return the kappa without each patient of the study (patients,)."""
        every = np.full(self.count, self.whole)
        every[self.patients] = self.values
        return every


def jackknife(pair: Pair, weights: Weights) -> FloatArray:
    """Return a pair's kappa with each patient left out in turn (patients,), NaN if undefined."""
    return jackknives(pair, [weights])[0].for_all_patients()


def jackknives(pair: Pair, schemes: Sequence[Weights]) -> list[LeaveOneOut]:
    """Return a pair's kappas with each patient left out in turn, one per scheme."""
    return jackknives_of_sums(PairSums.of(pair, schemes), schemes, pair.patients)


def jackknives_of_sums(
    pair_sums: PairSums, schemes: Sequence[Weights], count: int
) -> list[LeaveOneOut]:
    """Return the kappas as `jackknives` does, from sums by patient of ``count`` patients."""
    size = pair_sums.categories
    sums = pair_sums.sums.astype(np.float64)
    every = sums.sum(axis=0)
    # The last row, without any patient left out, gives the kappa of the whole sample.
    rest = np.vstack([every - sums, every])
    rows, columns = rest.T[:size], rest.T[size : 2 * size]
    left_out = []
    for index, weights in enumerate(schemes):
        seen, d = rest[:, 2 * size + index], disagreement(size, weights)
        kappas = kappas_of_margins(rows, columns, seen, d)
        left_out.append(LeaveOneOut(pair_sums.patients, kappas[:-1], float(kappas[-1]), count))
    return left_out
