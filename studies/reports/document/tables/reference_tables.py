"""Each reader against the truth, where it is known."""

from __future__ import annotations

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.estimate import Estimate
from studies.analytics.results import Agreement, Result
from studies.analytics.study.reference import reference_results
from studies.analytics.table import ReadingTable
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    NOTHING,
    arm_name,
    kappa_name,
    kappa_text,
    outcome_name,
)
from studies.reports.document.tables.agreement_tables import TextTable


def truth_table(
    table: ReadingTable, found: Agreement, *, outcome: str, weights: Weights
) -> TextTable | None:
    """Kappa and exact agreement of every reader with the truth; None where it is not known."""
    results = list(reference_results(table, outcome, [weights], found.compared))
    if not results:
        return None
    rows = [_row(results, found, name) for name in (*table.readers, None)]
    kind = "cells" if outcome == "cells" else "cases"
    arms = " / ".join(arm_name(arm).lower() for arm in found.arms)
    return TextTable(
        title="Readers against the truth",
        caption=(
            f"{outcome_name(outcome)}: {kappa_name(weights)} of every reader with the true grades, "
            f"with 95 % confidence intervals, and exact agreement. {kind.capitalize()}: those that "
            f"the reader scored, {arms}; for the mean, patients."
        ),
        header=(
            "Reader", kind.capitalize(), *map(arm_name, found.arms),
            *(["Difference"] if found.compared else []), "Exact",
        ),
        rows=tuple(rows),
        strong=(len(rows) - 1,),
        method=next(f"{each.estimate.method}." for each in results if each.estimate.method),
    )  # fmt: skip


def _row(results: list[Result], found: Agreement, name: str | None) -> tuple[str, ...]:
    """The texts of one reader, or of the mean over all."""
    kind = "kappa_with_reference" if name else "mean_kappa_with_reference"
    kappas, exact, items = [], [], []
    for arm in found.arms:
        own = _find(results, kind, arm, name)
        share = _find(results, "agreement_with_reference", arm, name) if name else None
        items.append(str(own.n) if own else "0")
        kappas.append(kappa_text(own))
        value = share.value if share else None
        exact.append(NOTHING if value is None else f"{100 * value:.0f} %")
    changed = _find(results, f"{kind}_difference", found.difference_arm, name)
    last = [kappa_text(changed, clip=DIFFERENCE_LIMIT)] if found.compared else []
    shares = " / ".join(exact) if name else ""
    return (name or "Mean of readers", " / ".join(items), *kappas, *last, shares)


def _find(
    results: list[Result], statistic: str, arm: str | None, reader: str | None
) -> Estimate | None:
    for each in results:
        if (each.statistic, each.arm) == (statistic, arm) and reader in (None, *each.readers):
            return each.estimate
    return None
