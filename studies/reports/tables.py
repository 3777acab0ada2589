"""The tables of page and report as text: every number with its interval, n and weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from studies.analytics.estimate import Estimate
from studies.analytics.kappa import ONE_SCORE_NOTE
from studies.analytics.results import Agreement
from studies.analytics.scale import CELLS, LEVELS, Validity
from studies.analytics.table import MISSING, FloatArray, ReadingTable
from studies.reports.facts import StudyFacts
from studies.reports.summary import (
    NOTHING,
    decimal,
    interval,
    kappa_name,
    outcome_name,
    weights_name,
)

OUTCOME_ORDER = (
    "cells", *CELLS, *LEVELS, "posterior", "anterior", "aac24", "aac8", "aac_group", "readable",
)  # fmt: skip

SHORT_REASONS = {
    Validity.OBJECT: "Object",
    Validity.NOISE: "Noise",
    Validity.INSUFFICIENT_SCAN_AREA: "Outside scan",
    Validity.MOVEMENT: "Movement",
    Validity.OTHER: "Other",
}


@dataclass(frozen=True)
class TextTable:
    """A table ready to be set.

    Parameters
    ----------
    caption
        Stands alone: what, for whom, which weights.
    header, rows
        Texts; the first ``text_columns`` columns are words, the rest numbers.
    strong
        Rows that matter most.
    note
        Printed below.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1
    strong: tuple[int, ...] = ()
    note: str = ""


def arm_name(arm: str | None) -> str:
    return arm.capitalize() if arm else "All readings"


def with_interval(estimate: Estimate | None, digits: int = 2) -> str:
    """Write "0.71 (0.64 to 0.78)", or why there is none."""
    if estimate is None or estimate.value is None:
        return "undefined" if estimate else NOTHING
    if estimate.note == ONE_SCORE_NOTE:
        return "one score only"
    if estimate.ci is None:
        return decimal(estimate.value, digits)
    return f"{decimal(estimate.value, digits)} ({interval(estimate, digits)})"


def outcome_table(found: Agreement, *, weights: str, primary: str) -> TextTable:
    """Mean kappa over pairs of every outcome, an arm a column, and the difference."""
    rows: list[tuple[str, ...]] = []
    strong: list[int] = []
    means = {
        (result.outcome, result.arm): result.estimate
        for result in found.find("light_kappa", weights=weights)
    }
    for outcome in OUTCOME_ORDER:
        arms = [means.get((outcome, arm)) for arm in found.arms]
        if not any(arms):
            continue
        if outcome == primary:
            strong.append(len(rows))
        patients = max(estimate.n for estimate in arms if estimate)
        difference = next(
            found.find("mean_kappa_difference", outcome=outcome, weights=weights), None
        )
        rows.append(
            (
                outcome_name(outcome),
                str(patients),
                *(with_interval(estimate) for estimate in arms),
                *([with_interval(difference.estimate)] if difference else []),
            )
        )
    return TextTable(
        caption=(
            f"Cohen’s {kappa_name(weights)} between readers, mean over pairs, with 95 % confidence "
            "intervals. The primary outcome stands in bold."
        ),
        header=("Outcome", "Patients", *map(arm_name, found.arms), *_difference_header(found)),
        rows=tuple(rows),
        strong=tuple(strong),
        note=f"One score only: a reader {ONE_SCORE_NOTE}." if _has_one_score(found) else "",
    )


def pair_table(found: Agreement, *, outcome: str, weights: str) -> TextTable:
    """Every pair of readers: n, kappa and exact agreement in each arm, and the difference."""
    rows = []
    for pair in sorted({pair for arm in found.arms for pair in found.pairs[arm]}):
        kappas, exact, items = [], [], []
        for arm in found.arms:
            kappa = found.get(
                "cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=pair
            )
            same = found.get("percent_agreement", outcome=outcome, arm=arm, readers=pair)
            items.append(str(kappa.estimate.n) if kappa else "0")
            kappas.append(with_interval(kappa.estimate if kappa else None))
            share = same.estimate.value if same else None
            exact.append(NOTHING if share is None else f"{100 * share:.0f} %")
        difference = found.get(
            "kappa_difference",
            outcome=outcome,
            arm=found.difference_arm,
            weights=weights,
            readers=pair,
        )
        last = [with_interval(difference.estimate)] if difference else []
        rows.append((" – ".join(pair), " / ".join(items), *kappas, *last, " / ".join(exact)))
    arms = " / ".join(arm_name(arm).lower() for arm in found.arms)
    kind = "cells" if outcome in ("cells", "readable") else "cases"
    return TextTable(
        caption=(
            f"{outcome_name(outcome)}: {kappa_name(weights)} of every pair of readers with 95 % "
            f"confidence intervals, and exact agreement. n counts {kind}, {arms}."
        ),
        header=(
            "Readers",
            "n",
            *map(arm_name, found.arms),
            *_difference_header(found),
            "Exact",
        ),
        rows=tuple(rows),
    )


def weights_table(found: Agreement, *, outcome: str) -> TextTable:
    """The mean kappa of one outcome under each kind of weights."""
    rows = []
    for weights in ("none", "linear", "quadratic"):
        means = {
            result.arm: result.estimate
            for result in found.find("light_kappa", outcome=outcome, weights=weights)
        }
        if not means:
            continue
        difference = next(
            found.find("mean_kappa_difference", outcome=outcome, weights=weights), None
        )
        last = [with_interval(difference.estimate)] if difference else []
        cells = (with_interval(means.get(arm)) for arm in found.arms)
        rows.append((weights_name(weights).capitalize(), *cells, *last))
    return TextTable(
        caption=f"{outcome_name(outcome)}: mean kappa over pairs under each kind of weights.",
        header=("Weights", *map(arm_name, found.arms), *_difference_header(found)),
        rows=tuple(rows),
    )


def totals_table(found: Agreement) -> TextTable:
    """Bland-Altman and ICC of the AAC-24 total of every pair, an arm a row."""
    rows = []
    for pair in sorted({pair for arm in found.arms for pair in found.pairs[arm]}):
        for arm in found.arms:
            numbers = {
                name: found.get(name, outcome="aac24", arm=arm, readers=pair)
                for name in (
                    "bland_altman_bias", "bland_altman_lower", "bland_altman_upper", "icc_a_1",
                )
            }  # fmt: skip
            bias, lower, upper, icc = (each.estimate if each else None for each in numbers.values())
            if bias is None or lower is None or upper is None:
                continue
            rows.append(
                (
                    " – ".join(pair),
                    arm_name(arm),
                    str(bias.n),
                    with_interval(bias),
                    f"{decimal(lower.value)} to {decimal(upper.value)}",
                    with_interval(icc),
                )
            )
    return TextTable(
        caption=(
            "AAC-24 total of every pair: mean difference (first minus second reader), 95 % limits "
            "of agreement, and ICC(A,1), with 95 % confidence intervals. n counts cases with both "
            "totals."
        ),
        header=("Readers", "Arm", "n", "Bias, points", "Limits, points", "ICC(A,1)"),
        rows=tuple(rows),
        text_columns=2,
    )


def readability_table(table: ReadingTable) -> TextTable:
    """Cells that could not be read, by level and reason, an arm a column."""
    codes = [code for code in Validity if code != Validity.VALID]
    rows = []
    for level in (*LEVELS, "All four"):
        places = [
            place for place, cell in enumerate(CELLS) if level in ("All four", cell.split("_")[0])
        ]
        for arm in table.arms:
            chosen = table.validity[_of_arm(table, arm)][:, places]
            scored = int((chosen != MISSING).sum())
            lost = [int((chosen == code).sum()) for code in codes]
            share = f"{100 * sum(lost) / scored:.1f} %" if scored else NOTHING
            rows.append((level, arm_name(arm), str(scored), str(sum(lost)), share, *map(str, lost)))
    return TextTable(
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


def time_table(table: ReadingTable) -> TextTable:
    """Active minutes a reading: median and quartiles, a reader a row, an arm a column."""
    rows = []
    for place, reader in enumerate((*table.readers, None)):
        cells = []
        for arm in table.arms:
            chosen = _of_arm(table, arm)
            if reader is not None:
                chosen = chosen & (table.reader == place)
            minutes = table.active_ms[chosen] / 60_000
            minutes = minutes[~np.isnan(minutes)]
            cells.append(NOTHING if not len(minutes) else _quartiles(minutes))
        rows.append((reader or "All readers", *cells))
    return TextTable(
        caption="Active minutes a reading: median (quartiles).",
        header=("Reader", *map(arm_name, table.arms)),
        rows=tuple(rows),
        strong=(len(rows) - 1,),
        note="Active: the image in view, and no gap longer than 60 seconds between two actions.",
    )


def flow_table(facts: StudyFacts) -> TextTable:
    """From the uploaded image to the submitted reading, with what was left out and why."""
    design = f"{facts.readers_per_case} readers a case, {_count(len(facts.arms), 'arm')}"
    rows = [("Images uploaded", str(facts.cases_uploaded))]
    rows += [
        (f"   {left.state.capitalize()}: {left.reason}", f"−{left.count}")
        for left in facts.cases_left_out
    ]
    rows += [
        ("Cases dealt to readers", str(facts.cases_dealt)),
        (f"Readings dealt ({design})", str(facts.readings_dealt)),
        ("Readings submitted", str(facts.readings_submitted)),
    ]
    return TextTable("Flow of images, cases and readings.", ("", "n"), tuple(rows))


def reader_table(facts: StudyFacts, table: ReadingTable) -> TextTable:
    """The readers, where they read, and how many readings each submitted."""
    place = {name: index for index, name in enumerate(table.readers)}
    rows = []
    for reader in facts.readers:
        mine = table.reader == place.get(reader.label, -2)
        counts = (str(int((mine & _of_arm(table, arm)).sum())) for arm in table.arms)
        rows.append((reader.label, reader.site or NOTHING, *counts))
    return TextTable(
        caption="Readers, their sites and their submitted readings.",
        header=("Reader", "Site", *map(arm_name, table.arms)),
        rows=tuple(rows),
        text_columns=2,
    )


def notes_of(found: Agreement, *, weights: str) -> Iterator[str]:
    """Yield a sentence for every kappa of these weights that is undefined or says little."""
    for result in found.find("cohen_kappa", weights=weights):
        estimate = result.estimate
        if estimate.value is None or estimate.note == ONE_SCORE_NOTE:
            arm = f", {result.arm}" if result.arm else ""
            pair = " – ".join(result.readers)
            yield f"{outcome_name(result.outcome)}, {pair}{arm}: {estimate.note}"


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
        minutes = table.active_ms[_of_arm(table, arm)] / 60_000
        minutes = minutes[~np.isnan(minutes)]
        if len(minutes):
            parts.append(f"{np.median(minutes):.1f} min" + (f" {arm}" if arm else ""))
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _of_arm(table: ReadingTable, arm: str | None) -> NDArray[np.bool_]:
    chosen: NDArray[np.bool_] = (table.arm == table.arms.index(arm)) & (table.replicate == 1)
    return chosen


def _quartiles(minutes: FloatArray) -> str:
    low, middle, high = np.percentile(minutes, [25, 50, 75])
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def _difference_header(found: Agreement) -> tuple[str, ...]:
    return ("Difference",) if found.compared else ()


def _has_one_score(found: Agreement) -> bool:
    return any(result.estimate.note == ONE_SCORE_NOTE for result in found.find("cohen_kappa"))
