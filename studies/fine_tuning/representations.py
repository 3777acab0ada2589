"""JSON of fine-tuning runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypedDict

from studies.fine_tuning.models import FineTuningRun
from studies.openapi import UUIDText


class TrainingLogRowJSON(TypedDict):
    """A row of the training log; values that were not computed at this step are null."""

    step: int
    loss: float | None
    validation_px: float | None


class FineTuningJSON(TypedDict):
    """A fine-tuning run.

    ``steps`` is null until training begins. ``studies`` are the short names of those studies of the
    run that the person coordinates; ``result`` is the id of the resulting model.
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
    log: list[TrainingLogRowJSON]
    created_at: datetime
    finished_at: datetime | None


class FineTuningPageJSON(TypedDict):
    """One page of the runs; ``count`` is the number of runs on all pages together."""

    results: list[FineTuningJSON]
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
        "log": run.log,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
    }
