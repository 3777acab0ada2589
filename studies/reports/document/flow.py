"""Flow of cases, readings and readers, as steps of a diagram and as its text alternative."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studies.analytics.scale import MISSING
from studies.analytics.table import ReadingTable
from studies.reports.document.formatting import arm_name, counted
from studies.reports.document.plots.flow import FlowColumn, FlowStep
from studies.reports.document.summary.conduct import DropOuts
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.study_tables import SHORT_REASONS, of_arm

CAPTION = "Flow of cases, readings and readers, with exclusions and missing readings."


def flow_columns(summary: StudySummary, table: ReadingTable) -> list[FlowColumn]:
    """Return the flow of cases and readings and, where it is known, that of readers."""
    columns = [FlowColumn("Cases and readings", tuple(_case_steps(summary, table)))]
    if summary.reader_flow:
        columns.append(FlowColumn("Readers", tuple(_reader_steps(summary))))
    return columns


def describe_flow(columns: Sequence[FlowColumn]) -> str:
    """Return the text alternative of the diagram."""
    sentences = []
    for column in columns:
        for step in column.steps:
            out = f" Left out or missing: {'; '.join(step.out)}." if step.out else ""
            sentences.append(f"{step.text}: {step.count}.{out}")
    return " ".join(sentences)


def _case_steps(summary: StudySummary, table: ReadingTable) -> Iterator[FlowStep]:
    yield FlowStep(
        "Images uploaded",
        summary.cases_uploaded,
        tuple(
            f"{group.state.capitalize()}: {group.reason or 'no reason given'} ({group.count})"
            for group in summary.cases_excluded
        ),
    )
    unread = summary.cases_assigned - len(table.cases)
    yield FlowStep(
        "Cases assigned to readers",
        summary.cases_assigned,
        (f"Without a submitted reading ({unread})",) if unread > 0 else (),
    )
    yield FlowStep("Cases read", len(table.cases))
    design = f"{summary.readers_per_case} readers per case, {counted(len(summary.arms), 'arm')}"
    missing = summary.readings_assigned - summary.readings_submitted
    yield FlowStep(
        f"Readings assigned ({design})",
        summary.readings_assigned,
        (f"Not submitted ({missing})",) if missing else (),
    )
    by_arm = "; ".join(
        f"{arm_name(arm).lower()} {int(of_arm(table, arm).sum())}" for arm in table.arms
    )
    repeats = int((table.replicate > 1).sum())
    yield FlowStep(
        f"Readings submitted: {by_arm}" + (f"; hidden repeats {repeats}" if repeats else ""),
        summary.readings_submitted,
        tuple(_incomplete(table)),
    )
    totals = int((table.outcome("aac24") != MISSING).sum())
    yield FlowStep("Readings with an AAC-24 total", totals)


def _incomplete(table: ReadingTable) -> Iterator[str]:
    """Yield the number of readings without a total, and of cells not readable by reason."""
    missing = int((table.outcome("aac24") == MISSING).sum())
    if not missing:
        return
    reasons = [
        f"{SHORT_REASONS[code].lower()} {int((table.validity == code).sum())}"
        for code in SHORT_REASONS
        if bool((table.validity == code).any())
    ]
    yield f"No total ({missing}); cells not readable: {', '.join(reasons) or 'none'}"


def _reader_steps(summary: StudySummary) -> Iterator[FlowStep]:
    flow = summary.reader_flow
    assert flow is not None
    without_list = flow.joined - flow.assigned
    yield FlowStep(
        "Readers who joined the study",
        flow.joined,
        (f"Without a reading list ({without_list})",) if without_list else (),
    )
    for text, count, following, drop_outs, left, lost in (
        ("Readers with a reading list", flow.assigned, flow.started, flow.unstarted,
         "Dropped out before submitting a reading", "Nothing submitted"),
        ("Readers who submitted readings", flow.started, flow.completed, flow.unfinished,
         "Dropped out before submitting all readings", "Reading list incomplete"),
    ):  # fmt: skip
        others = count - following - drop_outs.readers
        out = (*_drop_outs(drop_outs, left), *((f"{lost} ({others})",) if others else ()))
        yield FlowStep(text, count, out)
    yield FlowStep("Readers who submitted all their readings", flow.completed)


def _drop_outs(drop_outs: DropOuts, text: str) -> Iterator[str]:
    if drop_outs.readers:
        yield f"{text} ({drop_outs.readers})"
    if drop_outs.cases:
        yield f"Cases reassigned ({drop_outs.cases})"
