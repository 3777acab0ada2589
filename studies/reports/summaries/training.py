"""The readers' training as reports describe it."""

from __future__ import annotations

from studies.practice.summary import ReaderTraining, has_training, study_training
from studies.protocol.models import Study
from studies.reports.document.summary.training import (
    AttemptSummary,
    ReaderTrainingSummary,
    RefresherSummary,
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
        refresher_interval=training.refresher_interval,
        refresher_cases=training.refresher_cases,
        refresher_feedback=training.refresher_feedback,
        readers=tuple(_summarise_reader(reader) for reader in training.readers),
    )


def _summarise_reader(reader: ReaderTraining) -> ReaderTrainingSummary:
    return ReaderTrainingSummary(
        reader=reader.label,
        instructions=max((part.version for part in reader.acknowledged), default=None),
        practice_rounds=reader.practised,
        attempts=tuple(
            AttemptSummary(
                attempt.agreement,
                attempt.passed,
                attempt.started_at,
                attempt.finished_at,
                attempt.cases,
                attempt.seen_before,
            )
            for attempt in reader.attempts
        ),
        certified_at=reader.certified_at,
        waiver=reader.waiver_reason,
        waived_at=reader.waived_at,
        refreshers=tuple(
            RefresherSummary(
                period=refresher.period or 1,
                arm=refresher.arm,
                after_readings=refresher.after_readings or 0,
                finished_at=refresher.finished_at,
                cases=refresher.submitted,
                kappa=refresher.kappa,
                exact=refresher.exact or 0.0,
            )
            for refresher in reader.refreshers
            if refresher.finished_at is not None
        ),
    )
