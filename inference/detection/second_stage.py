"""The second stage of the network: the corners of T12 to L5, on a patch around each body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.corner_patches import (
    LocatedCorners,
    PatchFrames,
    cut_corner_patches,
    locate_in_patches,
)
from inference.decoding.corners import CORNER_STRIDE
from inference.decoding.shape_correction.correction import ShapeCorrection
from inference.detection.column import Detection, Pixels, View
from inference.results import VERTEBRAE
from inference.runtime.session import Session

SETTLED: Final = 1 / 128
"""Distance, as a share of a patch, beyond which a corner that the second stage has moved is located
once more. Set on 600 phantoms (seeds from 7,670,000 and 7,671,000): about half of the bodies have
such a corner. Repeating all bodies, or these once again, did not reduce the error further."""
_LEVELS: Final = {vertebra.value: index for index, vertebra in enumerate(VERTEBRAE)}

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SecondStage:
    """Locate corners on patches of the network's input.

    Attributes
    ----------
    session
        Runs the network.
    size
        Height and width of a patch in pixels.
    correction
        Corrects the corners by the shape of the column; ``None`` leaves them.
    """

    session: Session
    size: int
    correction: ShapeCorrection | None = None

    def refine(self, detection: Detection, labels: Sequence[str]) -> View:
        """Return the view with corners of T12 to L5 from the second stage, fitted to their shape.

        A corner that the first stage puts outside the image stays where it is.

        Parameters
        ----------
        detection
            The column.
        labels
            Level of each body.
        """
        view = detection.view
        indices = _wanted(labels)
        if not indices:
            return view
        column = self.locate_column(detection, labels)
        if self.correction is not None:
            corrected = self.correction.apply(column.positions, column.covariances)
            column = replace(column, positions=corrected)
        rows = [_LEVELS[labels[index]] for index in indices]
        corners = column.positions[rows] / _isotropic_units(detection)
        first = np.array([view.bodies[index].corners for index in indices])
        last = np.array(view.grey.shape[::-1]) - 0.5
        inside = ((first >= -0.5) & (first <= last)).all(axis=-1, keepdims=True)
        bodies = list(view.bodies)
        for index, points in zip(indices, np.where(inside, corners, first), strict=True):
            bodies[index] = replace(bodies[index], corners=points)
        return replace(view, bodies=bodies)

    def locate_column(self, detection: Detection, labels: Sequence[str]) -> LocatedCorners:
        """Return the corners of T12 to L5 before they are corrected.

        Returns
        -------
        LocatedCorners
            Six bodies, NaN for missing ones, in isotropic pixels that are as wide as those of the
            image, with the anterior side to the right.
        """
        indices = _wanted(labels)
        positions = np.full((len(_LEVELS), 4, 2), np.nan)
        covariances = np.full((len(_LEVELS), 4, 2, 2), np.nan)
        if indices:
            rows = [_LEVELS[labels[index]] for index in indices]
            # Input pixels are not square in the image; shapes are.
            unit = _isotropic_units(detection)
            located = self._locate_settled(detection.view, indices)
            positions[rows] = located.positions * unit
            covariances[rows] = located.covariances * np.outer(unit, unit)
        return LocatedCorners(positions, covariances)

    def _locate_settled(self, view: View, indices: Sequence[int]) -> LocatedCorners:
        """Return the corners of some bodies in pixels of the input.

        Where the second stage moves a corner far, the patch did not fit the body, so the corners
        are located once more on a new patch.
        """
        first = np.array([view.bodies[index].corners for index in indices])
        located, shifts = self._locate(view.grey, first)
        far = (shifts > SETTLED).any(axis=1)
        if far.any():
            again, _ = self._locate(view.grey, located.positions[far])
            located.positions[far] = again.positions
            located.covariances[far] = again.covariances
        return located

    def _locate(self, grey: Pixels, corners: Points) -> tuple[LocatedCorners, Points]:
        """Return corners from the second stage, and their shifts (bodies, 4).

        Corners are in pixels of the network's input, shifts in shares of a patch.
        """
        frames = PatchFrames.around(corners)
        maps = self.session.refine(cut_corner_patches(grey, frames, self.size))
        side = self.size // CORNER_STRIDE
        before = frames.to_patch(corners, side)
        after = locate_in_patches(maps, before)
        shifts = np.linalg.norm(after.positions - before, axis=2) / side
        located = LocatedCorners(
            frames.to_input(after.positions, side),
            frames.covariances_to_input(after.covariances, side),
        )
        return located, np.asarray(shifts)


def _wanted(labels: Sequence[str]) -> list[int]:
    """Return the indices of the bodies labelled T12 to L5."""
    return [index for index, name in enumerate(labels) if name in _LEVELS]


def _isotropic_units(detection: Detection) -> Points:
    """Return the width and height (2,) of an input pixel, in widths of an image pixel."""
    return np.array([1.0, detection.pixel_aspect]) / detection.view.frame.scale
