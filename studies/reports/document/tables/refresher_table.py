"""Table and text on the refreshers: practice cases mixed into the study readings."""

from __future__ import annotations

from studies.analytics.coefficients.drift import estimate_drift
from studies.formats.numbers import decimal
from studies.reports.document.formatting import interval, when
from studies.reports.document.summary.training import RefresherSummary, TrainingSummary
from studies.reports.document.tables.text_table import TextTable

HEADER = ("Reader", "Period", "Arm", "Finished", "After readings", "Cases", "Kappa", "Exact")


def refresher_table(training: TrainingSummary) -> TextTable:
    """Return one row per finished refresher, by reader and time."""
    return TextTable(
        title="Refreshers",
        caption=(
            "Refreshers: practice cases that readers scored between study readings, with their "
            "agreement with the reference grades (linearly weighted kappa and exact agreement of "
            "cells)."
        ),
        header=HEADER,
        rows=tuple(
            _row(reader.reader, refresher)
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


def _row(reader: str, refresher: RefresherSummary) -> tuple[str, ...]:
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
