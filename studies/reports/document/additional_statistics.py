"""Statistics of a report beyond kappa: other coefficients, measurement error, level shifts."""

from __future__ import annotations

from collections.abc import Iterator

from studies.analytics.coefficients.kappa import WEIGHTS
from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable
from studies.formats.numbers import decimal
from studies.reports.document.formatting import (
    KAPPA_LIMIT,
    arm_name,
    kappa_name,
    number_text,
    outcome_name,
)
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.text_table import TextTable

HIGH_RISK_TOTAL = 6
"""AAC-24 total from which AAC is commonly called high (low 0-1, moderate 2-5, high 6-24)."""
MAX_LISTED_CASES = 12

COEFFICIENTS = (
    ("light_kappa", "Light’s kappa (mean of pairs)"),
    ("conger_kappa", "Conger’s kappa"),
    ("fleiss_kappa", "Fleiss’ kappa"),
    ("gwet_ac", "Gwet’s AC"),
    ("brennan_prediger", "Brennan–Prediger coefficient"),
    ("krippendorff_alpha", "Krippendorff’s alpha (ordinal)"),
    ("percent_agreement", "Exact agreement (proportion)"),
)
TOTALS = (
    ("icc_1_1", "ICC(1,1), one-way"),
    ("icc_a_1", "ICC(A,1), absolute agreement"),
    ("icc_c_1", "ICC(C,1), consistency"),
    ("icc_a_k", "ICC(A,k), absolute agreement, mean of readers"),
    ("icc_c_k", "ICC(C,k), consistency, mean of readers"),
    ("sem", "Standard error of measurement, points"),
    ("sdc", "Smallest detectable change, points"),
)


def further_statistics(summary: StudySummary, table: ReadingTable, results: Agreement) -> Agreement:
    """Return all statistics of the primary outcome and of the AAC-24 total."""
    outcomes = list(dict.fromkeys([summary.outcome, "aac24"]))
    weights = [scheme for scheme in WEIGHTS if scheme == summary.weights] or list(WEIGHTS)
    return agreement(
        table, weights=weights, outcomes=outcomes, compare=results.compared, detail=True
    )


def coefficient_table(results: Agreement, *, outcome: str, weights: str) -> TextTable:
    """Return the table of multi-reader coefficients, one column per arm."""
    rows = []
    for statistic, name in COEFFICIENTS:
        by_arm = {
            result.arm: result for result in _multi_reader(results, statistic, outcome, weights)
        }
        if by_arm:
            texts = (
                number_text(by_arm[arm].estimate if arm in by_arm else None, clip=KAPPA_LIMIT)
                for arm in results.arms
            )
            rows.append((name, *texts))
    return TextTable(
        title="Other coefficients of agreement",
        caption=(
            f"{outcome_name(outcome)}: multi-reader coefficients of agreement by arm, with 95 % "
            "confidence intervals. The kappas, Gwet’s AC and the Brennan–Prediger coefficient are "
            f"{kappa_name(weights).removesuffix(' kappa')}."
        ),
        header=("Coefficient", *map(arm_name, results.arms)),
        rows=tuple(rows),
        note=(
            "Fleiss (1971) and Conger (1980): items scored by every reader. Gwet (2014) and "
            "Brennan and Prediger (1981): all scored items. Krippendorff’s alpha (Hayes and "
            "Krippendorff 2007) and exact agreement: items scored by at least two readers. For "
            "pooled cells, standard errors are adjusted for clustering by patient."
        ),
    )


def totals_of_all(results: Agreement) -> TextTable:
    """Return the table of intraclass correlations and measurement error, one column per arm."""
    rows = []
    for statistic, name in TOTALS:
        by_arm = {result.arm: result for result in _multi_reader(results, statistic, "aac24", None)}
        if by_arm:
            texts = (
                number_text(by_arm[arm].estimate if arm in by_arm else None) for arm in results.arms
            )
            rows.append((name, *texts))
    return TextTable(
        title="AAC-24 totals of all readers",
        caption=(
            "AAC-24 total: intraclass correlation coefficients of all readers (McGraw and Wong "
            "1996, 95 % confidence intervals from the F distribution), standard error of "
            "measurement and smallest detectable change (consistency, 95 % confidence intervals "
            "from the chi-square distribution). Complete cases only."
        ),
        header=("Statistic", *map(arm_name, results.arms)),
        rows=tuple(rows),
    )


def tests_across_pairs(results: Agreement) -> Iterator[str]:
    """Yield sentences on Hotelling's tests of no difference between arms in any pair."""
    for result in results.find("hotelling_t2"):
        if "p" in result.more:
            yield (
                f"{outcome_name(result.outcome)}, {kappa_name(result.weights or 'none')}: "
                "Hotelling’s T² test (Hotelling 1931) of the null hypothesis that the arms do not "
                f"differ in any of the {result.more['pairs']} pairs of readers, T² = "
                f"{decimal(result.estimate.value)}, {_p(result.more['p'])}."
            )


def level_suspects(results: Agreement) -> Iterator[str]:
    """Yield sentences on pairs of readers who may have numbered the levels differently."""
    for result in results.find("level_shift_kappa"):
        unshifted, shifted = result.more["unmoved"], result.estimate.value
        if unshifted is not None and shifted is not None and shifted > unshifted:
            arm = f" ({result.arm})" if result.arm else ""
            shift = f"{result.more['moved_by']:+d}".replace("-", "\N{MINUS SIGN}")
            yield (
                f"Shifting the levels of {result.readers[1]} by {shift} would "
                f"increase kappa with {result.readers[0]}{arm} from {decimal(unshifted)} to "
                f"{decimal(shifted)}. The readers may differ in level numbering rather than in "
                "grading."
            )
    cases = sorted({case for result in results.find("level_shift_kappa")
                    for case in result.more["cases"]})  # fmt: skip
    if cases:
        listed = ", ".join(cases[:MAX_LISTED_CASES])
        listed += " …" if len(cases) > MAX_LISTED_CASES else ""
        yield f"Cases in which two readers may have numbered the levels differently: {listed}."


def relevance(results: Agreement) -> Iterator[str]:
    """Yield sentences on what the results mean for a single reading."""
    for result in _multi_reader(results, "sdc", "aac24", None):
        # The agreement form includes the bias between readers, since any two may be compared.
        if (points := result.more["agreement"]) is not None:
            yield (
                f"{arm_name(result.arm)}: as a result of measurement error and bias between "
                "readers, two readers’ AAC-24 totals of the same case are expected to differ by "
                f"less than {decimal(points, 1)} points in 95 % of cases. A smaller difference, or "
                "a smaller change between visits read by different readers, cannot be "
                "distinguished from measurement error."
            )
    for arm in results.arms:
        shares = [
            result.estimate.value
            for result in results.find("percent_agreement_at_cut", outcome="aac24", arm=arm)
            if result.more["cut"] == HIGH_RISK_TOTAL and result.estimate.value is not None
        ]
        if shares:
            bounds = dict.fromkeys(f"{100 * share:.0f} %" for share in (min(shares), max(shares)))
            yield (
                f"{arm_name(arm)}: pairs of readers agreed on whether the AAC-24 total was at "
                f"least {HIGH_RISK_TOTAL} in {' to '.join(bounds)} of cases."
            )
    yield (
        "Whether a value of kappa is acceptable depends on the intended use of the scores; no "
        "universal threshold separates good from poor agreement."
    )


def _multi_reader(
    results: Agreement, statistic: str, outcome: str, weights: str | None
) -> Iterator[Result]:
    """Yield the results of a statistic over all readers of each arm."""
    for arm in results.arms:
        readers = tuple(sorted({name for pair in results.pairs.get(arm, ()) for name in pair}))
        for result in results.find(statistic, outcome=outcome, arm=arm, readers=readers):
            if result.weights in (weights, None):
                yield result


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
