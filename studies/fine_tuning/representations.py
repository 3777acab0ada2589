"""JSON of fine-tuning runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypedDict

from studies.fine_tuning.models import FineTuningCase, FineTuningRun
from studies.openapi import UUIDText


class TrainingLogRowJSON(TypedDict):
    """A row of the training log; values that were not computed at this step are null."""

    step: int
    loss: float | None
    validation_px: float | None


class CornerComparisonJSON(TypedDict):
    """Mean errors before and after on the same corners, in pixels of the 512 x 1024 frame.

    The means are over the ``corners`` that both weights predicted, each compared by its label.
    ``difference_px`` is after minus before, and ``interval_px`` its 95 % bootstrap interval by
    patient. Values that the data do not allow are null.
    """

    corners: int
    patients: int
    missed_before: int
    missed_after: int
    before_px: float | None
    after_px: float | None
    difference_px: float | None
    interval_px: list[float] | None


class FineTuningComparisonJSON(TypedDict):
    """The comparison on held-out images: corners that people corrected, and the others."""

    corrected: CornerComparisonJSON
    other: CornerComparisonJSON


class FineTuningJSON(TypedDict):
    """A fine-tuning run.

    ``steps`` is null until training begins, and ``seconds`` is the time that workers spent on it.
    ``studies`` are the short names of those studies of the run that the person coordinates;
    ``result`` is the id of the resulting model. ``comparison`` is null until the run is finished.
    """

    id: UUIDText
    name: str
    state: Annotated[str, FineTuningRun.State]
    failure: str
    start: UUIDText
    result: UUIDText | None
    studies: list[str]
    cases: int
    consent: str
    step: int
    steps: int | None
    seconds: float
    comparison: FineTuningComparisonJSON | None
    log: list[TrainingLogRowJSON]
    created_at: datetime
    finished_at: datetime | None


class FineTuningPageJSON(TypedDict):
    """One page of the runs; ``count`` is the number of runs on all pages together."""

    results: list[FineTuningJSON]
    count: int
    page: int
    pages: int


class FineTuningCaseJSON(TypedDict):
    """A case of a run.

    ``version`` is that of its landmarks, null once the case has been rejected. ``part`` is null
    until a part of the training is stored. ``withdrawn`` states that the case may no longer be
    trained on, because it is no longer ready or is used for practice.
    """

    study: str
    case: str
    patient: str
    version: int | None
    part: Annotated[str, FineTuningCase.Part] | None
    withdrawn: bool


class FineTuningCasePageJSON(TypedDict):
    """One page of the cases; ``count`` is the number of cases on all pages together."""

    results: list[FineTuningCaseJSON]
    count: int
    page: int
    pages: int


def fine_tuning_json(run: Any) -> FineTuningJSON:
    """Return a run of `FineTuningQuerySet.shown_to`."""
    return {
        "id": str(run.pk),
        "name": run.name,
        "state": run.state,
        "failure": run.failure,
        "start": str(run.start_id),
        "result": str(run.result_id) if run.result_id else None,
        "studies": [study.slug for study in run.named_studies],
        "cases": run.case_count,
        "consent": run.consent,
        "step": run.step,
        "steps": run.steps,
        "seconds": round(run.seconds, 1),
        "comparison": run.comparison,
        "log": run.log,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
    }


def fine_tuning_case_json(row: Any) -> FineTuningCaseJSON:
    """Return a case of `FineTuningCaseQuerySet.listed`."""
    return {
        "study": row.case.study.slug,
        "case": row.case.label,
        "patient": row.case.patient.label,
        "version": row.landmark_set.version if row.landmark_set else None,
        "part": row.part or None,
        "withdrawn": row.withdrawn,
    }
