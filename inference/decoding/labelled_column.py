"""A column of vertebral bodies with their labels, as the checks of the labels see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.decoding.level_labels import LevelLabels
from inference.decoding.vertebrae import DetectedBody
from inference.results import VERTEBRAE

# Tuples, because messages list missing levels from cranial to caudal.
WANTED: Final = tuple(vertebra.value for vertebra in VERTEBRAE)
"""Levels that AAC-24 scoring needs."""
SCORED: Final = WANTED[1:5]
"""Levels whose walls are scored, L1 to L4; without T12 or L5 only a guide at the end is missing."""
CHECKED: Final = WANTED[:5]
"""Levels whose bodies must be reliable; of L5, only a warning is given."""


@dataclass(frozen=True, slots=True)
class LabelledColumn:
    """Bodies from cranial to caudal with their labels.

    Attributes
    ----------
    width, end
        Width and height of the image, in the pixels of the bodies; ``None`` if they are not
        considered.
    by_rank
        Whether the labels were assigned by order alone.
    min_probability
        Probability below which the labels are uncertain.
    """

    bodies: Sequence[DetectedBody]
    labels: LevelLabels
    width: float | None
    end: float | None
    by_rank: bool
    min_probability: float

    @property
    def wanted(self) -> list[int]:
        """Indices of the bodies labelled T12 to L5."""
        return [k for k, name in enumerate(self.labels.names) if name in WANTED]

    @property
    def checked(self) -> list[int]:
        """Indices of the bodies labelled T12 to L4."""
        return [k for k, name in enumerate(self.labels.names) if name in CHECKED]

    @property
    def decisive(self) -> list[int]:
        """Indices of the bodies whose position decides on the labels: L5 only if order does."""
        return self.wanted if self.by_rank else self.checked

    @property
    def space_above(self) -> float:
        """Space above the first body, in its heights."""
        # Image borders are at -0.5 and height - 0.5, because pixel centres are at integers.
        return (float(self.bodies[0].corners[:, 1].min()) + 0.5) / self.bodies[0].height

    @property
    def space_below(self) -> float:
        """Space below the last body, in its heights; infinite if the end is not considered."""
        if self.end is None:
            return float("inf")
        last = self.bodies[-1]
        return (self.end - 0.5 - float(last.corners[:, 1].max())) / last.height

    def shows(self, body: DetectedBody, margin: float = 0.0) -> bool:
        """Return whether the centre of a body lies in the image.

        Parameters
        ----------
        body
            One of the bodies.
        margin
            Least distance of the centre from the borders, in heights of the body.
        """
        x, y = body.center
        inset = margin * body.height
        # Image borders are at -0.5 and size - 0.5, because pixel centres are at integers.
        right, bottom = (np.inf if size is None else size - 0.5 for size in (self.width, self.end))
        first = inset - 0.5
        return bool(first <= x <= right - inset and first <= y <= bottom - inset)
