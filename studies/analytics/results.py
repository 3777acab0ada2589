"""The records that an agreement consists of: the contract of page, report and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from studies.analytics.estimate import Estimate
from studies.analytics.table import POOLED

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
    place
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
    place: tuple[str, str] | None = None

    @property
    def is_plain(self) -> bool:
        """Say whether this compares readers over all cases, in their first readings."""
        return self.replicate == 1 and self.place is None

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
            **({self.place[0]: self.place[1]} if self.place else {}),
            **({"se_clustered": estimate.se} if self.outcome in POOLED else {}),
            **self.more,
        }


@dataclass(frozen=True)
class Agreement:
    """Every number of the page and the report, in a stable order.

    Parameters
    ----------
    results
        All records.
    arms
        The arms that have readings; ``compared`` names minuend and subtrahend of the differences.
    pairs
        Pairs of readers by arm, sorted as text.
    warnings
        Sentences about what was left out.
    not_compared
        Why the arms that were to be compared were not; "" where they were, or none were to be.
    """

    results: tuple[Result, ...]
    arms: tuple[str | None, ...]
    compared: tuple[str, str] | None
    pairs: dict[str | None, tuple[tuple[str, str], ...]]
    warnings: tuple[str, ...] = ()
    not_compared: str = ""
    _by_key: dict[Key, Result] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        between = {result.key: result for result in self.results if result.is_plain}
        object.__setattr__(self, "_by_key", between)

    @property
    def difference_arm(self) -> str | None:
        """Return the name under which differences stand, None where no two arms are compared."""
        return "-".join(self.compared) if self.compared else None

    def get(
        self,
        statistic: str,
        *,
        outcome: str,
        arm: str | None,
        weights: str | None = None,
        readers: tuple[str, ...],
    ) -> Result | None:
        return self._by_key.get((statistic, weights, outcome, arm, readers))

    def find(self, statistic: str, **fields: object) -> Iterator[Result]:
        """Yield the results of a statistic whose fields (weights, outcome, arm ...) are these.

        Unless replicate and place are given: between readers, over all cases.
        """
        fields = {"replicate": 1, "place": None} | fields
        for result in self.results:
            if result.statistic == statistic and all(
                getattr(result, name) == value for name, value in fields.items()
            ):
                yield result

    def records(self) -> list[dict[str, Any]]:
        return [result.record() for result in self.results]
