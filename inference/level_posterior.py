"""Probabilities of the level labels of an image and of other labellings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LevelPosterior:
    """Probabilities of the level labels and of other labellings.

    Attributes
    ----------
    shifts
        Probability of all labels moved by a number of levels (positive: caudally); 0 are the
        labels of the result.
    other_count
        Probability of another number of lumbar vertebrae, whatever the shift.
    views
        Number of views that the probabilities rest on: the image and its variations.
    """

    shifts: Mapping[int, float]
    other_count: float = 0.0
    views: int = 1

    @property
    def probability(self) -> float:
        """Return the probability of the labels of the result, 0 to 1."""
        return self.shifts.get(0, 0.0)

    @property
    def runner_up(self) -> tuple[int | None, float] | None:
        """Return the second most probable shift with its probability.

        The shift is ``None`` for another number of lumbar vertebrae. The result is ``None`` if
        there is no other labelling.
        """
        others: list[tuple[int | None, float]] = [
            (by, share) for by, share in self.shifts.items() if by != 0
        ]
        if self.other_count > 0:
            others.append((None, self.other_count))
        return max(others, key=lambda other: other[1], default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the probabilities as JSON data, without shifts whose probability rounds to 0."""
        runner_up = self.runner_up
        rounded = {by: round(share, 4) for by, share in sorted(self.shifts.items())}
        return {
            "probability": round(self.probability, 4),
            "runner_up": None
            if runner_up is None
            else {"shift": runner_up[0], "probability": round(runner_up[1], 4)},
            "shifts": {str(by): share for by, share in rounded.items() if share or by == 0},
            "other_count": round(self.other_count, 4),
            "views": self.views,
        }
