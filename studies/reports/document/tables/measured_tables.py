"""Tables of measured reading: overridden grades, and agreement of what readers traced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from studies.analytics.estimate import Estimate
from studies.analytics.outcomes import AAC8_WALLS
from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.analytics.study.measured import LENGTH, length_results
from studies.analytics.table import ReadingTable
from studies.formats.numbers import NO_VALUE, decimal
from studies.reports.document.formatting import (
    KAPPA_LIMIT,
    arm_name,
    interval,
    kappa_name,
    kappa_text,
)
from studies.reports.document.shown_pairs import ShownPairs
from studies.reports.document.tables.agreement_notes import method_sentences
from studies.reports.document.tables.agreement_tables import describe_pairs, listed_pairs
from studies.reports.document.tables.text_table import TextTable

Pairs = Sequence[tuple[str, str]]


def measured_tables(
    table: ReadingTable, results: Agreement, *, weights: str, shown: ShownPairs
) -> Iterator[TextTable]:
    """Yield the tables of measured reading; nothing if no reading was measured."""
    if table.measured is None:
        return
    yield from overriding_tables(table, results, weights=weights)
    yield measured_pair_table(results, weights=weights, shown=shown)
    if has_lengths(table):
        yield length_table(table, results, shown=shown)


def has_lengths(table: ReadingTable) -> bool:
    """Return whether any traced length is known in mm."""
    return table.calcified_mm is not None and bool(np.isfinite(table.calcified_mm).any())


def overriding_tables(
    table: ReadingTable, results: Agreement, *, weights: str
) -> Iterator[TextTable]:
    """Yield how often each reader overrode measured grades, and measured AAC-8 where entered."""
    yield _overridden_grades(results, weights=weights)
    if table.measured_aac8 is not None:
        yield _overridden_aac8(results, weights=weights)


def _overridden_grades(results: Agreement, *, weights: str) -> TextTable:
    kappas = list(results.find("kappa_with_measured", outcome="cells", weights=weights))
    rows = [
        (arm_name(kappa.arm), kappa.readers[0], *_overriding_columns(results, kappa))
        for kappa in kappas
    ]
    return TextTable(
        title="Final and measured grades",
        caption=(
            "Measured grades that each reader overrode: number and percentage of cells with both "
            f"grades, and {kappa_name(weights)} of final with measured grades, with 95 % "
            "confidence intervals."
        ),
        header=("Arm", "Reader", "Cells", "Overridden", "Kappa"),
        rows=tuple(rows),
        text_columns=2,
        method=f"{kappas[0].estimate.method}." if kappas else "",
    )


def _overridden_aac8(results: Agreement, *, weights: str) -> TextTable:
    kappas = [
        kappa
        for outcome in AAC8_WALLS
        for kappa in results.find("kappa_with_measured", outcome=outcome, weights=weights)
    ]
    # By arm and reader, as in the table of the grades, with both walls of a reader together.
    kappas.sort(key=lambda kappa: (arm_name(kappa.arm), kappa.readers))
    rows = [
        (
            *(arm_name(kappa.arm), kappa.readers[0], kappa.outcome.removeprefix("aac8_")),
            *_overriding_columns(results, kappa),
        )
        for kappa in kappas
    ]
    return TextTable(
        title="Entered and measured AAC-8",
        caption=(
            "Measured AAC-8 scores that each reader overrode: number and percentage of cases with "
            f"both scores of the wall, and {kappa_name(weights)} of entered with measured scores, "
            "with 95 % confidence intervals."
        ),
        header=("Arm", "Reader", "Wall", "Cases", "Overridden", "Kappa"),
        rows=tuple(rows),
        text_columns=3,
        method=f"{kappas[0].estimate.method}." if kappas else "",
    )


def _overriding_columns(results: Agreement, kappa: Result) -> tuple[str, str, str]:
    """Return the number of scores, how many were overridden, and the kappa."""
    shares = results.find("agreement_with_measured", outcome=kappa.outcome, arm=kappa.arm)
    share = next(result for result in shares if result.readers == kappa.readers)
    return str(share.estimate.n), _overridden(share), kappa_text(kappa.estimate)


def _overridden(share: Result) -> str:
    """Return the number of overridden cells with their percentage: "5 (5.2 %)"."""
    count, value = share.more["overridden"], share.estimate.value
    return NO_VALUE if value is None else f"{count} ({100 * (1 - value):.1f} %)"


def measured_pair_table(
    results: Agreement, *, weights: str, pairs: Pairs | None = None, shown: ShownPairs | None = None
) -> TextTable:
    """Return kappa of final and of measured grades: one row per pair of readers and arm.

    ``pairs`` and ``shown`` are those of `agreement_tables.pair_table`.
    """
    rows = []
    for pair in listed_pairs(results, pairs, shown):
        for arm in results.arms:
            measured, final = (
                results.get("cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=pair)
                for outcome in ("measured_cells", "cells")
            )
            if measured is None:
                continue
            rows.append(
                (
                    *(" – ".join(pair), arm_name(arm), str(measured.estimate.n)),
                    kappa_text(measured.estimate),
                    kappa_text(final.estimate if final else None),
                )
            )
    return TextTable(
        title="Agreement of measured and final grades",
        caption=(
            f"Eight cells, pooled: {kappa_name(weights)} of the grades measured from the traces "
            f"and of the final grades of {describe_pairs(pairs, shown)}, with 95 % confidence "
            "intervals. Cells: number measured by both readers."
        ),
        header=("Readers", "Arm", "Cells", "Measured grades", "Final grades"),
        rows=tuple(rows),
        text_columns=2,
        note=shown.note if shown else "",
        method=method_sentences(
            results.find("cohen_kappa", outcome="measured_cells", weights=weights)
        ),
    )


def length_table(
    table: ReadingTable,
    results: Agreement,
    *,
    pairs: Pairs | None = None,
    shown: ShownPairs | None = None,
) -> TextTable:
    """Return limits of agreement and ICC of traced lengths: one row per pair of readers and arm.

    ``pairs`` and ``shown`` are those of `agreement_tables.pair_table`. Only the listed pairs are
    computed.
    """
    rows = []
    for pair in listed_pairs(results, pairs, shown):
        for arm in results.arms:
            if pair not in results.pairs[arm]:
                continue
            estimates = {
                result.statistic: result.estimate
                for result in length_results(table, arm, (pair,))
                if result.outcome == LENGTH and result.readers == pair
            }
            if estimates:
                rows.append((" – ".join(pair), arm_name(arm), *_length_columns(estimates)))
    return TextTable(
        title="Traced lengths",
        caption=(
            f"Calcified length of both walls in L1 to L4 in mm, of {describe_pairs(pairs, shown)}: "
            "mean difference (first minus second), 95 % limits of agreement, and ICC(A,1) with its "
            "95 % confidence interval. Cases: number with both lengths."
        ),
        header=("Readers", "Arm", "Cases", "Difference, mm", "Limits of agreement, mm", "ICC(A,1)"),
        rows=tuple(rows),
        text_columns=2,
        note=shown.note if shown else "",
    )


def _length_columns(estimates: dict[str, Estimate]) -> tuple[str, ...]:
    bias, lower, upper = (estimates[f"bland_altman_{name}"] for name in ("bias", "lower", "upper"))
    icc = estimates["icc_a_1"]
    limits = (
        NO_VALUE
        if lower.value is None or upper.value is None
        else f"{decimal(lower.value, 1)} to {decimal(upper.value, 1)}"
    )
    bounds = f" ({interval(icc, clip=KAPPA_LIMIT)})" if icc.ci else ""
    coefficient = NO_VALUE if icc.value is None else f"{decimal(icc.value)}{bounds}"
    return str(bias.n), decimal(bias.value, 1), limits, coefficient
