"""Distances between predicted and true corners, by both definitions in the authors' code.

``absolute_coordinate`` pools the absolute differences in x and in y; ``euclidean`` is the distance.
The error published for VerteNet is the mean absolute coordinate difference in the frame of
512 x 1024 pixels (arXiv 2502.02097).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.labelling import judge_labels
from inference.evaluation.outcome import Outcome
from inference.geometry.input_transform import PAPER_HEIGHT, PAPER_WIDTH
from inference.results import CORNERS, VERTEBRAE

Unit = Literal["image_px", "frame_px", "mm"]
Definition = Literal["absolute_coordinate", "euclidean"]
Names = Literal["as_named", "rightly_named"]
UNITS: tuple[Unit, ...] = get_args(Unit)
DEFINITIONS: tuple[Definition, ...] = get_args(Definition)


@dataclass(frozen=True, slots=True, eq=False)
class CornerErrors:
    """Errors of all true corners of a set of images, one row per corner.

    Attributes
    ----------
    image
        Index (n,) of the image.
    family
        Scanner family (n,) of the image.
    vertebra, corner
        Indices (n,) into `VERTEBRAE` and `CORNERS`.
    offsets
        Predicted minus true position (n, 2) as x, y in original pixels; NaN if no corner was
        predicted under that label.
    scales
        Factors (n, 3, 2) from original pixels to each of `UNITS`; NaN if the pixel size is unknown.
    right
        Whether (n,) the body is labelled correctly.
    """

    image: NDArray[np.int64]
    family: NDArray[np.str_]
    vertebra: NDArray[np.int64]
    corner: NDArray[np.int64]
    offsets: NDArray[np.float64]
    scales: NDArray[np.float64]
    right: NDArray[np.bool_]

    def select(self, rows: NDArray[np.bool_]) -> CornerErrors:
        """Return the rows for which ``rows`` (n,) is true."""
        parts = (getattr(self, name) for name in self.__dataclass_fields__)
        return CornerErrors(*(part[rows] for part in parts))

    def values(self, definition: Definition, unit: Unit) -> NDArray[np.float64]:
        """Return errors (n, 2) for "absolute_coordinate" or (n,) for "euclidean".

        They are NaN where a corner was not predicted or the unit is not available.
        """
        scaled: NDArray[np.float64] = self.offsets * self.scales[:, UNITS.index(unit)]
        if definition == "absolute_coordinate":
            return np.abs(scaled)
        return np.asarray(np.hypot(scaled[:, 0], scaled[:, 1]))


def corner_errors(outcomes: Sequence[Outcome]) -> CornerErrors:
    """Return the errors of all true corners in the images that a network has processed."""
    rows: list[tuple[Any, ...]] = []
    for index, outcome in enumerate(outcomes):
        if outcome.predicted is None:
            continue
        scales = _scales(outcome)
        verdicts = judge_labels(outcome)
        for vertebra in outcome.truth.bodies:
            for name in CORNERS:
                true = outcome.truth.corner(vertebra, name)
                predicted = outcome.predicted.corner(vertebra, name)
                if true is None:
                    continue
                # A missing corner is a row without offset, so that it can be counted.
                offset = (np.nan, np.nan) if predicted is None else np.subtract(predicted, true)
                rows.append(
                    (
                        index,
                        outcome.family,
                        VERTEBRAE.index(vertebra),
                        CORNERS.index(name),
                        offset,
                        scales,
                        verdicts[vertebra] == "right",
                    )
                )
    # Seven empty columns if there are no rows.
    columns = list(zip(*rows, strict=True)) or [()] * 7
    return CornerErrors(
        image=np.array(columns[0], dtype=int),
        family=np.array(columns[1], dtype=str),
        vertebra=np.array(columns[2], dtype=int),
        corner=np.array(columns[3], dtype=int),
        offsets=np.array(columns[4], dtype=float).reshape(-1, 2),
        scales=np.array(columns[5], dtype=float).reshape(-1, len(UNITS), 2),
        right=np.array(columns[6], dtype=bool),
    )


def summarize_errors(errors: CornerErrors) -> dict[str, Any]:
    """Return mean, median and 95th percentile by labelling, group, definition and unit.

    ``as_named`` includes every predicted corner under its label, as the authors' code does, so that
    a shift by one level adds an error of one level spacing. ``rightly_named`` includes only bodies
    that are labelled correctly; `judge_levels` counts the others.
    """
    predicted = errors.select(~np.isnan(errors.offsets[:, 0]))
    subsets: dict[Names, CornerErrors] = {
        "as_named": predicted,
        "rightly_named": predicted.select(predicted.right),
    }
    return {names: _groups(subset) for names, subset in subsets.items()}


def success_curve(
    errors: CornerErrors, unit: Unit, radii: NDArray[np.float64]
) -> list[float] | None:
    """Return the share of true corners that were predicted within each radius.

    Corners that were not predicted count as missed.

    Parameters
    ----------
    errors
        Errors of all corners.
    unit
        Unit of the radii.
    radii
        Radii (r,).

    Returns
    -------
    list of float or None
        One share per radius; ``None`` if no error is available in this unit.
    """
    # Images without pixel spacing have no millimetres.
    measurable = ~np.isnan(errors.scales[:, UNITS.index(unit), 0])
    distances = errors.select(measurable).values("euclidean", unit)
    if not distances.size:
        return None
    # A missing corner has infinite distance and is therefore never within a radius.
    within = np.nan_to_num(distances, nan=np.inf)[:, None] <= radii[None, :]
    return [round(float(share), 5) for share in within.mean(axis=0)]


def mean_error_by_image(errors: CornerErrors) -> dict[int, float]:
    """Return the mean distance in frame pixels by image index, for images with predictions."""
    distances = errors.values("euclidean", "frame_px")
    known = ~np.isnan(distances)
    return {
        int(index): float(distances[known & (errors.image == index)].mean())
        for index in np.unique(errors.image[known])
    }


def _groups(errors: CornerErrors) -> dict[str, Any]:
    return {
        "all": _table(errors),
        "vertebra": {
            vertebra.value: _table(errors.select(errors.vertebra == index))
            for index, vertebra in enumerate(VERTEBRAE)
        },
        "corner": {
            name: _table(errors.select(errors.corner == index))
            for index, name in enumerate(CORNERS)
        },
        "family": {
            str(name): _table(errors.select(errors.family == name))
            for name in np.unique(errors.family)
        },
    }


def _table(errors: CornerErrors) -> dict[str, Any]:
    return {
        definition: {unit: _spread(errors.values(definition, unit)) for unit in UNITS}
        for definition in DEFINITIONS
    }


def _spread(values: NDArray[np.float64]) -> dict[str, float | int | None]:
    known = values[~np.isnan(values)]
    if not known.size:
        return {"n": 0, "mean": None, "median": None, "p95": None}
    return {
        "n": int(known.size),
        "mean": round(float(known.mean()), 4),
        "median": round(float(np.median(known)), 4),
        "p95": round(float(np.percentile(known, 95)), 4),
    }


def _scales(outcome: Outcome) -> NDArray[np.float64]:
    """Return the factors (3, 2) from original pixels, as x, y, to each of `UNITS`."""
    spacing = outcome.spacing_mm
    # Spacing is row then column, as in DICOM.
    in_mm = (np.nan, np.nan) if spacing is None else (spacing[1], spacing[0])
    frame = (PAPER_WIDTH / outcome.width, PAPER_HEIGHT / outcome.height)
    by_unit = {"image_px": (1.0, 1.0), "frame_px": frame, "mm": in_mm}
    return np.array([by_unit[unit] for unit in UNITS])
