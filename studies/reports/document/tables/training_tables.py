"""Tables and texts on the training of the readers, and on refreshers between study readings.

Training consists of instructions, practice and certification; refreshers are practice cases mixed
into the study readings.
"""

from __future__ import annotations

from studies.analytics.coefficients.drift import estimate_drift
from studies.formats.numbers import NO_VALUE, decimal
from studies.reports.document.formatting import counted, interval, when
from studies.reports.document.summary.training import (
    AttemptSummary,
    ReaderTrainingSummary,
    RefresherSummary,
    TrainingSummary,
)
from studies.reports.document.tables.text_table import TextTable

REFRESHER_HEADER = (
    "Reader",
    "Period",
    "Arm",
    "Finished",
    "After readings",
    "Cases",
    "Kappa",
    "Exact",
)


def training_table(training: TrainingSummary) -> TextTable:
    """Return one row per reader: instructions, practice and, if required, the certification."""
    note = f"Attempts: {training.measure} with the reference grades." if training.required else ""
    header = ["Reader", "Instructions", "Practice rounds"]
    if training.required:
        header += ["Attempts", "Certified"]
    return TextTable(
        title="Training of readers",
        caption="Training of readers before and during the study.",
        header=tuple(header),
        rows=tuple(_row(reader, training) for reader in training.readers),
        text_columns=len(header),
        note=note,
    )


def describe_training(training: TrainingSummary) -> str:
    """Return the paragraph of the methods on the training of the readers."""
    sentences = []
    if training.instructions is not None:
        sentences.append(
            "Readers acknowledged the written instructions of the study before their first case, "
            f"and again after each change (latest version: {training.instructions})."
        )
    if training.phantoms or training.own_cases:
        sentences.append(
            f"The practice set consisted of {training.phantoms} synthetic images (phantoms) and "
            f"{training.own_cases} cases with a reference standard that were not part of the "
            "study. After each case of a practice round, readers were shown the reference grades."
        )
    if training.required and training.threshold is not None:
        sentences.append(
            "Before they could read study cases, readers had to score "
            f"{training.cases} practice cases with {training.measure} of at least "
            f"{training.threshold:.2f} against the reference grades, in at most "
            f"{counted(training.attempts or 0, 'attempt')}. Cells that a reader marked as not "
            "readable counted as the grade furthest from the reference grade. Cases whose "
            "reference grades a reader had seen before were drawn only when the practice set had "
            "no others; the table of training gives their number."
        )
    else:
        sentences.append("No certification was required.")
    return " ".join(sentences)


def _row(reader: ReaderTrainingSummary, training: TrainingSummary) -> tuple[str, ...]:
    version = NO_VALUE if reader.instructions is None else f"version {reader.instructions}"
    row = (reader.reader, version, str(reader.practice_rounds))
    return (*row, _attempts(reader), _certified(reader)) if training.required else row


def _attempts(reader: ReaderTrainingSummary) -> str:
    return "; ".join(_attempt(attempt) for attempt in reader.attempts) or NO_VALUE


def _attempt(attempt: AttemptSummary) -> str:
    if attempt.finished_at is None:
        return f"started {when(attempt.started_at)}, not finished"
    agreement = "undefined" if attempt.agreement is None else f"{attempt.agreement:.2f}"
    result = "passed" if attempt.passed else "not passed"
    seen = f" ({attempt.seen_before} of {attempt.cases} cases seen before)"
    dated = f"{agreement}, {result} on {when(attempt.finished_at)}"
    return f"{dated}{seen if attempt.seen_before else ''}"


def _certified(reader: ReaderTrainingSummary) -> str:
    if reader.certified_at is not None:
        return when(reader.certified_at)
    if reader.waived_at is not None:
        return f"waived on {when(reader.waived_at)}: {reader.waiver}"
    return "no"


def refresher_table(training: TrainingSummary) -> TextTable:
    """Return one row per finished refresher, by reader and time."""
    return TextTable(
        title="Refreshers",
        caption=(
            "Refreshers: practice cases that readers scored between study readings, with their "
            "agreement with the reference grades (linearly weighted kappa and exact agreement of "
            "cells)."
        ),
        header=REFRESHER_HEADER,
        rows=tuple(
            _refresher_row(reader.reader, refresher)
            for reader in training.readers
            for refresher in reader.refreshers
        ),
        text_columns=4,
        note=describe_drift(training),
    )


def describe_refreshers(training: TrainingSummary) -> str:
    """Return the sentences of the methods on refreshers; "" for a study without any."""
    if training.refresher_interval is None:
        return ""
    cases = training.refresher_cases
    feedback = (
        "The reference grades were shown after each of these cases."
        if training.refresher_feedback
        else "Readers were not told which cases these were and saw no reference grades."
    )
    finished = sum(len(reader.refreshers) for reader in training.readers)
    return (
        f"After every {training.refresher_interval} study readings, readers scored {cases} "
        f"practice case{'' if cases == 1 else 's'} in the arm of the period, to monitor drift "
        f"({finished} refresher{'' if finished == 1 else 's'} in total). {feedback} Refreshers "
        "were excluded from positions, reading times and all agreement between readers."
    )


def describe_drift(training: TrainingSummary) -> str:
    """Return the drift of exact agreement over the refreshers of all readers in a sentence."""
    rows = [
        (reader.reader, refresher.after_readings, refresher.exact)
        for reader in training.readers
        for refresher in reader.refreshers
    ]
    if not rows:
        return "No refresher was finished."
    readers, readings, exact = zip(*rows, strict=True)
    drift = estimate_drift(readers, readings, exact)
    if drift.value is None:
        return f"Drift over time could not be estimated: {drift.note}."
    limits = f"95 % CI {interval(drift, 3)}" if drift.ci else drift.note
    return (
        f"Change in exact agreement per 100 study readings: {decimal(drift.value, 3)} ({limits}), "
        "by least squares with one intercept per reader."
    )


def _refresher_row(reader: str, refresher: RefresherSummary) -> tuple[str, ...]:
    kappa = "undefined" if refresher.kappa is None else decimal(refresher.kappa)
    return (
        reader,
        str(refresher.period),
        refresher.arm,
        when(refresher.finished_at),
        str(refresher.after_readings),
        str(refresher.cases),
        kappa,
        decimal(refresher.exact),
    )
