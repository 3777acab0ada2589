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
from studies.cases.models import Image
from studies.errors import Conflict, StudyError
from studies.readers.models import User
from studies.sessions.measuring.geometry import BOUNDARIES
from studies.sessions.measuring.grades import measure_traces
from studies.sessions.measuring.representations import SavedMeasurementJSON, measurement_json
from studies.sessions.models import Measurement, Reading
from studies.sessions.reading import (
    check_writable,
    find_previous_answer,
    lock_reading,
    store_change,
)

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
    _check(reading, traces, boundaries)
    stored = Measurement.objects.filter(reading=reading).first()
    if version != (stored.version if stored else 0):
        raise Conflict(
            "stale",
            "The traces were changed in another window. The stored traces are shown now.",
            measurement=measurement_json(stored),
        )
    measurement, _ = Measurement.objects.update_or_create(
        reading=reading,
        defaults={**sent, "results": _measure(reading, traces, boundaries), "version": version + 1},
    )
    answer: SavedMeasurementJSON = {"measurement": measurement_json(measurement)}
    store_change(reading, change_id, "traces", sent, answer)
    return answer


def restore_traces(reading: Reading, traces: list[dict[str, Any]], boundaries: list[Any]) -> None:
    """Store earlier traces of a locked reading again, as a further version."""
    Measurement.objects.filter(reading=reading).update(
        traces=traces,
        boundaries=boundaries,
        results=_measure(reading, traces, boundaries),
        version=F("version") + 1,
    )


def get_measurement(reading: Reading) -> Measurement | None:
    """Return the measurement of a reading, without a query if it was read with its case."""
    try:
        return reading.measurement
    except Measurement.DoesNotExist:
        return None


def _measure(
    reading: Reading, traces: list[dict[str, Any]], boundaries: list[Any]
) -> dict[str, Any]:
    """Return the measured lengths and grades, with the unit of the lengths."""
    size = reading.case.image.pixel_size
    # Guides are the study's boundaries; what a browser sends in their place is refused by _check.
    if reading.guided:
        boundaries = boundaries_of_guides(reading.landmark_set.guides)
    measured = measure_traces(
        traces,
        boundaries or [None] * BOUNDARIES,
        across=size.across,
        down=size.down,
        rule=reading.study.boundary,
    )
    return {**measured, "unit": "mm" if size.in_mm else "px"}


def boundaries_of_guides(guides: Sequence[dict[str, Any]]) -> list[Any]:
    """Return the guides as the five boundaries of the levels, None where one is missing."""
    # To the end of the extension, because the aorta lies anterior to the guides' anterior points.
    lines = {guide["name"]: [guide["posterior"], guide["end"]] for guide in guides}
    return [lines.get(name) for name in GUIDE_NAMES]


def _check(reading: Reading, traces: list[dict[str, Any]], boundaries: list[Any]) -> None:
    if not reading.measured:
        raise StudyError("not_measured", "Plaques are not traced in this arm.", status=409)
    if boundaries and reading.guided:
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
    if not all(_is_inside(reading.case.image, *point) for point in points):
        raise StudyError("invalid", "A point lies outside the image.")


def _is_inside(image: Image, x: float, y: float) -> bool:
    """Return whether a point lies on the image; pixel centres are at integers."""
    return (
        math.isfinite(x)
        and math.isfinite(y)
        and -0.5 <= x <= image.width - 0.5
        and -0.5 <= y <= image.height - 0.5
    )
