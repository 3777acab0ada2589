"""Tables about the study itself: flow, readers, what could not be read, time on task."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.analytics.results import Result
from studies.analytics.scale import CELLS, LEVELS, MISSING, Validity
from studies.analytics.study.time_and_order_effects import time_results
from studies.analytics.table import ReadingTable
from studies.reports.document.formatting import (
    NOTHING,
    arm_name,
    kappa_name,
    number_text,
    outcome_name,
    when,
)
from studies.reports.document.study_summary import StudyFacts
from studies.reports.document.tables.agreement_tables import TextTable

SHORT_REASONS = {
    Validity.OBJECT: "Object",
    Validity.NOISE: "Noise",
    Validity.INSUFFICIENT_SCAN_AREA: "Outside scan",
    Validity.MOVEMENT: "Movement",
    Validity.OTHER: "Other",
}


def readability_table(table: ReadingTable) -> TextTable:
    """Cells that could not be read, by level and reason, an arm a column."""
    codes = [code for code in Validity if code != Validity.VALID]
    rows = []
    for level in (*LEVELS, "All four"):
        places = [
            place for place, cell in enumerate(CELLS) if level in ("All four", cell.split("_")[0])
        ]
        for arm in table.arms:
            chosen = table.validity[of_arm(table, arm)][:, places]
            scored = int((chosen != MISSING).sum())
            lost = [int((chosen == code).sum()) for code in codes]
            share = f"{100 * sum(lost) / scored:.1f} %" if scored else NOTHING
            rows.append((level, arm_name(arm), str(scored), str(sum(lost)), share, *map(str, lost)))
    return TextTable(
        title="Not readable, by level and reason",
        caption="Cells that could not be read, by level and reason.",
        header=(
            "Level",
            "Arm",
            "Cells",
            "Not readable",
            "Share",
            *(SHORT_REASONS[code] for code in codes),
        ),
        rows=tuple(rows),
        text_columns=2,
    )


def time_table(table: ReadingTable, compared: tuple[str, str] | None) -> TextTable:
    """Active minutes: readings, median and quartiles, an arm a column, and the ratio of arms."""
    found = list(time_results(table, compared))
    ratios = {each.readers: each for each in found if each.statistic == "time_ratio"}
    medians = {
        (each.arm, each.readers): each
        for each in found
        if each.statistic == "median_active_minutes"
    }
    everyone = {arm: max((key[1] for key in medians if key[0] == arm), key=len, default=())
                for arm in table.arms}  # fmt: skip
    together = max(ratios, key=len, default=())
    rows = []
    for name in (*table.readers, None):
        cells = []
        for arm in table.arms:
            own = medians.get((arm, (name,) if name else everyone[arm]))
            cells += [str(own.estimate.n), _quartiles(own)] if own else ["0", NOTHING]
        ratio = ratios.get((name,) if name else together)
        last = [number_text(ratio.estimate if ratio else None)] if compared else []
        rows.append((name or "All readers", *cells, *last))
    heads = (head for arm in table.arms for head in ("Readings", arm_name(arm)))
    return TextTable(
        title="Time on task",
        caption="Active minutes a reading: number of readings, median (quartiles)"
        + (f", and {compared[0]} over {compared[1]} with 95 % interval." if compared else "."),
        header=("Reader", *heads, *(["Ratio"] if compared else [])),
        rows=tuple(rows),
        strong=(len(rows) - 1,),
        note="Active: the image in view, and no gap longer than 60 seconds between two actions.",
        method=next((f"Ratio: {each.estimate.method}." for each in ratios.values()), ""),
    )


def key_facts(
    facts: StudyFacts, table: ReadingTable, zone: tzinfo | None = None
) -> Iterator[tuple[str, str]]:
    """Yield what a reader of the answer wants to know next, a name and a value each.

    Times are in UTC, as reports print them, unless a page names its reader's zone.
    """
    sites = ", ".join(sorted({reader.site for reader in facts.readers if reader.site}))
    yield "Cases", f"{len(table.cases)} read, of {facts.cases_uploaded} uploaded"
    yield "Readers", f"{len(table.readers)}" + (f" ({sites})" if sites else "")
    if len(table) == facts.readings_submitted:
        yield "Readings", f"{len(table)} submitted, of {facts.readings_dealt} dealt"
    else:
        yield "Readings", f"{len(table)} chosen, of {facts.readings_submitted} submitted"
    if spent := time_in_words(table):
        yield "Time a reading", f"{spent} (median active time)"
    if len(facts.arms) > 1:
        yield "Design", f"crossover, {facts.washout_days} days washout"
    yield "Primary outcome", f"{outcome_name(facts.outcome)}; {kappa_name(facts.weights)}"
    yield "Groups of AAC-24", group_names(facts.group_limits)
    state = f"locked {when(facts.locked_at, zone)}" if facts.locked_at else "not locked: interim"
    yield "State", state


def flow(facts: StudyFacts, table: ReadingTable) -> dict[str, Any]:
    """From the uploaded image to the total: steps with numbers, and what was left out and why."""
    design = f"{facts.readers_per_case} readers a case, {_count(len(facts.arms), 'arm')}"
    missing = facts.readings_dealt - facts.readings_submitted
    total = table.outcome("aac24")
    by_arm = "; ".join(
        f"{arm_name(arm).lower()} {int(of_arm(table, arm).sum())}" for arm in table.arms
    )
    repeats = int((table.replicate > 1).sum())
    steps = [
        {
            "text": "Images uploaded",
            "n": facts.cases_uploaded,
            "out": [
                f"{left.state.capitalize()}: {left.reason or 'no reason given'} ({left.count})"
                for left in facts.cases_left_out
            ],
        },
        {"text": "Cases dealt to readers", "n": facts.cases_dealt, "out": []},
        {
            "text": f"Readings dealt ({design})",
            "n": facts.readings_dealt,
            "out": [f"Not submitted ({missing})"] if missing else [],
        },
        {
            "text": f"Readings submitted: {by_arm}" + (f"; repeats {repeats}" if repeats else ""),
            "n": facts.readings_submitted,
            "out": _incomplete(table),
        },
        {"text": "Readings with an AAC-24 total", "n": int((total != MISSING).sum()), "out": []},
    ]
    return {"caption": "Flow of images, cases and readings, with what was left out.",
            "steps": steps}  # fmt: skip


def _incomplete(table: ReadingTable) -> list[str]:
    """Say how many readings have no total, and how many cells were lost for which reason."""
    lost = int((table.outcome("aac24") == MISSING).sum())
    if not lost:
        return []
    reasons = [
        f"{SHORT_REASONS[code].lower()} {int((table.validity == code).sum())}"
        for code in SHORT_REASONS
        if bool((table.validity == code).any())
    ]
    return [f"No total ({lost}); cells not readable: {', '.join(reasons) or 'none'}"]


def reader_table(facts: StudyFacts, table: ReadingTable) -> TextTable:
    """The readers, where they read, and how many readings each submitted."""
    place = {name: index for index, name in enumerate(table.readers)}
    rows = []
    for reader in facts.readers:
        mine = table.reader == place.get(reader.label, -2)
        counts = (str(int((mine & of_arm(table, arm)).sum())) for arm in table.arms)
        rows.append((reader.label, reader.site or NOTHING, *counts))
    return TextTable(
        title="Readers",
        caption="Readers, their sites and their submitted readings.",
        header=("Reader", "Site", *map(arm_name, table.arms)),
        rows=tuple(rows),
        text_columns=2,
    )


def looks_table(facts: StudyFacts) -> TextTable:
    rows = tuple((when(look.at), look.by, look.reason) for look in facts.interim_looks)
    return TextTable(
        title="Looks",
        caption="Looks at the scores before the lock.",
        header=("When", "Who", "Why"),
        rows=rows,
        text_columns=3,
    )


def reopenings_table(facts: StudyFacts) -> TextTable:
    rows = tuple((when(each.at), each.by, each.reading, each.reason) for each in facts.reopenings)
    return TextTable(
        title="Reopened readings",
        caption="Submitted readings that were reopened; the scores before stay on record.",
        header=("When", "By whom", "Reading", "Why"),
        rows=rows,
        text_columns=4,
    )


def deviations(facts: StudyFacts) -> Iterator[str]:
    """Yield in sentences what did not go as designed, or that it did."""
    missing = facts.readings_dealt - facts.readings_submitted
    if missing:
        yield f"{missing} of {facts.readings_dealt} readings dealt were not submitted."
    else:
        yield f"All {facts.readings_dealt} readings dealt were submitted."
    left_out = sum(each.count for each in facts.cases_left_out)
    if left_out:
        yield f"{_count(left_out, 'uploaded case')} did not enter; the flow of cases says why."
    if facts.guided_without_guides:
        yield (
            f"In {_count(facts.guided_without_guides, 'guided reading')} the guides were never in "
            "view; they count as guided."
        )
    if facts.levels_corrected:
        yield (
            f"In {_count(facts.levels_corrected, 'case')} a coordinator corrected what the network "
            "had found, before the case was dealt."
        )
    again = len(facts.reopenings)
    yield (
        f"{_count(again, 'reading')} reopened after submission."
        if again
        else ("No submitted reading was reopened.")
    )


def group_names(limits: tuple[int, int]) -> str:
    """Write the groups: "low 0–1, moderate 2–5, high 6–24"."""
    bounds = pairwise((0, *limits, 25))
    return ", ".join(
        f"{name} {low}–{high - 1}" if high - low > 1 else f"{name} {low}"
        for name, (low, high) in zip(("low", "moderate", "high"), bounds, strict=True)
    )


def time_in_words(table: ReadingTable) -> str:
    """Return "3.8 min unguided, 3.6 min guided": median active time a reading."""
    parts = []
    for arm in table.arms:
        minutes = table.active_ms[of_arm(table, arm)] / 60_000
        minutes = minutes[~np.isnan(minutes)]
        if len(minutes):
            parts.append(f"{np.median(minutes):.1f} min" + (f" {arm}" if arm else ""))
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def of_arm(table: ReadingTable, arm: str | None) -> NDArray[np.bool_]:
    chosen: NDArray[np.bool_] = (table.arm == table.arms.index(arm)) & (table.replicate == 1)
    return chosen


def _quartiles(median: Result) -> str:
    low, high = median.more["quartiles"]
    return f"{median.estimate.value:.1f} ({low:.1f} to {high:.1f})"
