"""Tables of measured reading: overridden grades, and traced lengths between readers."""

from __future__ import annotations

from collections.abc import Iterator

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.ratings import reader_pairs
from studies.analytics.result import Result
from studies.analytics.study.measured import LENGTH, measured_results
from studies.analytics.table import ReadingTable
from studies.reports.document.formatting import (
    KAPPA_LIMIT,
    NO_VALUE,
    arm_name,
    decimal,
    interval,
    kappa_name,
    kappa_text,
)
from studies.reports.document.tables.text_table import TextTable


def measured_tables(table: ReadingTable, weights: Weights) -> Iterator[TextTable]:
    """Yield the tables of measured reading; nothing if no reading was measured."""
    pairs = {arm: reader_pairs(table, arm) for arm in table.arms}
    results = list(measured_results(table, [weights], pairs))
    if not results:
        return
    yield _overriding(results, weights)
    if any(result.outcome == LENGTH for result in results):
        yield _lengths(results)


def _overriding(results: list[Result], weights: Weights) -> TextTable:
    kappas = [result for result in results if result.statistic == "kappa_with_measured"]
    shares = {
        (result.arm, result.readers): result.estimate
        for result in results
        if result.statistic == "agreement_with_measured"
    }
    rows = []
    for result in kappas:
        share = shares[result.arm, result.readers]
        unchanged = NO_VALUE if share.value is None else f"{100 * share.value:.1f} %"
        rows.append(
            (
                *(arm_name(result.arm), result.readers[0], str(share.n)),
                *(unchanged, kappa_text(result.estimate)),
            )
        )
    return TextTable(
        title="Final and measured grades",
        caption=(
            "Grades of single cells that readers left as measured from their traces, and "
            f"{kappa_name(weights)} of final with measured grades, with 95 % confidence intervals."
        ),
        header=("Arm", "Reader", "Cells", "As measured", "Kappa"),
        rows=tuple(rows),
        text_columns=2,
        method=f"{kappas[0].estimate.method}." if kappas else "",
    )


def _lengths(results: list[Result]) -> TextTable:
    estimates = {
        (result.arm, result.readers, result.statistic): result.estimate
        for result in results
        if result.outcome == LENGTH
    }
    rows = []
    for (arm, readers, statistic), bias in estimates.items():
        if statistic != "bland_altman_bias":
            continue
        lower, upper, icc = (
            estimates[arm, readers, name]
            for name in ("bland_altman_lower", "bland_altman_upper", "icc_a_1")
        )
        bounds = f" ({interval(icc, clip=KAPPA_LIMIT)})" if icc.ci else ""
        coefficient = NO_VALUE if icc.value is None else f"{decimal(icc.value)}{bounds}"
        limits = (
            NO_VALUE
            if lower.value is None or upper.value is None
            else f"{lower.value:.1f} to {upper.value:.1f}"
        )
        difference = NO_VALUE if bias.value is None else f"{bias.value:.1f}"
        rows.append(
            (arm_name(arm), " – ".join(readers), str(bias.n), difference, limits, coefficient)
        )
    return TextTable(
        title="Traced lengths",
        caption=(
            "Calcified length of both walls in L1 to L4 in mm, of two readers: mean difference "
            "(first minus second), 95 % limits of agreement, and ICC(A,1) with its 95 % confidence "
            "interval. Cases with both lengths."
        ),
        header=("Arm", "Readers", "Cases", "Difference", "Limits of agreement", "ICC(A,1)"),
        rows=tuple(rows),
        text_columns=2,
    )
