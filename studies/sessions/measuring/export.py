"""Export the traces of a study's submitted readings, and the lengths measured from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from studies.analytics.scale import CELLS, LEVELS, WALLS, cells_to_score
from studies.protocol.models import Study
from studies.sessions.measuring.geometry import BOUNDARIES
from studies.sessions.measuring.saving import boundaries_of_guides, measure_reading
from studies.sessions.models import Measurement, Reading
from studies.sessions.revisions.history import SubmittedValues, first_submissions

CHUNK: Final = 200
MEASURED_COLUMNS: Final = (
    *("measured_score", "calcified_mm", "wall_length_mm", "calcified_share", "measured_aac8"),
)
COCO_NOTE: Final = (
    "Traced calcification of the aortic wall; pixel centres at integers. Each segmentation is an "
    "open polyline (x1, y1, x2, y2, ...), not the outline of an area."
)


def has_measured_arm(study: Study) -> bool:
    """Return whether plaques are measured in an arm of the study."""
    return study.arms.filter(measured=True).exists()


_NOT_MEASURED: Final[Mapping[str, Mapping[str, Any]]] = {
    cell: dict.fromkeys(MEASURED_COLUMNS) for cell in cells_to_score(aac8=True)
}


def measured_columns(results: Mapping[str, Any] | None) -> Mapping[str, Mapping[str, Any]]:
    """Return the measured columns of each cell; None where nothing was measured."""
    if results is None:
        return _NOT_MEASURED
    return {
        **{cell: _columns_of_cell(cell, results) for cell in CELLS},
        **{f"all_{wall}": _columns_of_wall(wall, results) for wall in WALLS},
    }


def _columns_of_cell(cell: str, results: Mapping[str, Any]) -> dict[str, Any]:
    lengths = results["cells"][cell]
    calcified, wall = lengths["calcified"], lengths["wall"]
    in_mm = results["unit"] == "mm"
    # Without a trace on the wall there is no line along it, and nothing of it is calcified.
    share = None if calcified is None else calcified / wall if wall else 0.0
    return {
        "measured_score": lengths["grade"],
        "calcified_mm": _rounded(calcified, 2) if in_mm else None,
        "wall_length_mm": _rounded(wall, 2) if in_mm else None,
        "calcified_share": _rounded(share, 4),
        "measured_aac8": results["aac8"][cell.split("_")[1]],
    }


def _columns_of_wall(wall: str, results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of the AAC-8 of a wall: the score, and the summed calcified length."""
    lengths = [results["cells"][f"{level}_{wall}"]["calcified"] for level in LEVELS]
    total = None if None in lengths or results["unit"] != "mm" else sum(lengths)
    score = results["aac8"][wall]
    return {
        **dict.fromkeys(MEASURED_COLUMNS),
        "measured_score": score,
        "calcified_mm": _rounded(total, 2),
        "measured_aac8": score,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def traces_json(study: Study) -> Iterator[str]:
    """Yield a JSON document of all measured readings in pieces, one reading at a time."""
    about = {
        "study": study.slug,
        "boundary_rule": study.boundary,
        "coordinates": "image pixels, x to the right, y downwards, pixel centres at integers",
        "boundaries": ["T12/L1", "L1/L2", "L2/L3", "L3/L4", "L4/L5"],
    }
    # Without the closing brace: the readings follow one by one, so that no list is held in memory.
    yield json.dumps(about, indent=1)[:-2] + ',\n "readings": ['
    separator = "\n  "
    first = _first_submissions(study)
    for measurement in _measurements(study):
        entry = _reading_entry(measurement, first.get(measurement.reading_id))
        yield separator + json.dumps(entry, allow_nan=False)
        separator = ",\n  "
    yield "\n ]\n}\n"


def traces_coco(study: Study) -> str:
    """Return all traces as a COCO document, one polyline per annotation.

    The attribute ``submission`` is "final"; readings that were revised or reopened also have the
    traces of their "first" submission.
    """
    first = _first_submissions(study)
    numbers: dict[str, int] = {}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for measurement in _measurements(study):
        reading = measurement.reading
        case = reading.case
        if case.label not in numbers:
            numbers[case.label] = len(numbers) + 1
            size = {"width": case.image.width, "height": case.image.height}
            images.append({"id": numbers[case.label], "file_name": f"{case.label}.dcm", **size})
        for submission, trace in _traces_of_submissions(measurement, first.get(reading.pk)):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": numbers[case.label],
                    **_polyline(trace),
                    "attributes": {**_names(reading), "submission": submission},
                }
            )
    document = {
        "info": {"description": COCO_NOTE},
        "images": images,
        "annotations": annotations,
        "categories": [
            {"id": number, "name": f"{wall} wall", "supercategory": "calcification"}
            for number, wall in enumerate(WALLS, start=1)
        ],
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _traces_of_submissions(
    measurement: Measurement, first: SubmittedValues | None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the traces of the last submission and, if there are several, of the first one."""
    yield from (("final", trace) for trace in measurement.traces)
    if first is not None and first.traces is not None:
        yield from (("first", trace) for trace in first.traces["traces"])


def _polyline(trace: Mapping[str, Any]) -> dict[str, Any]:
    x, y = zip(*trace["points"], strict=True)
    box = [min(x), min(y), max(x) - min(x), max(y) - min(y)]
    points = [value for point in trace["points"] for value in point]
    category = WALLS.index(trace["wall"]) + 1
    return {
        "category_id": category,
        "segmentation": [points],
        "bbox": box,
        # COCO requires an area; an open line has none.
        "area": 0,
        "iscrowd": 0,
    }


def _measurements(study: Study) -> Iterator[Measurement]:
    submitted = Reading.objects.filter(reading_list__study=study).submitted()
    measurements = (
        Measurement.objects.filter(reading__in=submitted)
        .select_related(
            *("reading__reading_list__reader", "reading__case__image", "reading__landmark_set"),
            "reading__reading_list__study",
        )
        .prefetch_related("reading__scores")
        .order_by(
            *("reading__reading_list__reader__label", "reading__reading_list__period"),
            "reading__position",
        )
    )
    return measurements.iterator(chunk_size=CHUNK)


def _names(reading: Reading) -> dict[str, Any]:
    return {
        "reader": reading.reading_list.reader.label,
        "arm": reading.arm,
        "period": reading.reading_list.period,
        "replicate": reading.replicate,
    }


def _first_submissions(study: Study) -> dict[UUID, SubmittedValues]:
    """Return the first submissions of the readings that were revised or reopened; they are few."""
    again = Q(revisions__submitted_at__isnull=False) | Q(reopenings__isnull=False)
    changed = Reading.objects.filter(again, reading_list__study=study, reading_list__measured=True)
    return first_submissions(set(changed.order_by().values_list("pk", flat=True)))


def _boundaries(reading: Reading, drawn: list[Any]) -> list[Any]:
    if reading.guided:
        return boundaries_of_guides(reading.landmark_set.guides)
    return drawn or [None] * BOUNDARIES


def _first_entry(reading: Reading, first: SubmittedValues | None) -> dict[str, Any] | None:
    """Return what was traced and measured at the first submission; None if it was the only one."""
    if first is None:
        return None
    drawn = first.traces or {"traces": [], "boundaries": []}
    traces, boundaries = drawn["traces"], drawn["boundaries"]
    return {
        "traces": traces,
        "boundaries": _boundaries(reading, boundaries),
        "measured": measure_reading(reading, traces, boundaries),
        "scores": {cell: first.cells[cell][0] for cell in CELLS if cell in first.cells},
    }


def _reading_entry(measurement: Measurement, first: SubmittedValues | None) -> dict[str, Any]:
    reading = measurement.reading
    image = reading.case.image
    scores = {score.cell: score.score for score in reading.scores.all()}
    return {
        **_names(reading),
        "case": reading.case.label,
        "image": {
            "width": image.width,
            "height": image.height,
            "spacing_mm": image.spacing_mm,
            "pixel_aspect": image.pixel_aspect,
        },
        "traces": measurement.traces,
        "boundaries": _boundaries(reading, measurement.boundaries),
        "measured": measurement.results,
        "scores": {cell: scores.get(cell) for cell in CELLS},
        # null where the study scores AAC-24 alone; the measured values are beside it.
        "aac8": {wall: scores.get(f"all_{wall}") for wall in WALLS}
        if reading.study.scores_aac8
        else None,
        "first_submission": _first_entry(reading, first),
    }
