"""Paragraphs of the methods on outcomes and statistical analysis."""

from __future__ import annotations

from typing import Final

import numpy as np

from studies.analytics.arms import arms_in_order
from studies.analytics.resampling.kappa_bootstrap import FEWEST_READERS
from studies.analytics.results import Agreement
from studies.analytics.scale import MISSING
from studies.analytics.study.designs.arm_contrasts import compares_groups, shares_pairs
from studies.analytics.study.outcome_results import names_of
from studies.analytics.table import ReadingTable
from studies.reports.document.bootstrap.intervals import RESAMPLES
from studies.reports.document.formatting import kappa_name, outcome_name
from studies.reports.document.summary.study import StudySummary, expected_comparison

PRIMARY_INTERVALS: Final = {
    "expanded": "expanded percentile bootstrap",
    "percentile": "percentile bootstrap",
    "bca": "BCa bootstrap",
    "delta": "delta method",
}


def outcomes(summary: StudySummary) -> str:
    """Return the paragraph on the primary and secondary outcomes."""
    name = outcome_name(summary.outcome)
    if not name.startswith(("AAC", "L")):
        name = name[0].lower() + name[1:]
    arms = arms_in_order(summary.arms)
    compared = expected_comparison(summary)
    difference = f"the difference, {' minus '.join(compared)}, in " if compared else ""
    primary = (
        f"The primary outcome was {difference}Cohen’s {kappa_name(summary.weights)} for the "
        f"{name}, averaged over pairs of readers. All other outcomes were secondary; "
    )
    if len(arms) < 3:
        return f"{primary}no adjustment was made for multiple comparisons."
    named = (
        "The primary contrast was named in the study design before cases were assigned."
        if summary.contrast is not None
        else "The primary contrast, the arm with most assistance minus the one with least, follows "
        "a rule of the software."
    )
    return (
        f"{primary}no adjustment was made for multiple outcomes. {named} The p-values of the other "
        "contrasts were adjusted by Holm’s method (Holm 1979), as one family per outcome and "
        "weighting."
    )


def statistics(table: ReadingTable, results: Agreement) -> str:
    """Return the paragraph on kappa, its variance and the other coefficients."""
    has_repeats = bool((table.replicate > 1).any())
    repeats = " Hidden repeats were not included." if has_repeats else ""
    intrareader = (
        " Intrareader agreement compares each hidden repeat with the first reading of the same "
        "reader and arm, by kappa, ICC(A,1) and limits of agreement of the differences of all "
        "readers (Bland and Altman 2007). Standard errors of means over readers were computed from "
        "influence values summed per patient over all readers."
        if has_repeats
        else ""
    )
    return (
        "Cohen’s kappa (Cohen 1960, 1968) was computed over the fixed categories of each scale, "
        "whether used or not, unweighted and with linear and quadratic weights. Only items scored "
        f"by both readers were included (pairwise deletion within an arm).{repeats} Standard "
        "errors follow Fleiss, Cohen and Everitt (1969) and were computed from influence values "
        "summed per patient (infinitesimal jackknife), which accounts for clustering of cells "
        "within patients; no small-sample correction was applied. The 95 % confidence intervals "
        "are estimate ± 1.96 standard errors; none is given where the standard error is 0. Printed "
        "limits are truncated at −1 and 1 for kappa and at −2 and 2 for differences."
        f"{_difference(results)} Pairwise kappas were averaged as proposed by Light (1971). "
        "Agreement of total scores was assessed by 95 % limits of agreement (Bland and Altman "
        "1986) with exact confidence intervals (Carkeet 2015) and by the intraclass correlation "
        "coefficient ICC(A,1), two-way model, absolute agreement (McGraw and Wong 1996), on "
        "complete cases. "
        "Multi-reader coefficients were Fleiss’ kappa (Fleiss 1971) and Conger’s kappa (Conger "
        "1980) for items scored by all readers, Gwet’s AC (Gwet 2014) and the Brennan–Prediger "
        "coefficient (Brennan and Prediger 1981) for all scored items, and Krippendorff’s alpha "
        "(Hayes and Krippendorff 2007) for items scored by at least two readers. Their "
        "variances follow Gwet (2014), with influence values summed per patient where a patient "
        "contributed several items; their intervals use t quantiles. Kappa is undefined where both "
        "readers used one and the same score throughout, and is not informative where one reader "
        f"used a single score; both situations are marked.{intrareader}"
    )


def _difference(results: Agreement) -> str:
    """Return the sentences on differences between arms; "" where none are compared."""
    if results.compared is None:
        return ""
    if shares_pairs(results):
        return (
            " Differences between arms were analysed as differences between dependent kappas by "
            "the delta method (Vanbelle 2017): a patient’s influence on the difference is the "
            "difference between the patient’s influences on the two kappas. Cases read in only one "
            "arm contributed to that arm alone. The influence on the mean over pairs is the mean "
            "of the influences on the pairs."
        )
    if not compares_groups(results):
        return " No difference between the arms was estimated: no two readers read in both."
    return (
        " Each arm was read by its own group of readers. The difference between arms is that "
        "between the mean pairwise kappas of the two groups, by the delta method: both groups read "
        "the same patients, so a patient’s influence on the difference is the difference between "
        "the patient’s influences on the two means. Differences between the arms and between the "
        "readers of the groups cannot be distinguished."
    )


def bootstrap(summary: StudySummary, results: Agreement) -> str:
    """Return the paragraph on the bootstrap intervals."""
    return (
        f"Patients were resampled with all their readings ({RESAMPLES:,} resamples, seed "
        f"{summary.seed}). Percentile intervals (linear interpolation), expanded percentile "
        "intervals (Hesterberg 2015) and bias-corrected and accelerated (BCa) intervals (Efron and "
        "Tibshirani 1993) are reported. Expanded percentile intervals take the percentiles of "
        "±√(n/(n − 1)) t in a normal distribution, with n patients and the 97.5 % quantile t for "
        "n − 1 degrees of freedom. The acceleration of BCa intervals was estimated by the "
        f"jackknife over patients. {_primary_interval(summary)} Resamples in which a kappa was "
        "undefined were excluded. For means over pairs of three or more readers, an additional "
        "interval was obtained by resampling readers as well as patients. It generalises to the "
        "reader population; all other intervals apply to the readers of this study only."
        f"{_groups(results)}"
    )


def _groups(results: Agreement) -> str:
    """Return how the readers of two groups were resampled; "" for arms with the same readers."""
    if not compares_groups(results) or any(
        len(names_of(results.pairs[arm])) < FEWEST_READERS for arm in results.compared or ()
    ):
        return ""
    return (
        " Each resample contained the same patients in both groups, and the readers were resampled "
        "within their group."
    )


def _primary_interval(summary: StudySummary) -> str:
    """Return the sentence on the interval of the main finding."""
    method = PRIMARY_INTERVALS[summary.primary_interval]
    return (
        f"The main finding is based on the 95 % confidence interval by the {method}, which the "
        "study’s design fixed before any score was seen."
    )


def reading_time(table: ReadingTable, results: Agreement) -> str:
    """Return the paragraph on reading times, "" if none were recorded."""
    if not bool(np.isfinite(table.active_ms).any()):
        return ""
    ratio = (
        " Arms were compared by the ratio of reading times within reader and case. Log ratios were "
        "averaged by patient; the ratio reported is the back-transformed Hodges–Lehmann estimate "
        "(Hodges and Lehmann 1963) over patients, with a confidence interval from the Wilcoxon "
        "signed-rank test."
        if results.compared and not compares_groups(results)
        else ""
    )
    return (
        "Active reading time was defined as the time with the image in view, excluding intervals "
        "of more than 60 seconds without user input. Medians and quartiles over readings are "
        f"reported.{ratio}{_order_effects(table)}"
    )


def _order_effects(table: ReadingTable) -> str:
    """Return the sentences on the effects of order; sessions are named only if they are known."""
    if not bool((table.position != MISSING).any()):
        return ""
    effects, sessions = "of period and of position in the reading list", ""
    if bool(np.isfinite(table.session_elapsed_ms).any()):
        effects = (
            "of period, of position in the reading list and, as measures of fatigue, of position "
            "in the reading session and of time since its start"
        )
        sessions = (
            " A reading session is a continuous period of work in the reading room, ended by "
            "signing out, by continuing in another browser or by the idle limit; a reading belongs "
            "to the session in which it was submitted."
        )
    return (
        f" Effects {effects} on the AAC-24 total and on the logarithm of active reading time were "
        "each estimated separately by least squares within case and within reader and arm, with "
        f"standard errors from residuals summed per patient.{sessions}"
    )
