"""Corners from the second stage of the network on phantoms, with the true corners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.detection.column import Detection
from inference.detection.detector import ColumnDetector
from inference.evaluation.calibration.observations import true_levels
from inference.geometry.input_transform import PAPER_HEIGHT, PAPER_WIDTH
from inference.image import image_from_dataset
from inference.phantom import generate
from inference.phantom.anatomy import LEVELS
from inference.phantom.export import as_dataset
from inference.results import VERTEBRAE

Values = NDArray[np.float64]
_WANTED = [LEVELS.index(vertebra.value) for vertebra in VERTEBRAE]


@dataclass(frozen=True, slots=True, eq=False)
class CornerObservation:
    """Corners of T12 to L5 in one phantom, in isotropic pixels with the anterior side to the right.

    Attributes
    ----------
    family
        Scanner family.
    positions
        Corners (6, 4, 2) before they are corrected; NaN where no body was detected.
    covariances
        Covariances (6, 4, 2, 2) of their maps.
    truth
        True corners (6, 4, 2), NaN where a body was not detected or its corner lies outside the
        image.
    to_paper
        Factors (2,) from isotropic pixels to those of the paper's frame of 512 x 1024.
    """

    family: str
    positions: Values
    covariances: Values
    truth: Values
    to_paper: Values


def observe_corners(seeds: Sequence[int], detector: ColumnDetector) -> Iterator[CornerObservation]:
    """Yield one observation per seed.

    Bodies have their true levels, so that the correction does not learn from wrong labels.

    Raises
    ------
    ValueError
        If the network has no second stage.
    """
    stage = detector.second_stage
    if stage is None:
        raise ValueError("the network has no second stage, whose corners could be corrected")
    for seed in seeds:
        phantom = generate(seed)
        image = image_from_dataset(as_dataset(phantom))
        detection = detector.detect(image)
        labels = _once(true_levels(detection.bodies, phantom.corners * (1.0, image.pixel_aspect)))
        located = stage.locate_column(detection, labels)
        yield CornerObservation(
            family=phantom.family,
            positions=located.positions,
            covariances=located.covariances,
            truth=_true_corners(
                phantom.corners, phantom.pixels.shape, detection, located.positions
            ),
            to_paper=_to_paper(detection),
        )


def _once(levels: Sequence[str]) -> list[str]:
    """Return the levels, with repeated ones left empty."""
    return [name if name not in levels[:k] else "" for k, name in enumerate(levels)]


def _true_corners(
    corners: Values, shape: tuple[int, ...], detection: Detection, detected: Values
) -> Values:
    wanted = corners[_WANTED]
    height, width = shape
    inside = ((wanted >= -0.5) & (wanted <= np.array([width, height]) - 0.5)).all(axis=-1)
    frame = detection.view.frame
    truth = frame.to_frame(wanted) * np.array([1.0, detection.pixel_aspect]) / frame.scale
    unknown = ~inside | np.isnan(detected).any(axis=-1)
    truth[unknown] = np.nan
    return np.asarray(truth)


def _to_paper(detection: Detection) -> Values:
    frame = detection.view.frame
    return np.array(
        [PAPER_WIDTH / frame.width, PAPER_HEIGHT / frame.height / detection.pixel_aspect]
    )
