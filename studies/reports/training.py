"""The readers' training as reports describe it."""

from __future__ import annotations

from studies.practice.summary import ReaderTraining, has_training, study_training
from studies.protocol.models import Study
from studies.reports.document.study_summary import (
    AttemptSummary,
    ReaderTrainingSummary,
    TrainingSummary,
)


def summarise_training(study: Study) -> TrainingSummary | None:
    """Return the training of the study's readers; None without instructions and practice."""
    if not has_training(study):
        return None
    training = study_training(study)
    return TrainingSummary(
        required=training.required,
        measure=training.measure,
        threshold=training.threshold,
        cases=training.cases_per_attempt,
        attempts=training.max_attempts,
        phantoms=training.phantoms,
        own_cases=training.own_cases,
        instructions=training.instructions_version,
        readers=tuple(_summarise_reader(reader) for reader in training.readers),
    )


def _summarise_reader(reader: ReaderTraining) -> ReaderTrainingSummary:
    return ReaderTrainingSummary(
        reader=reader.label,
        instructions=max((part.version for part in reader.acknowledged), default=None),
        practice_rounds=reader.practised,
        attempts=tuple(
            AttemptSummary(attempt.value, bool(attempt.passed), attempt.finished_at)
            for attempt in reader.attempts
            if attempt.finished_at is not None
        ),
        certified_at=reader.certified_at,
        waiver=reader.waiver_reason,
    )
