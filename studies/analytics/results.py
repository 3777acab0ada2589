"""The results of an agreement analysis, some of them computed on demand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any, Final, NamedTuple, Protocol

from studies.analytics.estimate import Status
from studies.analytics.result import BETWEEN_READERS, Result, matches_fields

# Approximate memory of a Result and of a pair of names, for caches that are limited by bytes.
RESULT_BYTES: Final = 1200
PAIR_BYTES: Final = 200


class DegenerateKappa(NamedTuple):
    """A kappa of a pair that is undefined or rests on one score of a reader, with the reason.

    Large studies have tens of thousands of them, so that they are not full results.
    """

    outcome: str
    arm: str | None
    readers: tuple[str, ...]
    note: str


DefinedKappa = tuple[str | None, tuple[str, ...], float]
"""Arm, readers and value of a kappa of a pair of readers."""


class Block(Protocol):
    """Some results of an agreement, in a stable order.

    Results of pairs of readers are created on iteration. Iterating again yields equal results.
    """

    def __iter__(self) -> Iterator[Result]: ...

    @property
    def statistics(self) -> Set[str]:
        """Return the names of all statistics that the block may contain."""

    @property
    def where(self) -> tuple[str, str | None] | None:
        """Return the outcome and arm of the block, None if it may contain several."""

    def find(self, statistic: str, fields: Mapping[str, object]) -> Iterator[Result]:
        """Yield the results of a statistic whose fields have these values."""

    def degenerate_kappas(self, weights: str) -> Iterator[DegenerateKappa]:
        """Yield the kappas of pairs that are undefined or rest on one score of a reader."""

    def defined_kappas(self, outcome: str, weights: str) -> Iterator[DefinedKappa]:
        """Yield the defined kappas of pairs, without creating results."""

    @property
    def nbytes(self) -> int:
        """Return the approximate memory of the block in bytes."""


class Records:
    """A block of results that have been computed."""

    where = None

    def __init__(self, results: Iterable[Result]) -> None:
        self.results = tuple(results)
        self._by_name: dict[str, list[Result]] = {}
        for result in self.results:
            self._by_name.setdefault(result.statistic, []).append(result)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    @property
    def statistics(self) -> Set[str]:
        return self._by_name.keys()

    def find(self, statistic: str, fields: Mapping[str, object]) -> Iterator[Result]:
        for result in self._by_name.get(statistic, ()):
            if matches_fields(result, fields):
                yield result

    def degenerate_kappas(self, weights: str) -> Iterator[DegenerateKappa]:
        for result in self.find("cohen_kappa", {"weights": weights, **BETWEEN_READERS}):
            estimate = result.estimate
            if estimate.value is None or estimate.status is Status.ONE_SCORE:
                yield DegenerateKappa(result.outcome, result.arm, result.readers, estimate.note)

    def defined_kappas(self, outcome: str, weights: str) -> Iterator[DefinedKappa]:
        fields = {"outcome": outcome, "weights": weights, **BETWEEN_READERS}
        for result in self.find("cohen_kappa", fields):
            if result.estimate.value is not None:
                yield result.arm, result.readers, result.estimate.value

    @property
    def nbytes(self) -> int:
        return len(self.results) * RESULT_BYTES


class Deferred:
    """A block of results that are computed on demand.

    Iteration computes them anew, to save memory; the first search stores them.

    Parameters
    ----------
    statistics : set of str
        Names of all statistics that the block may contain.
    make : callable
        Returns an iterator over the results.
    where : (str, str or None), optional
        The outcome and arm of all results, if they have one in common.
    """

    def __init__(
        self,
        statistics: Set[str],
        make: Callable[[], Iterator[Result]],
        where: tuple[str, str | None] | None = None,
    ) -> None:
        self.statistics, self.make, self.where = statistics, make, where
        self._records: Records | None = None

    def __iter__(self) -> Iterator[Result]:
        return iter(self._records or self.make())

    def find(self, statistic: str, fields: Mapping[str, object]) -> Iterator[Result]:
        if self._records is None:
            self._records = Records(self.make())
        return self._records.find(statistic, fields)

    def degenerate_kappas(self, weights: str) -> Iterator[DegenerateKappa]:
        return iter(())

    def defined_kappas(self, outcome: str, weights: str) -> Iterator[DefinedKappa]:
        return iter(())

    @property
    def nbytes(self) -> int:
        return self._records.nbytes if self._records else 0


class Results(Collection[Result]):
    """The results of several blocks, in the order of the blocks."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.blocks = tuple(blocks)
        self._candidates: dict[tuple[object, ...], tuple[Block, ...]] = {}

    def find(self, statistic: str, fields: Mapping[str, object]) -> Iterator[Result]:
        """Yield the results of a statistic whose fields have these values."""
        key = (statistic, fields.get("outcome", ...), fields.get("arm", ...))
        if key not in self._candidates:
            self._candidates[key] = tuple(
                block
                for block in self.blocks
                if statistic in block.statistics
                and all(
                    available == wanted or wanted is ...
                    for available, wanted in zip(block.where or (), key[1:], strict=False)
                )
            )
        for block in self._candidates[key]:
            yield from block.find(statistic, fields)

    def __iter__(self) -> Iterator[Result]:
        return chain.from_iterable(self.blocks)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    def __contains__(self, result: object) -> bool:
        return any(candidate == result for candidate in self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Collection):
            return NotImplemented
        return all(mine == theirs for mine, theirs in zip_longest(self, other))

    __hash__ = None  # type: ignore[assignment]

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self.blocks)


@dataclass(frozen=True)
class Agreement:
    """The results of an agreement analysis, in a stable order.

    Parameters
    ----------
    results : collection of Result
        All results. Those of pairs of readers are stored as arrays and created on iteration.
    arms : tuple of str or None
        The arms with readings.
    compared : (str, str) or None
        Minuend and subtrahend of the differences; None where no arms are compared.
    pairs : dict
        Pairs of readers by arm, sorted as text.
    warnings : tuple of str
        Sentences about data that were left out and statistics that are not estimable.
    not_compared : str
        Why the expected comparison of two arms was not computed; "" where it was, or where none
        was expected.
    """

    results: Collection[Result]
    arms: tuple[str | None, ...]
    compared: tuple[str, str] | None
    pairs: dict[str | None, tuple[tuple[str, str], ...]]
    warnings: tuple[str, ...] = ()
    not_compared: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.results, Results):
            object.__setattr__(self, "results", Results([Records(self.results)]))

    @property
    def difference_arm(self) -> str | None:
        """Return the ``arm`` of differences, None where no arms are compared."""
        return "-".join(self.compared) if self.compared else None

    @property
    def nbytes(self) -> int:
        """Return the approximate memory of results and pairs in bytes."""
        pairs = sum(map(len, self.pairs.values()))
        results = self.results
        return (results.nbytes if isinstance(results, Results) else 0) + pairs * PAIR_BYTES

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Return the results in their blocks."""
        return self.results.blocks if isinstance(self.results, Results) else ()

    def of_outcome(self, outcome: str) -> Iterator[Result]:
        """Yield all results of one outcome in their order."""
        for block in self.blocks:
            if block.where is None or block.where[0] == outcome:
                yield from (result for result in block if result.outcome == outcome)

    def get(
        self,
        statistic: str,
        *,
        outcome: str,
        arm: str | None,
        weights: str | None = None,
        readers: tuple[str, ...],
    ) -> Result | None:
        """Return the result between readers over all cases, None if there is none."""
        fields = {"outcome": outcome, "arm": arm, "weights": weights, "readers": readers}
        return next(self.find(statistic, **fields), None)

    def find(self, statistic: str, **fields: object) -> Iterator[Result]:
        """Yield the results of a statistic whose fields have these values.

        Without ``replicate`` and ``subgroup``, results are between readers and over all cases.
        """
        fields = {**BETWEEN_READERS, **fields}
        if isinstance(self.results, Results):
            yield from self.results.find(statistic, fields)

    def degenerate_kappas(self, weights: str) -> Iterator[DegenerateKappa]:
        """Yield the pairs' kappas that are undefined, or of which a reader used one score only."""
        for block in self.blocks:
            yield from block.degenerate_kappas(weights)

    def defined_kappas(self, outcome: str, weights: str) -> Iterator[DefinedKappa]:
        """Yield every defined kappa of a pair of readers."""
        for block in self.blocks:
            yield from block.defined_kappas(outcome, weights)

    def records(self) -> list[dict[str, Any]]:
        return [result.record() for result in self.results]
