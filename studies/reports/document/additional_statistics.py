"""What a report says beyond kappa: other coefficients, measurement error, order, relevance."""

from __future__ import annotations

from collections.abc import Iterator

from studies.analytics.coefficients.kappa import WEIGHTS
from studies.analytics.results import Agreement, Result
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.formatting import (
    KAPPA_LIMIT,
    arm_name,
    decimal,
    interval,
    number_text,
    outcome_name,
)
from studies.reports.document.study_summary import StudyFacts
from studies.reports.document.tables.agreement_tables import TextTable

COEFFICIENTS = (
    ("light_kappa", "Light’s mean of pairs’ kappas"),
    ("conger_kappa", "Conger’s kappa"),
    ("fleiss_kappa", "Fleiss’ kappa"),
    ("gwet_ac", "Gwet’s AC"),
    ("brennan_prediger", "Brennan–Prediger"),
    ("krippendorff_alpha", "Krippendorff’s alpha (ordinal)"),
    ("percent_agreement", "Exact agreement"),
)
TOTALS = (
    ("icc_1_1", "ICC(1,1), one-way"),
    ("icc_a_1", "ICC(A,1), absolute agreement"),
    ("icc_c_1", "ICC(C,1), consistency"),
    ("icc_a_k", "ICC(A,k), mean of the readers"),
    ("icc_c_k", "ICC(C,k), mean of the readers"),
    ("sem", "Standard error of measurement, points"),
    ("sdc", "Smallest detectable change, points"),
)


def further_statistics(facts: StudyFacts, table: ReadingTable, found: Agreement) -> Agreement:
    """Compute every statistic of the primary outcome and of the total."""
    outcomes = list(dict.fromkeys([facts.outcome, "aac24"]))
    weights = [scheme for scheme in WEIGHTS if scheme == facts.weights] or list(WEIGHTS)
    return agreement(table, weights=weights, outcomes=outcomes, compare=found.compared, detail=True)


def coefficient_table(every: Agreement, *, outcome: str, weights: str) -> TextTable:
    """The coefficients of all readers together, an arm a column."""
    rows = []
    for statistic, name in COEFFICIENTS:
        own = {each.arm: each for each in _of_all(every, statistic, outcome, weights)}
        if own:
            texts = (
                number_text(own[arm].estimate if arm in own else None, clip=KAPPA_LIMIT)
                for arm in every.arms
            )
            rows.append((name, *texts))
    return TextTable(
        title="Other coefficients of agreement",
        caption=(
            f"{outcome_name(outcome)}: coefficients of all readers of an arm together, with 95 % "
            f"confidence intervals; weights {weights} where a coefficient takes them."
        ),
        header=("Coefficient", *map(arm_name, every.arms)),
        rows=tuple(rows),
        note=(
            "Fleiss and Conger: items rated by every reader. Gwet and Brennan–Prediger: every "
            "rated item. Pooled cells: errors clustered by patient."
        ),
    )


def totals_of_all(every: Agreement) -> TextTable:
    """Intraclass correlations and measurement error of the total, an arm a column."""
    rows = []
    for statistic, name in TOTALS:
        own = {each.arm: each for each in _of_all(every, statistic, "aac24", None)}
        if own:
            texts = (number_text(own[arm].estimate if arm in own else None) for arm in every.arms)
            rows.append((name, *texts))
    return TextTable(
        title="AAC-24 totals of all readers",
        caption=(
            "AAC-24 total: intraclass correlations of all readers (McGraw and Wong 1996, F "
            "intervals), standard error of measurement and smallest detectable change "
            "(consistency, chi-square intervals). Cases with every reader’s total."
        ),
        header=("Statistic", *map(arm_name, every.arms)),
        rows=tuple(rows),
    )


def order_and_time(every: Agreement) -> Iterator[str]:
    """Yield sentences on the ratio of times and on effects of period and position."""
    for result in every.find("time_ratio"):
        if len(result.readers) == 1 or result.estimate.value is None:
            continue
        bounds = f" (95 % CI {interval(result.estimate)})" if result.estimate.ci else ""
        yield (
            f"Active time guided over unguided, within reader and case: "
            f"{decimal(result.estimate.value)}{bounds}, Hodges–Lehmann median over "
            f"{result.estimate.n} patients."
        )
    for statistic, words in (
        ("period_effect", "in the later period"),
        ("position_effect", "ten places further on in a list"),
    ):
        for result in every.find(statistic, outcome="aac24"):
            estimate = result.estimate
            if estimate.value is None:
                yield f"The AAC-24 total {words}: {estimate.note}."
            else:
                bounds = f" (95 % CI {interval(estimate)})" if estimate.ci else ""
                yield (
                    f"The AAC-24 total {words} changed by {decimal(estimate.value)}{bounds} "
                    "points, within case, reader and arm."
                )
    for result in every.find("hotelling_t2"):
        if "p" in result.more:
            yield (
                f"{outcome_name(result.outcome)}: Hotelling’s T² of no difference in any of "
                f"{result.more['pairs']} pairs = {decimal(result.estimate.value)}, "
                f"{_p(result.more['p'])}."
            )


def level_suspects(every: Agreement) -> Iterator[str]:
    """Yield sentences on pairs whose levels may be numbered differently."""
    for result in every.find("level_shift_kappa"):
        plain, moved = result.more["unmoved"], result.estimate.value
        if plain is not None and moved is not None and moved > plain:
            yield (
                f"Levels of {result.readers[1]} moved by {result.more['moved_by']:+d} would raise "
                f"agreement with {result.readers[0]} ({result.arm}) from {decimal(plain)} to "
                f"{decimal(moved)}: numbering, not grading, may differ."
            )
    cases = sorted({case for result in every.find("level_shift_kappa")
                    for case in result.more["cases"]})  # fmt: skip
    if cases:
        named = ", ".join(cases[:12]) + (" …" if len(cases) > 12 else "")
        yield f"Cases that two readers may have numbered differently: {named}."


def relevance(every: Agreement) -> Iterator[str]:
    """Yield what the numbers mean for one reading, in sentences."""
    for result in _of_all(every, "sdc", "aac24", None):
        # The readers' bias counts: it stands between any two of them.
        if (points := result.more["agreement"]) is not None:
            yield (
                f"{arm_name(result.arm)}: two readers’ AAC-24 totals of one case differ by less "
                f"than {decimal(points, 1)} points in 95 of 100 cases through error and bias "
                "alone; a smaller difference or change says nothing."
            )
    for arm in every.arms:
        shares = [
            each.estimate.value
            for each in every.find("percent_agreement_at_cut", outcome="aac24", arm=arm)
            if each.more["cut"] == 6 and each.estimate.value is not None
        ]
        if shares:
            yield (
                f"{arm_name(arm)}: readers agree on whether the total is at least 6 in "
                f"{100 * min(shares):.0f} to {100 * max(shares):.0f} of 100 cases, pair by pair."
            )
    yield (
        "No threshold of kappa makes agreement good or poor by itself: it depends on what the "
        "scores decide."
    )


def _of_all(
    every: Agreement, statistic: str, outcome: str, weights: str | None
) -> Iterator[Result]:
    """Yield the results of a statistic over all readers of an arm."""
    for arm in every.arms:
        everyone = tuple(sorted({name for pair in every.pairs.get(arm, ()) for name in pair}))
        for result in every.find(statistic, outcome=outcome, arm=arm, readers=everyone):
            if result.weights in (weights, None):
                yield result


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
