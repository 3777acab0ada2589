"""Tables and texts on deviations, interim looks, reopened readings and provenance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from studies.formats.numbers import decimal
from studies.reports.document.formatting import counted, when
from studies.reports.document.summary.conduct import ReaderFlow
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.text_table import TextTable

KINDS_OF_BATCHES: Final = {
    "first": "first assignment",
    "late": "cases that became ready later",
    "reassignment": "cases of a deactivated reader",
}


def interim_looks_table(summary: StudySummary) -> TextTable:
    """Return the interim looks: time, person and reason."""
    rows = tuple((when(look.at), look.by, look.reason) for look in summary.interim_looks)
    return TextTable(
        title="Interim looks",
        caption="Interim looks: access to scores before the database lock.",
        header=("Time", "Person", "Reason"),
        rows=rows,
        text_columns=3,
    )


def reopenings_table(summary: StudySummary) -> TextTable:
    """Return the reopened readings: time, person, reading and reason."""
    rows = tuple(
        (when(reopening.at), reopening.by, reopening.reading, reopening.reason)
        for reopening in summary.reopenings
    )
    return TextTable(
        title="Reopened readings",
        caption="Submitted readings that were reopened. Earlier scores remain on record.",
        header=("Time", "Person", "Reading", "Reason"),
        rows=rows,
        text_columns=4,
    )


def gap_table(summary: StudySummary) -> TextTable | None:
    """Return the days between a reader's readings of a case, None if no case was read again."""
    if not summary.gaps:
        return None
    rows = tuple(
        (
            "Hidden repeats in the same arm" if gap.repeats else "Readings in different arms",
            f"{gap.count:,}",
            decimal(gap.median_days, 1),
            f"{decimal(gap.least_days, 1)} to {decimal(gap.most_days, 1)}",
        )
        for gap in summary.gaps
    )
    return TextTable(
        title="Days between readings",
        caption=(
            "Days from a reader’s submission of a reading to the opening of the same reader’s next "
            "reading of the same case."
        ),
        header=("Readings", "Intervals", "Median, days", "Range, days"),
        rows=rows,
    )


def amendments_table(summary: StudySummary) -> TextTable:
    """Return the amendments: number, date, change and reason."""
    rows = tuple(
        (str(row.number), f"{row.dated:%-d %b %Y}", row.change, row.reason)
        for row in summary.amendments
    )
    return TextTable(
        title="Amendments",
        caption="Amendments of the protocol after cases were assigned.",
        header=("Number", "Date", "Change", "Reason"),
        rows=rows,
        text_columns=4,
    )


def batches_table(summary: StudySummary) -> TextTable | None:
    """Return the batches in which the cases were assigned; None unless there are several."""
    if len(summary.batches) < 2:
        return None
    rows = tuple(
        (
            str(batch.number),
            when(batch.at),
            KINDS_OF_BATCHES[batch.kind],
            f"{batch.cases:,}",
            f"{batch.readings:,}",
        )
        for batch in summary.batches
    )
    return TextTable(
        title="Batches",
        caption="Batches in which cases were assigned, with numbers at the time of assignment.",
        header=("Batch", "Assigned", "Kind", "Cases", "Readings"),
        rows=rows,
        text_columns=3,
    )


def study_reopenings_table(summary: StudySummary) -> TextTable:
    """Return the reopenings of the locked study: times, people with their roles, and reason."""
    rows = tuple(
        (
            when(row.locked_at),
            f"{row.requested_by}, {when(row.requested_at)}",
            f"{row.confirmed_by}, {when(row.at)}",
            row.reason,
        )
        for row in summary.study_reopenings
    )
    return TextTable(
        title="Reopenings of the database",
        caption="Reopenings of the database after a lock, each agreed by two people.",
        header=("Locked", "Requested by", "Reopened by", "Reason"),
        rows=rows,
        text_columns=4,
    )


def events_table(summary: StudySummary) -> TextTable:
    """Return drop-outs, reassignments, pauses and reopenings of the study with their times."""
    return TextTable(
        title="Drop-outs, reassignments and interruptions",
        caption="Readers who dropped out, reassigned cases, and interruptions of the study.",
        header=("Time", "Event"),
        rows=tuple((when(event.at), event.text) for event in summary.events),
        text_columns=2,
    )


def deviations(summary: StudySummary) -> Iterator[str]:
    """Yield sentences on deviations from the design; also states the absence of the main ones."""
    missing = summary.readings_assigned - summary.readings_submitted
    if missing:
        yield f"{missing} of {summary.readings_assigned} assigned readings were not submitted."
    else:
        yield f"All {summary.readings_assigned} assigned readings were submitted."
    if flow := summary.reader_flow:
        yield _describe_drop_outs(flow)
    excluded = sum(group.count for group in summary.cases_excluded)
    if excluded:
        yield (
            f"{counted(excluded, 'uploaded case')} {_were(excluded)} not included; the flow "
            "diagram gives the reasons."
        )
    if versions := describe_unamended(summary):
        yield versions
    elif not summary.amendments:
        yield "No amendment of the protocol was recorded after cases were assigned."
    if hidden := summary.guided_without_guides:
        yield (
            f"In {counted(hidden, 'guided reading')}, the guides were never displayed; "
            f"{'it was' if hidden == 1 else 'they were'} analysed in the arm to which "
            f"{'it was' if hidden == 1 else 'they were'} assigned."
        )
    if corrected := summary.levels_corrected:
        yield (
            f"In {counted(corrected, 'case')}, a coordinator corrected the landmarks placed by the "
            "network before assignment."
        )
    reopened = len(summary.reopenings)
    yield (
        f"{counted(reopened, 'reading')} {_were(reopened)} reopened after submission."
        if reopened
        else "No submitted reading was reopened."
    )


def describe_unamended(summary: StudySummary) -> str:
    """Return the sentence on instructions that were changed without an amendment, "" if none."""
    versions = [str(version) for version in summary.unamended_instructions]
    if not versions:
        return ""
    return (
        "The instructions were changed after cases were assigned, without an amendment of the "
        f"protocol (version{'' if len(versions) == 1 else 's'} {', '.join(versions)})."
    )


def _describe_drop_outs(flow: ReaderFlow) -> str:
    readers = flow.unstarted.readers + flow.unfinished.readers
    cases = flow.unstarted.cases + flow.unfinished.cases
    if not readers:
        return "No reader dropped out."
    whose = "this reader" if readers == 1 else "these readers"
    reassigned = (
        f"{counted(cases, 'case')} of {whose} {_were(cases)} reassigned to other readers"
        if cases
        else f"no cases of {whose} were reassigned"
    )
    return (
        f"{counted(readers, 'reader')} dropped out before submitting all assigned readings; "
        f"{reassigned}."
    )


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def provenance_table(summary: StudySummary) -> TextTable:
    """Return the data and software behind a report: snapshot, seed, hash, versions, networks."""
    rows = [
        ("Study", f"{summary.name} ({summary.slug})"),
        ("Data snapshot", when(summary.snapshot_at)),
        ("Seed of assignment and resampling", str(summary.seed)),
        ("SHA-256 of the tidy CSV", summary.data_hash),
        ("VerteRead version", summary.app_version),
    ]
    rows += [
        ("Network", f"{model.name}, {model.checksum}: {model.training_note}")
        for model in summary.models
    ]
    return TextTable(
        "Provenance", "Data and software behind this report.", ("", ""), tuple(rows), 2
    )
