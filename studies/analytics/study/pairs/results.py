"""The results of all pairs of readers, stored as arrays and turned into records on iteration."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from studies.analytics.coefficients.kappa import KAPPA_NOTES, Weights
from studies.analytics.estimate import (
    Estimate,
    Status,
)
from studies.analytics.result import BETWEEN_READERS, Result, matches_fields
from studies.analytics.results import DefinedKappa, DegenerateKappa
from studies.analytics.study.pairs.kappas import PairKappas, Shares, none_if_nan

Readers = tuple[str, str]
Intervals = dict[tuple[str, Readers], dict[str, Any]]
"""Bootstrap intervals by scheme and pair; empty without a bootstrap."""

KAPPA: Final = "cohen_kappa"
AGREEMENTS: Final = ("observed_agreement", "expected_agreement")


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

    def degenerate_kappas(self, weights: str) -> Iterator[DegenerateKappa]:
        """Yield the kappas of pairs that are undefined or rest on one score of a reader."""
        return iter(())

    def defined_kappas(self, outcome: str, weights: str) -> Iterator[DefinedKappa]:
        """Yield the defined kappas of pairs, without creating results."""
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

    def degenerate_kappas(self, weights: str) -> Iterator[DegenerateKappa]:
        names = list(self.pair_rows)
        for scheme, kappas in self.kappas.items():
            if scheme == weights:
                pairs = np.flatnonzero(kappas.status)
                for pair, status in zip(pairs.tolist(), kappas.status[pairs].tolist(), strict=True):
                    note = KAPPA_NOTES[Status(status)]
                    yield DegenerateKappa(self.outcome, self.arm, names[pair], note)

    def defined_kappas(self, outcome: str, weights: str) -> Iterator[DefinedKappa]:
        for scheme, kappas in self.kappas.items():
            if (self.outcome, scheme) == (outcome, weights):
                values = zip(self.pair_rows, kappas.value.tolist(), strict=True)
                yield from ((self.arm, pair, value) for pair, value in values if value == value)

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


def array_bytes(arrays: object) -> int:
    """Return the memory of the arrays in the fields of a dataclass, in bytes."""
    values = [*vars(arrays).values()]
    values += [array for value in values if isinstance(value, tuple) for array in value]
    return sum(value.nbytes for value in values if isinstance(value, np.ndarray))
