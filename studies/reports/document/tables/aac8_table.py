"""Table of AAC-8: kappa, ICC and agreement at the cut-off of all readers of an arm."""

from __future__ import annotations

from studies.analytics.estimate import Estimate
from studies.analytics.outcomes import AAC8_WALLS
from studies.analytics.results import Agreement
from studies.analytics.study.outcome_results import names_of
from studies.reports.document.formatting import (
    arm_name,
    kappa_name,
    kappa_text,
    number_text,
    outcome_name,
)
from studies.reports.document.tables.agreement_notes import method_sentences
from studies.reports.document.tables.text_table import TextTable


def aac8_table(results: Agreement, *, weights: str) -> TextTable:
    """Return the agreement of the AAC-8 total, walls and group: one row per score and arm."""
    rows = []
    for outcome in ("aac8", *AAC8_WALLS, "aac8_group"):
        for arm in results.arms:
            kappa = next(
                results.find("light_kappa", outcome=outcome, arm=arm, weights=weights), None
            )
            if kappa is None:
                continue
            rows.append(
                (
                    *(outcome_name(outcome), arm_name(arm), str(kappa.estimate.n)),
                    kappa_text(kappa.estimate),
                    number_text(_icc(results, outcome, arm)),
                )
            )
    return TextTable(
        title="AAC-8 scores",
        caption=(
            f"AAC-8: {kappa_name(weights)}, mean over pairs of readers, and ICC(A,1) of all "
            "readers, with 95 % confidence intervals. With two groups, all weights give the same "
            "kappa."
        ),
        header=("Score", "Arm", "Patients", "Kappa", "ICC(A,1)"),
        rows=tuple(rows),
        text_columns=2,
        method=method_sentences(
            results.find("light_kappa", outcome="aac8", weights=weights),
            results.find("icc_a_1", outcome="aac8"),
        ),
    )


def _icc(results: Agreement, outcome: str, arm: str | None) -> Estimate | None:
    """Return the ICC of all readers of an arm; None for the group, which has none."""
    everyone = names_of(results.pairs[arm])
    result = results.get("icc_a_1", outcome=outcome, arm=arm, readers=everyone)
    return result.estimate if result else None
