"""Table of the contrasts between arms: of three or more arms, and between groups of readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.analytics.study.designs.arm_contrasts import (
    CONTRAST,
    GROUP_DIFFERENCE,
    contrasts_of,
)
from studies.analytics.study.designs.icc_contrasts import icc_contrasts
from studies.analytics.table import ReadingTable
from studies.formats.numbers import NO_VALUE, decimal
from studies.reports.document.bootstrap.intervals import Interval
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    arm_name,
    bounds,
    kappa_name,
    kappa_text,
    number_text,
    outcome_name,
)
from studies.reports.document.tables.agreement_notes import footnote, method_sentences
from studies.reports.document.tables.text_table import TextTable


def contrast_table(
    results: Agreement, *, outcome: str, weights: str, intervals: Sequence[Interval] = ()
) -> TextTable | None:
    """Return the differences between arms, None where two arms share their readers.

    With three or more arms, the primary contrast is set in bold, and the p-values of the others
    are adjusted by Holm's method.

    Parameters
    ----------
    intervals
        Bootstrap intervals, from which a column of expanded percentile intervals is made.
    """
    expanded = {(one.statistic, one.arm, one.readers): one.expanded for one in intervals}
    contrasts = list(results.find(CONTRAST, outcome=outcome, weights=weights))
    if not contrasts:
        contrasts = list(results.find(GROUP_DIFFERENCE, outcome=outcome, weights=weights))
    if not contrasts:
        return None
    tested = any("p" in result.more for result in contrasts)
    header: tuple[str, ...] = ("Contrast", "Patients", "Difference")
    if intervals:
        header += ("Expanded percentile",)
    return TextTable(
        title="Contrasts between arms",
        caption=(
            f"{outcome_name(outcome)}: differences between arms in mean {kappa_name(weights)}, "
            "with 95 % confidence intervals by the delta method"
            + (" and by the expanded percentile bootstrap." if intervals else ".")
            + (" Bold: primary contrast. Its p-value is not adjusted." if tested else "")
        ),
        header=(*header, "p", "Holm-adjusted p") if tested else header,
        rows=tuple(
            _row(
                result,
                [expanded.get((result.statistic, result.arm, result.readers))] if intervals else [],
                tested=tested,
            )
            for result in contrasts
        ),
        strong=tuple(k for k, result in enumerate(contrasts) if result.more.get("primary")),
        note=footnote([result.estimate for result in contrasts], results),
        method=method_sentences(contrasts),
    )


def icc_contrast_table(
    table: ReadingTable, results: Agreement, *, seed: int, resamples: int, outcome: str = "aac24"
) -> TextTable | None:
    """Return the contrasts of the ICC of totals between arms, None where no arms are compared.

    The expanded percentile interval comes from the same resamples of patients as those of kappa.
    """
    compared = results.compared
    if compared is None:
        return None
    arms = contrasts_of(results.arms, compared) or (compared,)
    bootstrap = Bootstrap.draw(len(table.patients), replicates=resamples, seed=seed)
    contrasts = list(icc_contrasts(table, outcome, arms, bootstrap))
    if all(result.estimate.value is None for result in contrasts):
        return None
    return TextTable(
        title="Contrasts of the ICC between arms",
        caption=(
            f"{outcome_name(outcome)}: ICC(A,1), mean over pairs of readers, and differences "
            "between arms with 95 % confidence intervals by the delta method and by the expanded "
            f"percentile bootstrap ({resamples:,} resamples of patients, seed {seed})."
        ),
        header=("Contrast", "Patients", "ICC(A,1)", "Difference", "Expanded percentile"),
        rows=tuple(map(_icc_row, contrasts)),
        strong=(0,) if len(contrasts) > 1 else (),
        note=" ".join(
            f"{_arms_text(result)}: {result.estimate.note}."
            for result in contrasts
            if result.estimate.note
        ),
        method=method_sentences(contrasts),
    )


def _icc_row(result: Result) -> tuple[str, ...]:
    values = result.more.get("iccs", ())
    return (
        _arms_text(result),
        patient_numbers(result.more.get("n_arms", ()), result.estimate.n),
        " / ".join(map(decimal, values)) or NO_VALUE,
        number_text(result.estimate, clip=DIFFERENCE_LIMIT),
        bounds(result.more.get("ci_bootstrap_expanded"), clip=DIFFERENCE_LIMIT),
    )


def patient_numbers(of_arms: Sequence[int], of_difference: int) -> str:
    """Return the patients of both arms and of the difference, as one number if they are equal."""
    numbers = [*of_arms, of_difference]
    return str(of_difference) if len(set(numbers)) == 1 else " / ".join(map(str, numbers))


def _arms_text(result: Result) -> str:
    first, second = result.more["arms"]
    return f"{arm_name(first)} − {arm_name(second).lower()}"


def _row(
    result: Result, expanded: Sequence[tuple[float, float] | None], *, tested: bool
) -> tuple[str, ...]:
    """Return the row of a contrast, with the intervals in ``expanded`` after the difference."""
    cells = (
        _arms_text(result),
        patient_numbers(result.more.get("n_arms", ()), result.estimate.n),
        kappa_text(result.estimate, clip=DIFFERENCE_LIMIT),
        *(bounds(one, clip=DIFFERENCE_LIMIT) for one in expanded),
    )
    return (*cells, *_p_values(result.more)) if tested else cells


def _p_values(more: Mapping[str, Any]) -> tuple[str, str]:
    return p_text(more["p"]), p_text(more["p_holm"])


def p_text(value: float | None) -> str:
    """Return a p-value with three decimals."""
    if value is None:
        return NO_VALUE
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
