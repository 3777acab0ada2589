"""Paired comparison of the weights before and after a training on the same images."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.errors import CornerErrors, corner_errors
from inference.evaluation.outcome import Outcome
from inference.results import CORNERS, VERTEBRAE, Vertebra

RESAMPLES: Final = 5000
SEED: Final = 0
"""Seed of the bootstrap, so that the same outcomes give the same interval."""

CornerNames = Collection[tuple[Vertebra, str]]
"""Corners of one image, by vertebra and name."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Errors of two sets of weights on the same corners, in pixels of the 512 x 1024 frame.

    Attributes
    ----------
    corners, patients
        Number of corners that both sets of weights predicted, and of the patients who have them.
    missed_before, missed_after
        Number of corners that were not predicted before and after.
    before_px, after_px
        Mean absolute difference per coordinate; ``None`` without corners.
    difference_px
        After minus before, so that a negative value is an improvement.
    interval_px
        95 % bootstrap interval of the difference by patient (percentiles); ``None`` with fewer than
        two patients.
    """

    corners: int
    patients: int
    missed_before: int
    missed_after: int
    before_px: float | None
    after_px: float | None
    difference_px: float | None
    interval_px: tuple[float, float] | None


def compare_errors(
    before: Sequence[Outcome],
    after: Sequence[Outcome],
    *,
    patients: Mapping[str, str],
    corrected: Mapping[str, CornerNames],
) -> tuple[Comparison, Comparison]:
    """Compare two sets of weights, separately on corrected and on other corners.

    Parameters
    ----------
    before, after
        Outcomes of the same images in the same order.
    patients
        Patient by key of the image.
    corrected
        Corners that a person corrected, by key of the image.

    Returns
    -------
    tuple of Comparison
        On the corrected corners and on all others.

    Raises
    ------
    ValueError
        If the outcomes are not of the same images.
    """
    if [outcome.key for outcome in before] != [outcome.key for outcome in after]:
        raise ValueError("the outcomes before and after are not of the same images")
    one, other = corner_errors(before), corner_errors(after)
    codes = np.array([patients[outcome.key] for outcome in before], dtype=str)
    marks = np.array(
        [
            (VERTEBRAE[vertebra], CORNERS[corner]) in corrected.get(before[image].key, ())
            for image, vertebra, corner in zip(one.image, one.vertebra, one.corner, strict=True)
        ],
        dtype=bool,
    )
    first, second = (
        _compare(one.select(rows), other.select(rows), codes) for rows in (marks, ~marks)
    )
    return first, second


def _compare(before: CornerErrors, after: CornerErrors, patients: NDArray[np.str_]) -> Comparison:
    pair = np.stack(
        [e.values("absolute_coordinate", "frame_px").mean(axis=1) for e in (before, after)]
    )
    missed = np.isnan(pair)
    # Only corners that both predicted, or each mean would be over other corners.
    both = ~missed.any(axis=0)
    values, owners = pair[:, both], patients[before.image[both]]
    names, index = np.unique(owners, return_inverse=True)
    means = [round(float(value), 3) for value in values.mean(axis=1)] if len(owners) else None
    differences = values[1] - values[0]
    return Comparison(
        corners=len(owners),
        patients=len(names),
        missed_before=int(missed[0].sum()),
        missed_after=int(missed[1].sum()),
        before_px=means[0] if means else None,
        after_px=means[1] if means else None,
        difference_px=round(float(differences.mean()), 3) if means else None,
        interval_px=_bootstrap(differences, index, len(names)),
    )


def _bootstrap(
    differences: NDArray[np.float64], index: NDArray[np.int64], patients: int
) -> tuple[float, float] | None:
    """Return the 95 % interval of the mean difference when patients are drawn with replacement."""
    if patients < 2:
        return None
    sums = np.bincount(index, weights=differences, minlength=patients)
    counts = np.bincount(index, minlength=patients)
    drawn = np.random.default_rng(SEED).multinomial(
        patients, np.full(patients, 1 / patients), size=RESAMPLES
    )
    low, high = np.percentile(drawn @ sums / (drawn @ counts), [2.5, 97.5])
    return round(float(low), 3), round(float(high), 3)
