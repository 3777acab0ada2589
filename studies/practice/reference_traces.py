"""Reference traces of the study's own practice cases: the plaques that readers see afterwards.

They arrive as the text of a traces file, because pages of VerteRead accept no files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from rest_framework.exceptions import APIException

from studies.audit.record import record
from studies.cases.models import Case
from studies.errors import Conflict, StudyError
from studies.practice.models import PracticeCase
from studies.practice.practice_set import lock_practice_set
from studies.readers.models import User
from studies.sessions.measuring.inputs import TraceInput
from studies.sessions.measuring.saving import check_drawing

MAX_LENGTH: Final = 500_000


@transaction.atomic
def set_reference_traces(*, practice_case: PracticeCase, by: User, text: str) -> PracticeCase:
    """Store the plaques of a practice case from a traces file, in place of earlier ones.

    ``text`` is the JSON that studies with a measured arm export, with one reading of the image.

    Raises Conflict after the lock and for phantoms, StudyError for a file that does not fit.
    """
    study = lock_practice_set(practice_case.study)
    case = practice_case.case
    if case is None:
        raise Conflict("phantom", "The plaques of a phantom are already known.")
    practice_case.reference_traces = read_traces(text, case)
    practice_case.save(update_fields=["reference_traces"])
    record(
        "practice.traces_set",
        actor=by,
        study=study,
        subject=case.label,
        traces=len(practice_case.reference_traces),
    )
    return practice_case


@transaction.atomic
def remove_reference_traces(*, practice_case: PracticeCase, by: User) -> PracticeCase:
    """Remove the plaques of a practice case, whose reference grades remain.

    Raises Conflict after the lock, and if the case has no traces.
    """
    study = lock_practice_set(practice_case.study)
    practice_case.refresh_from_db(fields=["reference_traces"])
    case = practice_case.case
    if case is None or practice_case.reference_traces is None:
        raise Conflict("no_traces", "This practice case has no reference traces.")
    practice_case.reference_traces = None
    practice_case.save(update_fields=["reference_traces"])
    record("practice.traces_removed", actor=by, study=study, subject=case.label)
    return practice_case


def read_traces(text: str, case: Case) -> list[dict[str, Any]]:
    """Return the traces of the only reading of a case in a traces file; raises StudyError."""
    reading = _reading_of(_load(text), case.label)
    size = (case.image.width, case.image.height)
    image = reading.get("image")
    # Traces of another image would be drawn where it has no plaques.
    if isinstance(image, dict) and (image.get("width"), image.get("height")) != size:
        raise _invalid(f"The traces belong to an image that differs in size from {case.label}.")
    form = TraceInput(data=reading.get("traces"), many=True)
    try:
        form.is_valid(raise_exception=True)
    except APIException as error:
        raise _invalid("Each trace needs a wall and a list of points (x, y).") from error
    traces = [{"wall": trace["wall"], "points": trace["points"]} for trace in form.validated_data]
    check_drawing(traces, [], guided=False, size=size)
    return traces


def _load(text: str) -> Mapping[str, Any]:
    if len(text) > MAX_LENGTH:
        raise _invalid(
            f"The file has more than {MAX_LENGTH:,} characters. Remove the other readings."
        )
    try:
        # Numbers with hundreds of digits become infinite instead of failing later.
        document = json.loads(text, parse_int=float)
    except (ValueError, RecursionError) as error:
        raise _invalid("The text is not valid JSON.") from error
    if not isinstance(document, dict):
        raise _invalid("The file contains no readings.")
    return document


def _reading_of(document: Mapping[str, Any], label: str) -> Mapping[str, Any]:
    """Return the only reading in the file, or the only one of the case."""
    readings = document.get("readings")
    if not isinstance(readings, list) or not all(isinstance(entry, dict) for entry in readings):
        raise _invalid("The file contains no readings.")
    # In another study the same image may have another label.
    matching = readings if len(readings) == 1 else [r for r in readings if r.get("case") == label]
    if len(matching) != 1:
        raise _invalid(
            f"The file contains {len(matching)} readings of {label}. Keep only the reference."
        )
    only: Mapping[str, Any] = matching[0]
    return only


def _invalid(reason: str) -> StudyError:
    return StudyError(
        "traces_invalid",
        f"{reason} Use a traces file (JSON) that was exported from a study with a measured arm.",
    )
