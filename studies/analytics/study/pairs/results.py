"""The results of all pairs of readers, stored as arrays and turned into records on iteration."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final

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
from studies.analytics.result import BETWEEN_READERS, Result, matches_fields
from studies.analytics.study.pairs.kappas import PairKappas, Shares, Statuses, none_if_nan
from studies.analytics.table import FloatArray, IntArray

Readers = tuple[str, str]
Intervals = dict[tuple[str, Readers], dict[str, Any]]
"""Bootstrap intervals by scheme and pair; empty without a bootstrap."""

KAPPA: Final = "cohen_kappa"
AGREEMENTS: Final = ("observed_agreement", "expected_agreement")
DIFFERENCE: Final = "kappa_difference"


@dataclass(frozen=True)
class PairPart:
    """Results of a pair that are computed on demand, and the names of their statistics."""

    statistics: frozenset[str]
    make: Callable[[Readers], Iterator[Result]]


class PairResults(ABC):
    """Base of blocks with results of pairs of readers: finds results without creating all."""

    outcome: str
    arm: str | None
    pair_rows: Mapping[Readers, int]

    def __iter__(self) -> Iterator[Result]:
        for readers, pair in self.pair_rows.items():
            yield from self.of_pair(readers, pair)

    @abstractmethod
    def of_pair(self, readers: Readers, pair: int) -> Iterator[Result]:
        """Yield all results of one pair."""

    @property
    @abstractmethod
    def statistics(self) -> Set[str]:
        """Return the names of the statistics of the block."""

    @property
    def where(self) -> tuple[str, str | None]:
        """Return the outcome and the arm of the block."""
        return self.outcome, self.arm

    @abstractmethod
    def of_statistic(
        self, statistic: str, scheme: object, readers: Readers, pair: int
    ) -> Iterator[Result]:
        """Yield one pair's results of a statistic, under one scheme or under all (``...``)."""

    def find(self, statistic: str, fields: Mapping[str, object]) -> Iterator[Result]:
        """Yield the results of a statistic whose fields have these values."""
        if any(fields.get(name, value) != value for name, value in BETWEEN_READERS.items()):
            return
        for readers, pair in self._pairs(fields):
            for result in self.of_statistic(statistic, fields.get("weights", ...), readers, pair):
                if matches_fields(result, fields):
                    yield result

    def degenerate_kappas(self, weights: str) -> Iterator[Result]:
        """Yield the kappas of pairs that are undefined or rest on one score of a reader."""
        return iter(())

    def _pairs(self, fields: Mapping[str, object]) -> Iterable[tuple[Readers, int]]:
        if "readers" not in fields:
            return self.pair_rows.items()
        readers = fields["readers"]
        if isinstance(readers, tuple) and len(readers) == 2 and readers in self.pair_rows:
            return [(readers, self.pair_rows[readers])]
        return ()


@dataclass(frozen=True)
class ArmResults(PairResults):
    """The results of all pairs of readers in one outcome and arm.

    Parameters
    ----------
    outcome : str
        The outcome.
    arm : str or None
        The arm.
    pair_rows : mapping
        The row of each pair of readers in the arrays.
    kappas, methods : mapping
        Kappas and descriptions of their method, by scheme of weights.
    agreement_methods : mapping
        Descriptions of observed and expected agreement, by statistic and scheme.
    shares : mapping
        Exact agreement and agreement within one, with a description of the method, by statistic.
    parts : tuple of PairPart
        Further results of a pair: those of totals, and those that the page does not show.
    intervals : dict
        Bootstrap intervals by scheme and pair.
    """

    outcome: str
    arm: str | None
    pair_rows: Mapping[Readers, int]
    kappas: Mapping[Weights, PairKappas]
    methods: Mapping[Weights, str]
    agreement_methods: Mapping[tuple[str, Weights], str]
    shares: Mapping[str, tuple[Shares, str]]
    parts: tuple[PairPart, ...] = ()
    intervals: Intervals = field(default_factory=dict)

    def of_pair(self, readers: Readers, pair: int) -> Iterator[Result]:
        for scheme in self.kappas:
            yield self._kappa(scheme, readers, pair)
            yield from (self._agreement(name, scheme, readers, pair) for name in AGREEMENTS)
        for name in self.shares:
            yield self._share(name, readers, pair)
        for part in self.parts:
            yield from part.make(readers)

    @property
    def statistics(self) -> Set[str]:
        return {KAPPA, *AGREEMENTS, *self.shares}.union(*(part.statistics for part in self.parts))

    def of_statistic(
        self, statistic: str, scheme: object, readers: Readers, pair: int
    ) -> Iterator[Result]:
        schemes = [known_scheme for known_scheme in self.kappas if scheme in (known_scheme, ...)]
        if statistic == KAPPA:
            yield from (self._kappa(known_scheme, readers, pair) for known_scheme in schemes)
        elif statistic in AGREEMENTS:
            yield from (
                self._agreement(statistic, known_scheme, readers, pair) for known_scheme in schemes
            )
        elif statistic in self.shares:
            yield self._share(statistic, readers, pair)
        for part in self.parts:
            if statistic in part.statistics:
                yield from (
                    result for result in part.make(readers) if result.statistic == statistic
                )

    def degenerate_kappas(self, weights: str) -> Iterator[Result]:
        names = list(self.pair_rows)
        for scheme, kappas in self.kappas.items():
            if scheme == weights:
                for pair in np.flatnonzero(kappas.status):
                    yield self._kappa(scheme, names[pair], int(pair))

    @property
    def nbytes(self) -> int:
        arrays = [*self.kappas.values(), *(share for share, _ in self.shares.values())]
        return sum(array_bytes(arrays_of) for arrays_of in arrays)

    def _kappa(self, scheme: Weights, readers: Readers, pair: int) -> Result:
        kappas = self.kappas[scheme]
        estimate = kappas.estimate(pair, self.methods[scheme])
        more = {
            "se_items": None if estimate.value is None else float(kappas.se_items[pair]),
            "patients": int(kappas.patients[pair]),
            **self.intervals.get((scheme, readers), {}),
        }
        return Result(KAPPA, scheme, self.outcome, self.arm, readers, estimate, more)

    def _agreement(self, name: str, scheme: Weights, readers: Readers, pair: int) -> Result:
        kappas = self.kappas[scheme]
        values = kappas.observed if name.startswith("observed") else kappas.expected
        value = none_if_nan(values[pair])
        note = kappas.note(pair) if value is None else ""
        method = self.agreement_methods[name, scheme]
        estimate = Estimate(value, None, None, int(kappas.n[pair]), method, note)
        return Result(name, scheme, self.outcome, self.arm, readers, estimate)

    def _share(self, name: str, readers: Readers, pair: int) -> Result:
        shares, method = self.shares[name]
        estimate = shares.estimate(pair, method)
        return Result(name, None, self.outcome, self.arm, readers, estimate)


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


def array_bytes(arrays: object) -> int:
    """Return the memory of the arrays in the fields of a dataclass, in bytes."""
    values = [*vars(arrays).values()]
    values += [array for value in values if isinstance(value, tuple) for array in value]
    return sum(value.nbytes for value in values if isinstance(value, np.ndarray))
