"""One result of an agreement analysis, and its record for page, report and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from studies.analytics.estimate import Estimate
from studies.analytics.outcomes import POOLED

# Fields of the results that compare readers over all cases, in their first readings.
BETWEEN_READERS: Final[dict[str, object]] = {"replicate": 1, "subgroup": None}

Key = tuple[str, str | None, str, str | None, tuple[str, ...]]


@dataclass(frozen=True)
class Result:
    """One statistic of one outcome, arm and set of readers.

    Parameters
    ----------
    statistic : str
        Name of the statistic, for example "cohen_kappa".
    weights : str or None
        "none", "linear" or "quadratic"; None for statistics without weights.
    outcome : str
        One of ``ReadingTable.outcomes``, or "time".
    arm : str or None
        Name of the arm, "guided-unguided" for guided minus unguided; None where the file has none.
    readers : tuple of str
        Sorted as text. Differences between two readers are first minus second.
    estimate : Estimate
        Value, standard error, interval, n, method and note.
    more : dict
        Further fields of the record, by name (``se_items``, ``ci_1986`` ...).
    replicate : int or (int, int)
        1 between readers; (1, 2) where a reader's repeats are compared with the first readings.
    subgroup : (str, str) or None
        ("site", name) or ("scanner", name) if only these cases entered.
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
        """Return whether this compares readers over all cases, in their first readings."""
        return self.replicate == 1 and self.subgroup is None

    @property
    def key(self) -> Key:
        """Return what identifies the result among those between readers."""
        return (self.statistic, self.weights, self.outcome, self.arm, self.readers)

    def record(self) -> dict[str, Any]:
        """Return the result as a JSON record: None where undefined, never NaN."""
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


def matches_fields(result: Result, fields: Mapping[str, object]) -> bool:
    """Return whether a result has these values in these fields."""
    return all(getattr(result, name) == value for name, value in fields.items())
