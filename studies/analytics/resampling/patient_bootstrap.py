"""Bootstrap over patients: each is drawn with all readings, so that clusters remain intact.

A replicate is a vector of weights over patients. Margins and disagreement of a pair of readers are
linear in it, so that all replicates of the kappas of many pairs are one matrix product. Patients
are assumed to be an independent sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.kappa import Weights, disagreement
from studies.analytics.coefficients.pair import Pair
from studies.analytics.table import FloatArray, IntArray

BLOCK_NUMBERS: Final = 4_000_000
"""Numbers in one block of replicates: 32 MB in double precision."""

# Whole numbers up to this one are exact in single precision.
EXACT_IN_SINGLE: Final = 2**24


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

        Only the patients of a block's pairs enter its matrix product. All numbers are whole, so
        the sums do not depend on which patients are left out.
        """
        size, replicates, patients = pairs[0].categories, *self.weights.shape
        width = 2 * size + len(schemes)
        # Limits both the sums of all patients and the sums of all replicates, whichever is larger.
        block = max(1, BLOCK_NUMBERS // (width * max(replicates, patients)))
        for start in range(0, len(pairs), block):
            batch = pairs[start : start + block]
            drawn = self._drawn(batch).reshape(-1, len(batch), width)
            yield np.stack(
                [
                    _kappas(
                        drawn[:, :, :size],
                        drawn[:, :, size : 2 * size],
                        drawn[:, :, 2 * size + index],
                        disagreement(size, weights),
                    ).T
                    for index, weights in enumerate(schemes)
                ],
                axis=1,
            )

    def _drawn(self, pairs: Sequence[PairSums]) -> FloatArray:
        """Return the sums over the patients of each replicate (replicates, pairs x columns).

        The numbers are whole, so single precision is exact below 2^24, and faster.
        """
        most = max(float(pair.sums.max(initial=0)) for pair in pairs)
        exact = most * self.weights.shape[1] < EXACT_IN_SINGLE
        kind = np.float32 if exact else np.float64
        patients = np.unique(np.concatenate([pair.patients for pair in pairs]))
        sums = np.zeros((len(patients), len(pairs), pairs[0].sums.shape[1]), kind)
        for index, pair in enumerate(pairs):
            sums[np.searchsorted(patients, pair.patients), index] = pair.sums
        weights = self.weights[:, patients].astype(kind)
        flat = sums.reshape(len(patients), sums.shape[1] * sums.shape[2])
        drawn: FloatArray = (weights @ flat).astype(np.float64)
        return drawn


@dataclass(frozen=True)
class PairSums:
    """Sums by patient that the kappas of a pair depend on: margins and disagreements.

    Parameters
    ----------
    patients : int array (present,)
        The patients with an item that both readers rated, in ascending order.
    sums : unsigned int array (present, 2 categories + schemes)
        Items in each category of the first and of the second reader, and the disagreement under
        each scheme, in the smallest sufficient integer type.
    categories : int
        Number of categories of the scale.
    """

    patients: NDArray[np.intp]
    sums: NDArray[Any]
    categories: int

    @classmethod
    def of(cls, pair: Pair, schemes: Sequence[Weights]) -> PairSums:
        """Return the sums of a pair under these schemes of weights."""
        patients, size = np.flatnonzero(pair.present), pair.categories
        count, patient_index = len(patients), np.searchsorted(patients, pair.patient)
        margins = [
            np.bincount(patient_index * size + scores, minlength=count * size).reshape(count, size)
            for scores in (pair.first, pair.second)
        ]
        apart = [
            np.bincount(
                patient_index,
                weights=disagreement(size, weights).ravel()[pair.joint].astype(np.float64),
                minlength=count,
            ).astype(np.int64)
            for weights in schemes
        ]
        sums = np.column_stack([*margins, *apart])
        return cls(patients, sums.astype(np.min_scalar_type(int(sums.max(initial=0)))), size)


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
    rows, columns = rest[:, :size], rest[:, size : 2 * size]
    left_out = []
    for index, weights in enumerate(schemes):
        kappas = _kappas(rows, columns, rest[:, 2 * size + index], disagreement(size, weights))
        left_out.append(LeaveOneOut(pair_sums.patients, kappas[:-1], float(kappas[-1]), count))
    return left_out


def _kappas(rows: FloatArray, columns: FloatArray, seen: FloatArray, d: IntArray) -> FloatArray:
    """Return kappas from margins (..., categories) and disagreements (...), NaN if undefined."""
    chance = np.einsum("...i,...i->...", rows @ d.astype(np.float64), columns)
    items = rows.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance > 0, 1 - items * seen / chance, np.nan)
