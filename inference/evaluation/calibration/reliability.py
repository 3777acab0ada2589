"""Reliability of probabilities: Brier score, calibration error and the reliability diagram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from inference.evaluation.cropping import wilson

EDGES: Final = (0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Limits of the bins, narrower where most probabilities lie."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Images whose probability lies in one bin: their number, mean probability and share right.

    ``low`` and ``high`` are the Wilson 95 % interval of the share.
    """

    count: int
    mean_probability: float
    share_right: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Agreement of probabilities with outcomes.

    Attributes
    ----------
    count
        Number of images.
    share_right
        Share of images whose labels are right.
    brier
        Mean squared difference between probability and outcome; 0 is perfect.
    brier_of_share
        Brier score of the share of right labels as the probability of every image.
    calibration_error
        Mean distance between probability and share right over bins, weighted by their counts.
    bins
        Non-empty bins in ascending order.
    """

    count: int
    share_right: float
    brier: float
    brier_of_share: float
    calibration_error: float
    bins: tuple[Bin, ...]


def measure_reliability(probabilities: ArrayLike, right: Sequence[bool]) -> Reliability:
    """Return the reliability of probabilities.

    Parameters
    ----------
    probabilities
        (n,), 0 to 1.
    right
        Outcomes (n,).

    Raises
    ------
    ValueError
        If there are no images.

    References
    ----------
    Brier GW. Verification of forecasts expressed in terms of probability. Mon Weather Rev
    1950;78:1-3.
    """
    values = np.asarray(probabilities, float)
    outcomes = np.asarray(right, float)
    if not values.size:
        raise ValueError("reliability needs at least one image")
    # The last bin includes 1.
    index = np.clip(np.searchsorted(EDGES, values, side="right") - 1, 0, len(EDGES) - 2)
    bins = []
    for number in np.unique(index):
        members = index == number
        hits, count = int(outcomes[members].sum()), int(members.sum())
        low, high = wilson(hits, count) or (0.0, 1.0)
        bins.append(Bin(count, float(values[members].mean()), hits / count, low, high))
    share = float(outcomes.mean())
    gaps = sum(part.count * abs(part.mean_probability - part.share_right) for part in bins)
    return Reliability(
        count=int(values.size),
        share_right=share,
        brier=float(((values - outcomes) ** 2).mean()),
        brier_of_share=share * (1 - share),
        calibration_error=gaps / values.size,
        bins=tuple(bins),
    )
