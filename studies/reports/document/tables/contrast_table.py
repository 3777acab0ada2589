"""Table of the contrasts between arms: of three or more arms, and between groups of readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.analytics.study.designs.arm_contrasts import CONTRAST, GROUP_DIFFERENCE
from studies.formats.numbers import NO_VALUE
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    arm_name,
    kappa_name,
    kappa_text,
    outcome_name,
)
from studies.reports.document.tables.agreement_notes import footnote, method_sentences
from studies.reports.document.tables.text_table import TextTable


def contrast_table(results: Agreement, *, outcome: str, weights: str) -> TextTable | None:
    """Return the differences between arms, None where two arms share their readers.

    With three or more arms, the primary contrast is set in bold, and the p-values of the others
    are adjusted by Holm's method.
    """
    contrasts = list(results.find(CONTRAST, outcome=outcome, weights=weights))
    if not contrasts:
        contrasts = list(results.find(GROUP_DIFFERENCE, outcome=outcome, weights=weights))
    if not contrasts:
        return None
    tested = any("p" in result.more for result in contrasts)
    header = ("Contrast", "Patients", "Difference")
    return TextTable(
        title="Contrasts between arms",
        caption=(
            f"{outcome_name(outcome)}: differences between arms in mean {kappa_name(weights)}, "
            "with 95 % confidence intervals."
            + (" Bold: primary contrast. Its p-value is not adjusted." if tested else "")
        ),
        header=(*header, "p", "Holm-adjusted p") if tested else header,
        rows=tuple(_row(result, tested=tested) for result in contrasts),
        strong=tuple(k for k, result in enumerate(contrasts) if result.more.get("primary")),
        note=footnote([result.estimate for result in contrasts], results),
        method=method_sentences(contrasts),
    )


def _row(result: Result, *, tested: bool) -> tuple[str, ...]:
    first, second = result.more["arms"]
    cells = (
        f"{arm_name(first)} − {arm_name(second).lower()}",
        str(result.estimate.n),
        kappa_text(result.estimate, clip=DIFFERENCE_LIMIT),
    )
    return (*cells, *_p_values(result.more)) if tested else cells


def _p_values(more: Mapping[str, Any]) -> tuple[str, str]:
    return p_text(more["p"]), p_text(more["p_holm"])


def p_text(value: float | None) -> str:
    """Return a p-value with three decimals."""
    if value is None:
        return NO_VALUE
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
