"""The records that an agreement consists of: the contract of page, report and JSON."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any, Final, Protocol

from studies.analytics.coefficients.kappa import ONE_SCORE_NOTE
from studies.analytics.estimate import Estimate
from studies.analytics.table import POOLED

RESULT_BYTES: Final = 1200
PAIR_BYTES: Final = 200
"""About what a Result and a pair of names take, for caches that are limited by bytes."""

BETWEEN_READERS: Final[dict[str, object]] = {"replicate": 1, "subgroup": None}
"""The fields of results that compare readers over all cases, in their first readings."""

Key = tuple[str, str | None, str, str | None, tuple[str, ...]]


@dataclass(frozen=True)
class Result:
    """One statistic of one outcome, arm and set of readers.

    Parameters
    ----------
    weights
        "none", "linear", "quadratic", or None where a statistic has no weights.
    arm
        Name of the arm; "guided-unguided" for guided minus unguided; None where the file has none.
    readers
        Sorted as text; differences between two readers are first minus second.
    estimate
        Value, standard error, interval, n, method and note.
    replicate
        1 between readers; (1, 2) where a reader's repeats are compared with the first readings.
    subgroup
        ("site", name) or ("scanner", name) where only the cases from there entered.
    more
        Further fields of the record, by name (``se_items``, ``ci_1986`` ...).
    """

    statistic: str
    weights: str | None
    outcome: str
    arm: str | None
    readers: tuple[str, ...]
    estimate: Estimate
    more: dict[str, Any] = field(default_factory=dict)
    replicate: int | tuple[int, int] = 1
    subgroup: tuple[str, str] | None = None

    @property
    def is_plain(self) -> bool:
        """Say whether this compares readers over all cases, in their first readings."""
        return self.replicate == 1 and self.subgroup is None

    @property
    def key(self) -> Key:
        return (self.statistic, self.weights, self.outcome, self.arm, self.readers)

    def record(self) -> dict[str, Any]:
        """Return the record as JSON takes it: no NaN, None where undefined."""
        estimate = self.estimate
        return {
            "statistic": self.statistic,
            "weights": self.weights,
            "outcome": self.outcome,
            "arm": self.arm,
            "replicate": self.replicate if self.replicate == 1 else [1, 2],
            "readers": list(self.readers),
            "value": estimate.value,
            "se": estimate.se,
            "ci": list(estimate.ci) if estimate.ci else None,
            "n": estimate.n,
            "method": estimate.method,
            "note": estimate.note or None,
            **({self.subgroup[0]: self.subgroup[1]} if self.subgroup else {}),
            **({"se_clustered": estimate.se} if self.outcome in POOLED else {}),
            **self.more,
        }


class Block(Protocol):
    """Some of the results of an agreement, in their order; those of pairs are made when asked for.

    Iterating may be repeated and yields equal results each time.
    """

    def __iter__(self) -> Iterator[Result]: ...

    @property
    def statistics(self) -> Set[str]:
        """Return the names of all statistics that the block may have."""

    @property
    def where(self) -> tuple[str, str | None] | None:
        """Return the one outcome and arm of the block, None where it may have several."""

    def find(self, statistic: str, fields: Mapping[str, object]) -> Iterator[Result]:
        """Yield the results of a statistic whose fields are these."""

    def degenerate_kappas(self, weights: str) -> Iterator[Result]:
        """Yield the pairs' kappas that are undefined, or of which a reader used one score only."""

    @property
    def nbytes(self) -> int:
        """Return about how much memory the block takes."""


class Records:
    """Results that have been made already."""

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

    def degenerate_kappas(self, weights: str) -> Iterator[Result]:
        for result in self.find("cohen_kappa", {"weights": weights, **BETWEEN_READERS}):
            if result.estimate.value is None or result.estimate.note == ONE_SCORE_NOTE:
                yield result

    @property
    def nbytes(self) -> int:
        return len(self.results) * RESULT_BYTES


class Deferred:
    """Results that are computed when asked for: anew while one iterates, once to find some.

    Parameters
    ----------
    statistics
        The names of all statistics that there may be.
    """

    where = None

    def __init__(self, statistics: Set[str], make: Callable[[], Iterator[Result]]) -> None:
        self.statistics, self.make = statistics, make
        self._records: Records | None = None

    def __iter__(self) -> Iterator[Result]:
        return iter(self._records or self.make())

    def find(self, statistic: str, fields: Mapping[str, object]) -> Iterator[Result]:
        if self._records is None:
            self._records = Records(self.make())
        return self._records.find(statistic, fields)

    def degenerate_kappas(self, weights: str) -> Iterator[Result]:
        return iter(())

    @property
    def nbytes(self) -> int:
        return self._records.nbytes if self._records else 0


def matches_fields(result: Result, fields: Mapping[str, object]) -> bool:
    """Say whether a result has these values in these fields."""
    return all(getattr(result, name) == value for name, value in fields.items())


class Results(Collection[Result]):
    """The results of several blocks, one after the other."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.blocks = tuple(blocks)
        self._candidates: dict[tuple[object, ...], tuple[Block, ...]] = {}

    def find(self, statistic: str, fields: Mapping[str, object]) -> Iterator[Result]:
        """Yield the results of a statistic whose fields are these, from the blocks that have it."""
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
    """Every number of the page and the report, in a stable order.

    Parameters
    ----------
    results
        All records. Those of pairs of readers are held as arrays and made while one iterates.
    arms
        The arms that have readings; ``compared`` names minuend and subtrahend of the differences.
    pairs
        Pairs of readers by arm, sorted as text.
    warnings
        Sentences about what was left out.
    not_compared
        Why the arms that were to be compared were not; "" where they were, or none were to be.
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
        """Return the name under which differences stand, None where no two arms are compared."""
        return "-".join(self.compared) if self.compared else None

    @property
    def nbytes(self) -> int:
        """Return about how much memory the results and the pairs take."""
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
        """Return the result between readers over all cases, None where there is none."""
        fields = {"outcome": outcome, "arm": arm, "weights": weights, "readers": readers}
        return next(self.find(statistic, **fields), None)

    def find(self, statistic: str, **fields: object) -> Iterator[Result]:
        """Yield the results of a statistic whose fields (weights, outcome, arm ...) are these.

        Unless replicate and place are given: between readers, over all cases.
        """
        fields = {**BETWEEN_READERS, **fields}
        if isinstance(self.results, Results):
            yield from self.results.find(statistic, fields)

    def degenerate_kappas(self, weights: str) -> Iterator[Result]:
        """Yield the pairs' kappas that are undefined, or of which a reader used one score only."""
        for block in self.blocks:
            yield from block.degenerate_kappas(weights)

    def records(self) -> list[dict[str, Any]]:
        return [result.record() for result in self.results]
