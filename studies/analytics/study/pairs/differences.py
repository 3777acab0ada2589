"""The differences between two arms of all pairs of readers, stored as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from studies.analytics.coefficients.kappa import KAPPA_NOTES, Weights
from studies.analytics.coefficients.kappa_differences import difference_status
from studies.analytics.estimate import (
    Estimate,
    Status,
    clustered_estimate,
    join_arm_notes,
    undefined,
)
from studies.analytics.result import Result
from studies.analytics.study.pairs.kappas import Statuses, none_if_nan
from studies.analytics.study.pairs.results import Intervals, PairResults, Readers, array_bytes
from studies.analytics.table import FloatArray, IntArray

DIFFERENCE: Final = "kappa_difference"


@dataclass(frozen=True)
class PairDifferences:
    """Differences of kappas between two arms, for all pairs under one scheme of weights.

    Parameters
    ----------
    value, se : float arrays (pairs,)
        NaN where a kappa is undefined in one of the arms.
    n, patients : int arrays (pairs,)
        Patients with a pair of readings in both arms, and in at least one arm.
    statuses : (int8 array, int8 array)
        Numbers of `Status` of the kappas of minuend and subtrahend.
    """

    value: FloatArray
    se: FloatArray
    n: IntArray
    patients: IntArray
    statuses: tuple[Statuses, Statuses]

    def arm_notes(self, pair: int, names: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        """Return the arms whose kappa is undefined or not informative, each with the reason."""
        return tuple(
            (name, KAPPA_NOTES[status])
            for name, status in zip(names, self.statuses_of(pair), strict=True)
            if status
        )

    def statuses_of(self, pair: int) -> tuple[Status, Status]:
        """Return the statuses of one pair's kappas in the two arms."""
        minuend, subtrahend = self.statuses
        return Status(int(minuend[pair])), Status(int(subtrahend[pair]))


@dataclass(frozen=True)
class DifferenceResults(PairResults):
    """The differences between two arms of all pairs of readers, in one outcome and scheme."""

    outcome: str
    compared: tuple[str, str]
    scheme: Weights
    pair_rows: Mapping[Readers, int]
    differences: PairDifferences
    method: str
    intervals: Intervals = field(default_factory=dict)

    @property
    def arm(self) -> str:  # type: ignore[override]
        return "-".join(self.compared)

    def of_pair(self, readers: Readers, pair: int) -> Iterator[Result]:
        differences = self.differences
        status = difference_status(*differences.statuses_of(pair))
        value, n = none_if_nan(differences.value[pair]), int(differences.n[pair])
        arm_notes = differences.arm_notes(pair, self.compared)
        note = join_arm_notes(arm_notes)
        if value is None:
            estimate = undefined(n, note, self.method, status)
        else:
            se, patients = float(differences.se[pair]), int(differences.patients[pair])
            estimate = clustered_estimate(value, se, n, patients, note, self.method, status)
        estimate = estimate.with_arm_notes(arm_notes)
        more = {"arms": list(self.compared), **self.intervals.get((self.scheme, readers), {})}
        yield Result(DIFFERENCE, self.scheme, self.outcome, self.arm, readers, estimate, more)

    @property
    def statistics(self) -> Set[str]:
        return {DIFFERENCE}

    def of_statistic(
        self, statistic: str, scheme: object, readers: Readers, pair: int
    ) -> Iterator[Result]:
        if scheme in (self.scheme, ...):
            yield from self.of_pair(readers, pair)

    def gaps(self) -> Iterator[tuple[Readers, Estimate]]:
        """Yield the pairs whose difference is undefined or rests on one score of a reader.

        The estimate of each pair states the reason. It depends on the statuses of the two kappas
        alone, so that pairs with the same statuses share the estimate of the first of them.
        """
        minuend, subtrahend = self.differences.statuses
        one_score = (minuend == Status.ONE_SCORE) | (subtrahend == Status.ONE_SCORE)
        readers = list(self.pair_rows)
        estimates: dict[tuple[int, int], Estimate] = {}
        pairs = np.flatnonzero(np.isnan(self.differences.value) | one_score)
        statuses = zip(minuend[pairs].tolist(), subtrahend[pairs].tolist(), strict=True)
        for pair, both in zip(pairs.tolist(), statuses, strict=True):
            if both not in estimates:
                (result,) = self.of_pair(readers[pair], pair)
                estimates[both] = result.estimate
            yield readers[pair], estimates[both]

    @property
    def nbytes(self) -> int:
        return array_bytes(self.differences)
