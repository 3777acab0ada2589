"""The methods text of a report, written from what was done in the study and in the analysis."""

from __future__ import annotations

import numpy as np

from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable
from studies.reports.bootstrap_intervals import RESAMPLES
from studies.reports.document.formatting import kappa_name, outcome_name
from studies.reports.document.study_summary import StudyFacts
from studies.reports.document.tables.study_tables import group_names

BOUNDARY_RULES = {
    "lower": "a calcification of exactly one third or two thirds belongs to the lower grade",
    "upper": "a calcification of exactly one third or two thirds belongs to the upper grade",
}


RATIONALE = (
    "Published agreement on AAC from DXA is high overall (intraclass correlation between readers "
    "0.80 to 0.9) and lower where it decides (0.68 at a risk cut-off where the whole scale gave "
    "0.98); levels are numbered differently in part of the images. Lines that mark the levels may "
    "raise agreement; whether they do is the question here."
)


def methods(facts: StudyFacts, table: ReadingTable, found: Agreement) -> list[tuple[str, str]]:
    """Return titled paragraphs of the methods."""
    parts = [
        ("Rationale", RATIONALE),
        ("Design", _design(facts)),
        ("Sample size and sampling", _sampling(facts, table)),
        ("Images and scores", _scores(facts)),
        ("Blinding", _blinding(facts)),
        ("Outcome", _outcome(facts)),
        ("Agreement", _statistics(table, found)),
        ("Resampling", _resampling(facts)),
    ]
    if spent := _time(table, found):
        parts.append(("Time", spent))
    if facts.models and "guided" in facts.arms:
        parts.insert(4, ("Guides", _guides(facts)))
    return parts


def _design(facts: StudyFacts) -> str:
    sites = len({reader.site for reader in facts.readers})
    people = (
        f"{len(facts.readers)} {'simulated readers' if facts.simulated else 'readers'} "
        f"at {sites} {'site' if sites == 1 else 'sites'}"
    )
    dealt = (
        f"{facts.cases_dealt} cases were dealt to {people}, {facts.readers_per_case} readers a "
        f"case, by the seed {facts.seed}; the lists were stored when they were made."
    )
    if len(facts.arms) < 2:
        return f"Every case was read in one arm ({facts.arms[0]}). {dealt}"
    washout = (
        f"a washout of {facts.washout_days} days between a reader’s two periods, enforced by the "
        "server"
        if facts.washout_days
        else "no washout between a reader’s two periods"
    )
    return (
        "Crossover: the same readers read each case unguided and guided, half of each site’s "
        f"readers beginning unguided, in a fresh random order in each period, with {washout}. "
        f"{dealt}"
    )


def _sampling(facts: StudyFacts, table: ReadingTable) -> str:
    repeats = int((table.replicate > 1).sum())
    again = f"{repeats} readings are hidden repeats" if repeats else "No reading was repeated"
    return (
        f"{_dealt(facts)} Who chose images and readers, and how their numbers were chosen, is the "
        f"study protocol’s to say and is not on record here. {again}."
    )


def _dealt(facts: StudyFacts) -> str:
    left_out = sum(each.count for each in facts.cases_left_out)
    if not left_out:
        return "Every uploaded image was dealt."
    return (
        f"All but {left_out} of {facts.cases_uploaded} uploaded images were dealt; the flow of "
        "cases says why."
    )


def _scores(facts: StudyFacts) -> str:
    moderate_high = group_names(facts.group_limits)
    return (
        "Lateral-spine DXA images were scored by AAC-24 (Kauppila 1997): the anterior and the "
        "posterior wall of the aorta at L1 to L4, each 0 to 3 by the calcified share of its "
        f"length; {BOUNDARY_RULES.get(facts.boundary, facts.boundary)}. A cell that could not be "
        "read was given a reason instead of a score; a sum is missing if a part is. Groups of the "
        f"total: {moderate_high}."
    )


def _guides(facts: StudyFacts) -> str:
    models = "; ".join(
        f"{model.name} (SHA-256 {model.checksum[:12]}…, {model.training_note})"
        for model in facts.models
    )
    return (
        "In the guided arm, lines drawn through the intervertebral spaces T12/L1 to L4/L5 by a "
        f"network marked the levels and their thirds. Network: {models}."
    )


def _blinding(facts: StudyFacts) -> str:
    looks = len(facts.interim_looks)
    seen = (
        "Nobody saw scores before the study was locked."
        if not looks
        else f"Scores were looked at before the lock {'once' if looks == 1 else f'{looks} times'} "
        "(listed below)."
    )
    return (
        "Readers saw neither one another’s scores, nor name, date, site or scanner, nor any output "
        "of the network in the unguided arm but the side on which anterior lies, which both arms "
        f"are told. {seen}"
    )


def _outcome(facts: StudyFacts) -> str:
    return (
        f"Primary outcome: {outcome_name(facts.outcome)}, Cohen’s {kappa_name(facts.weights)}, "
        "mean over pairs of readers, guided minus unguided. All other numbers are secondary, "
        "without adjustment for their multitude."
    )


def _resampling(facts: StudyFacts) -> str:
    return (
        f"Bootstrap intervals draw patients with all their readings, {RESAMPLES:,} times (seed "
        f"{facts.seed}): linear-interpolated percentiles, and bias-corrected and accelerated "
        "intervals (BCa, Efron and Tibshirani 1993) with the acceleration from leaving out one "
        "patient at a time. A resample in which a kappa is undefined is left out. Means over pairs "
        "of three or more readers also have an interval for which readers are drawn as well as "
        "patients: it speaks of readers like these, the others of these readers."
    )


def _time(table: ReadingTable, found: Agreement) -> str:
    if not bool(np.isfinite(table.active_ms).any()):
        return ""
    ratio = (
        " Arms are compared by the ratio of times within reader and case: the Hodges–Lehmann "
        "median over patients, with the interval of Wilcoxon’s signed ranks."
        if found.compared
        else ""
    )
    return (
        "Active time is the time with the image in view and no gap longer than 60 seconds between "
        f"two actions; medians and quartiles of the readings are given.{ratio}"
    )


def _statistics(table: ReadingTable, found: Agreement) -> str:
    repeats = "" if (table.replicate == 1).all() else " Repeat readings do not enter."
    difference = (
        " Differences between arms are differences of dependent kappas by the delta method: the "
        "influence of a patient on the difference is the difference of its influences on both "
        "kappas; a case read in one arm only still counts in that arm. The mean over pairs uses "
        "mean influence."
        if found.compared
        else ""
    )
    return (
        "Cohen’s kappa (Cohen 1960, 1968) over the scale’s fixed categories, used or not: "
        "unweighted, linear and quadratic. Items need the score of both readers (pairwise deletion "
        f"within an arm).{repeats} Standard errors are those of Fleiss, Cohen and Everitt (1969), "
        "computed as influence values and summed per patient, so that the cells of one patient are "
        "a cluster; no small-sample factor. 95 % intervals are value ± 1.96 standard errors; none "
        "is given where the standard error is 0; in print alone they are cut at −1 and "
        "1, those of differences at −2 and 2."
        f"{difference} Means over pairs follow Light (1971). Totals: limits of agreement (Bland "
        "and Altman 1986) with exact intervals (Carkeet 2015), ICC(A,1) two-way for absolute "
        "agreement (McGraw and Wong 1996) on complete cases. Coefficients of all readers together: "
        "Fleiss and Conger on complete items, Gwet’s AC and Brennan–Prediger on every rated item, "
        "Krippendorff’s alpha, with Gwet’s variances (2014) and t intervals. Kappa is undefined "
        "where both readers gave every case the same score, and says nothing where one of them "
        "used one score only; "
        "both are marked."
    )
