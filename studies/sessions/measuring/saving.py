"""Save the traces of a measured reading, and measure them.

The browser measures as well, to show grades while the reader draws; the values stored here are
authoritative.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, cast
from uuid import UUID

from django.db import transaction
from django.db.models import F

from studies.analytics.scale import WALLS
from studies.errors import Conflict, StudyError
from studies.readers.models import User
from studies.sessions.measuring.geometry import BOUNDARIES
from studies.sessions.measuring.grades import measure_traces
from studies.sessions.measuring.representations import SavedMeasurementJSON, measurement_json
from studies.sessions.models import Measurement, Reading
from studies.sessions.reading.access import lock_reading
from studies.sessions.reading.checks import check_writable
from studies.sessions.reading.stored_changes import find_previous_answer, store_change

# Far more than a reader draws; the limits bound the size of a row.
MAX_TRACES: Final = 100
MAX_POINTS: Final = 4000
GUIDE_NAMES: Final = ("T12/L1", "L1/L2", "L2/L3", "L3/L4", "L4/L5")


@transaction.atomic
def save_traces(
    *,
    user: User,
    pk: UUID,
    change_id: UUID,
    version: int,
    traces: list[dict[str, Any]],
    boundaries: list[Any],
) -> SavedMeasurementJSON:
    """Replace the traces and the reader's boundaries; return the answer for the client.

    A repeated ``change_id`` returns the stored answer. Raises NotFound unless the reading is the
    reader's own; StudyError if it is not measured or a point lies outside the image; Conflict with
    the stored measurement when ``version`` is not the stored one.
    """
    reading = lock_reading(user, pk, with_case=True)
    sent = {"traces": traces, "boundaries": boundaries}
    # Before the checks: a repeated request gets its answer even after the reading was submitted.
    previous = find_previous_answer(reading, change_id, "traces", sent)
    if previous is not None:
        return cast("SavedMeasurementJSON", previous)
    check_writable(reading)
    if not reading.measured:
        raise StudyError("not_measured", "Plaques are not traced in this arm.", status=409)
    image = reading.case.image
    size = (image.width, image.height)
    check_drawing(traces, boundaries, guided=reading.guided, size=size)
    # Safe without another lock: the reading is locked, so no other window saves meanwhile.
    stored = Measurement.objects.filter(reading=reading).first()
    if version != (stored.version if stored else 0):
        raise Conflict(
            "stale",
            "The traces were changed in another window. The stored traces are shown now.",
            measurement=measurement_json(stored),
        )
    measurement, _ = Measurement.objects.update_or_create(
        reading=reading,
        defaults={
            **sent,
            "results": measure_reading(reading, traces, boundaries),
            "version": version + 1,
        },
    )
    answer: SavedMeasurementJSON = {"measurement": measurement_json(measurement)}
    store_change(reading, change_id, "traces", sent, answer)
    return answer


def restore_traces(reading: Reading, traces: list[dict[str, Any]], boundaries: list[Any]) -> None:
    """Store earlier traces of a locked reading again, as a further version."""
    Measurement.objects.filter(reading=reading).update(
        traces=traces,
        boundaries=boundaries,
        results=measure_reading(reading, traces, boundaries),
        version=F("version") + 1,
    )


def get_measurement(reading: Reading) -> Measurement | None:
    """Return the measurement of a reading, without a query if it was read with its case."""
    try:
        return reading.measurement
    except Measurement.DoesNotExist:
        return None


def measure_reading(
    reading: Reading, traces: list[dict[str, Any]], boundaries: list[Any]
) -> dict[str, Any]:
    """Return the measured lengths and grades of traces on the image of a reading."""
    pixel = reading.case.image.pixel_size
    return measure_drawing(
        traces,
        boundaries,
        guides=reading.landmark_set.guides if reading.guided else None,
        pixel=(pixel.across, pixel.down),
        in_mm=pixel.in_mm,
        rule=reading.study.boundary,
    )


def measure_drawing(
    traces: list[dict[str, Any]],
    boundaries: list[Any],
    *,
    guides: Sequence[dict[str, Any]] | None,
    pixel: tuple[float, float],
    in_mm: bool,
    rule: str,
) -> dict[str, Any]:
    """Return the measured lengths and grades, with the unit of the lengths.

    ``guides`` divide the levels where they are given, and the reader's boundaries otherwise.
    ``pixel`` is the width and height of a pixel.
    """
    # Guides are the study's boundaries; what a browser sends in their place is refused.
    if guides is not None:
        boundaries = boundaries_of_guides(guides)
    measured = measure_traces(
        traces,
        boundaries or [None] * BOUNDARIES,
        across=pixel[0],
        down=pixel[1],
        rule=rule,
    )
    return {**measured, "unit": "mm" if in_mm else "px"}


def boundaries_of_guides(guides: Sequence[dict[str, Any]]) -> list[Any]:
    """Return the guides as the five boundaries of the levels, None where one is missing."""
    # To the end of the extension, because the aorta lies anterior to the guides' anterior points.
    lines = {guide["name"]: [guide["posterior"], guide["end"]] for guide in guides}
    return [lines.get(name) for name in GUIDE_NAMES]


def check_drawing(
    traces: list[dict[str, Any]],
    boundaries: list[Any],
    *,
    guided: bool,
    size: tuple[int, int],
) -> None:
    """Raise StudyError for traces or boundaries that do not fit the arm or the image.

    ``size`` is the width and height of the image in pixels.
    """
    if boundaries and guided:
        text = "In this arm, the guides mark the level boundaries; you cannot set them."
        raise StudyError("invalid", text)
    if len(boundaries) not in (0, BOUNDARIES):
        raise StudyError("invalid", f"Send all {BOUNDARIES} boundaries, or none.")
    if len(traces) > MAX_TRACES or sum(len(trace["points"]) for trace in traces) > MAX_POINTS:
        text = f"A reading has at most {MAX_TRACES} traces and {MAX_POINTS} points."
        raise StudyError("invalid", text)
    if any(trace["wall"] not in WALLS for trace in traces):
        raise StudyError("invalid", "A trace belongs to the anterior or the posterior wall.")
    lines = [line for line in boundaries if line is not None]
    points = [point for line in (*lines, *(trace["points"] for trace in traces)) for point in line]
    if not all(_is_inside(size, *point) for point in points):
        raise StudyError("invalid", "A point lies outside the image.")


def _is_inside(size: tuple[int, int], x: float, y: float) -> bool:
    """Return whether a point lies on the image; pixel centres are at integers."""
    width, height = size
    return (
        math.isfinite(x)
        and math.isfinite(y)
        and -0.5 <= x <= width - 0.5
        and -0.5 <= y <= height - 0.5
    )
