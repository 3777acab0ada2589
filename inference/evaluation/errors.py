"""How far found corners lie from true ones, by both definitions in the authors' code.

``absolute_coordinate`` pools the absolute differences of x and of y; ``euclidean`` is the distance.
The paper's figure is the mean absolute coordinate difference in the frame of 512 x 1024.
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
    """Every true corner of many images, one row each.

    ``image`` (n,) is the place of its image, ``vertebra`` and ``corner`` (n,) index `VERTEBRAE` and
    `CORNERS`; ``ways`` (n, 2) is found minus true in original pixels, NaN where nothing was found
    under that name; ``scales`` (n, 3, 2) brings it to each of `UNITS`, NaN where the size of a
    pixel is unknown; ``right`` (n,) tells whether the body bears its name rightly.
    """

    image: NDArray[np.int64]
    family: NDArray[np.str_]
    vertebra: NDArray[np.int64]
    corner: NDArray[np.int64]
    ways: NDArray[np.float64]
    scales: NDArray[np.float64]
    right: NDArray[np.bool_]

    def select(self, rows: NDArray[np.bool_]) -> CornerErrors:
        """Some of the rows."""
        parts = (getattr(self, name) for name in self.__dataclass_fields__)
        return CornerErrors(*(part[rows] for part in parts))

    def values(self, definition: Definition, unit: Unit) -> NDArray[np.float64]:
        """Errors (n, 2) or (n,), with NaN for what was not found or has no mm."""
        scaled: NDArray[np.float64] = self.ways * self.scales[:, UNITS.index(unit)]
        if definition == "absolute_coordinate":
            return np.abs(scaled)
        return np.asarray(np.hypot(scaled[:, 0], scaled[:, 1]))


def corner_errors(outcomes: Sequence[Outcome]) -> CornerErrors:
    """The errors of all corners that are in the truth of images on which a network was asked."""
    rows: list[tuple[Any, ...]] = []
    for place, outcome in enumerate(outcomes):
        if outcome.found is None:
            continue
        scales = _scales(outcome)
        judged = judge_labels(outcome)
        for vertebra in outcome.truth.bodies:
            for name in CORNERS:
                true = outcome.truth.corner(vertebra, name)
                found = outcome.found.corner(vertebra, name)
                if true is None:
                    continue
                way = (np.nan, np.nan) if found is None else np.subtract(found, true)
                rows.append(
                    (
                        place,
                        outcome.family,
                        VERTEBRAE.index(vertebra),
                        CORNERS.index(name),
                        way,
                        scales,
                        judged[vertebra] == "right",
                    )
                )
    columns = list(zip(*rows, strict=True)) or [()] * 7
    return CornerErrors(
        image=np.array(columns[0], dtype=int),
        family=np.array(columns[1], dtype=str),
        vertebra=np.array(columns[2], dtype=int),
        corner=np.array(columns[3], dtype=int),
        ways=np.array(columns[4], dtype=float).reshape(-1, 2),
        scales=np.array(columns[5], dtype=float).reshape(-1, len(UNITS), 2),
        right=np.array(columns[6], dtype=bool),
    )


def summarize_errors(errors: CornerErrors) -> dict[str, Any]:
    """Mean, median and 95th percentile by names, group, definition and unit.

    ``as_named`` takes every found corner by the name it bears, as the authors do: a shift of the
    names weighs a body's height. ``rightly_named`` leaves such bodies out; `judge_levels` counts
    them.
    """
    found = errors.select(~np.isnan(errors.ways[:, 0]))
    both: dict[Names, CornerErrors] = {
        "as_named": found,
        "rightly_named": found.select(found.right),
    }
    return {names: _groups(some) for names, some in both.items()}


def success_curve(
    errors: CornerErrors, unit: Unit, radii: NDArray[np.float64]
) -> list[float] | None:
    """The share of true corners found within each radius; what was not found counts as missed.

    ``None`` where nothing can be measured in this unit.
    """
    measurable = ~np.isnan(errors.scales[:, UNITS.index(unit), 0])
    distances = errors.select(measurable).values("euclidean", unit)
    if not distances.size:
        return None
    within = np.nan_to_num(distances, nan=np.inf)[:, None] <= radii[None, :]
    return [round(float(share), 5) for share in within.mean(axis=0)]


def mean_error_by_image(errors: CornerErrors) -> dict[int, float]:
    """The mean distance in the frame, image by image, where something was found."""
    distances = errors.values("euclidean", "frame_px")
    there = ~np.isnan(distances)
    return {
        int(place): float(distances[there & (errors.image == place)].mean())
        for place in np.unique(errors.image[there])
    }


def _groups(errors: CornerErrors) -> dict[str, Any]:
    return {
        "all": _table(errors),
        "vertebra": {
            vertebra.value: _table(errors.select(errors.vertebra == place))
            for place, vertebra in enumerate(VERTEBRAE)
        },
        "corner": {
            name: _table(errors.select(errors.corner == place))
            for place, name in enumerate(CORNERS)
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
    spacing = outcome.spacing_mm
    in_mm = (np.nan, np.nan) if spacing is None else (spacing[1], spacing[0])
    frame = (PAPER_WIDTH / outcome.width, PAPER_HEIGHT / outcome.height)
    by_unit = {"image_px": (1.0, 1.0), "frame_px": frame, "mm": in_mm}
    return np.array([by_unit[unit] for unit in UNITS])
