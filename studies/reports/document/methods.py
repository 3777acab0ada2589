"""Methods text of a report, generated from the study's settings and the analysis performed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studies.analytics.arms import arms_in_order
from studies.analytics.results import Agreement
from studies.analytics.scale import AAC8_GROUPS, MISSING
from studies.analytics.table import ReadingTable
from studies.reports.document.bootstrap_intervals import RESAMPLES
from studies.reports.document.formatting import counted, kappa_name, outcome_name
from studies.reports.document.study_summary import StudySummary
from studies.reports.document.tables.display_table import describe_display
from studies.reports.document.tables.refresher_table import describe_refreshers
from studies.reports.document.tables.study_tables import group_names
from studies.reports.document.tables.training_table import describe_training

BOUNDARY_RULES = {
    "lower": "a calcification of exactly one third or two thirds was assigned the lower grade",
    "upper": "a calcification of exactly one third or two thirds was assigned the upper grade",
}

RATIONALE = (
    "Published agreement for AAC scored on DXA images is high overall (interreader intraclass "
    "correlation coefficient 0.80 to 0.90) but lower where treatment decisions are made (0.68 at "
    "a risk threshold in a study that found 0.98 over the whole scale). In some images, readers "
    "also number the vertebral levels differently."
)
RATIONALE_OF_COMPARISON = (
    " Guides that mark the levels may improve agreement; this study investigates whether they do."
)


def methods(
    summary: StudySummary, table: ReadingTable, results: Agreement
) -> list[tuple[str, str]]:
    """Return the paragraphs of the methods, each as title and text."""
    paragraphs = [
        ("Rationale", _rationale(summary)),
        ("Study design", _design(summary)),
        ("Sample size and sampling", _sampling(summary, table)),
        ("Images and scoring", _scoring(summary)),
        ("Blinding", _blinding(summary)),
        ("Outcomes", _outcomes(summary)),
        ("Statistical analysis", _statistics(table, results)),
        ("Bootstrap", _bootstrap(summary)),
    ]
    if time := _time(table, results):
        paragraphs.append(("Reading time", time))
    if summary.display:
        paragraphs.insert(4, ("Image size and display", describe_display(summary.display)))
    if summary.training:
        paragraphs.insert(4, ("Training of readers", describe_training(summary.training)))
        refreshers = describe_refreshers(summary.training)
        if refreshers:
            paragraphs.insert(5, ("Refreshers", refreshers))
    if any("measured" in arm for arm in summary.arms):
        paragraphs.insert(4, ("Measured reading", _measuring(summary)))
    if summary.models and any(arm.startswith("guided") for arm in summary.arms):
        paragraphs.insert(4, ("Guides", _guides(summary)))
    return paragraphs


def _rationale(summary: StudySummary) -> str:
    return RATIONALE + (RATIONALE_OF_COMPARISON if len(summary.arms) > 1 else "")


def _design(summary: StudySummary) -> str:
    sites = len({reader.site for reader in summary.readers})
    readers = (
        f"{len(summary.readers)} {'simulated readers' if summary.simulated else 'readers'} "
        f"at {sites} {'site' if sites == 1 else 'sites'}"
    )
    assignment = (
        f"In total, {summary.cases_assigned} cases were assigned to {readers}, with "
        f"{summary.readers_per_case} readers per case, by computer-generated random assignment "
        f"(seed {summary.seed}). Reading lists were fixed at assignment."
    )
    if len(summary.arms) < 2:
        return f"Single-arm study: every case was read {_adverb(summary.arms[0])}. {assignment}"
    arms = [_adverb(str(arm)) for arm in arms_in_order(summary.arms)]
    washout = (
        f"a washout period of at least {counted(summary.washout_days, 'day')} between a reader’s "
        "two periods, enforced by the server"
        if summary.washout_days
        else "no washout between a reader’s two periods"
    )
    return (
        f"Crossover study: the same readers read each case {' and '.join(arms)}. The "
        "starting arm was counterbalanced among the readers of each site. Cases were read in a new "
        f"random order in each period, with {washout}. {assignment}"
    )


def _sampling(summary: StudySummary, table: ReadingTable) -> str:
    repeats = int((table.replicate > 1).sum())
    replicates = (
        f"There {'was' if repeats == 1 else 'were'} {counted(repeats, 'hidden repeat reading')}"
        if repeats
        else "There were no hidden repeat readings"
    )
    return (
        f"{_assigned_images(summary)} The sampling of images and readers and the sample-size "
        "justification are specified in the study protocol and are not recorded in this system. "
        f"{replicates}."
    )


def _assigned_images(summary: StudySummary) -> str:
    excluded = sum(group.count for group in summary.cases_excluded)
    if not excluded:
        return "All uploaded images were assigned to readers."
    return (
        f"Of {summary.cases_uploaded} uploaded images, {excluded} were not assigned to readers; "
        "the flow diagram gives the reasons."
    )


def _scoring(summary: StudySummary) -> str:
    return (
        "Lateral spine DXA images were scored with the 24-point semiquantitative scale (AAC-24, "
        "Kauppila 1997): the anterior and the posterior aortic wall at L1 to L4 (eight cells) were "
        "each graded 0 to 3 by the proportion of the wall’s length that was calcified; "
        f"{BOUNDARY_RULES.get(summary.boundary, summary.boundary)}. Cells that could not be "
        "assessed were recorded as not readable with a reason; a sum was treated as missing if any "
        f"of its cells was. Groups by total score: {group_names(summary.group_limits)}."
        f"{_aac8() if summary.aac8 else ''}"
    )


def _aac8() -> str:
    return (
        " In every arm, readers then scored each wall on the 8-point scale (AAC-8, Schousboe 2007) "
        "by the summed length of its plaques from L1 to L4, in units of the mean "
        "boundary-to-boundary height of L1 to L4 (a vertebra with half of each adjacent disc): 0 "
        "none, 1 up to one, 2 up to two, 3 up to three, 4 more (total 0 to 8). AAC-8 was a "
        "judgement in its own right and was not derived from the AAC-24 grades. Groups by AAC-8 "
        f"total: {', '.join(AAC8_GROUPS)}."
    )


def _guides(summary: StudySummary) -> str:
    arms = [arm for arm in summary.arms if arm.startswith("guided")]
    models = "; ".join(
        f"{model.name} (SHA-256 {model.checksum[:12]}…, {model.training_note})"
        for model in summary.models
    )
    return (
        f"{_in_arms(arms)}, lines through the intervertebral spaces T12/L1 to L4/L5, placed by a "
        "neural network, marked the vertebral levels and their thirds. Network: "
        f"{models}."
    )


def _measuring(summary: StudySummary) -> str:
    arms = [arm for arm in summary.arms if "measured" in arm]
    levels = {
        "measured": "the boundaries of the levels were set by the reader",
        "guided measured": "the guides divided the traces into levels",
    }
    divided = "; ".join(f"in the {arm} arm {levels[arm]}" for arm in arms if arm in levels)
    return (
        "Readers traced each calcified stretch of the anterior and the posterior wall; "
        f"{divided}. For each wall a line was fitted to its traces, onto which traces and "
        "boundaries were projected; overlapping traces counted once. The calcified share of the "
        "wall in a level gave a proposed grade, which the reader confirmed or overrode. Scores are "
        "the readers’ final grades. The AAC-8 score of a wall was computed from its summed "
        "calcified length in units of the mean boundary-to-boundary height of L1 to L4."
    )


def _adverb(arm: str) -> str:
    """Return how cases were read in an arm: "guided and measured"."""
    return arm.replace(" ", " and ")


def _in_arms(arms: Sequence[str]) -> str:
    """Return "In the guided arm", or "In the measured and the guided measured arms"."""
    return f"In the {' and the '.join(arms)} arm{'' if len(arms) == 1 else 's'}"


def _blinding(summary: StudySummary) -> str:
    looks = len(summary.interim_looks)
    access = (
        "No scores were accessed before the database lock."
        if not looks
        else "Scores were accessed before the database lock on "
        f"{'one occasion' if looks == 1 else f'{looks} occasions'} (listed under Protocol "
        "deviations and interim looks)."
    )
    blinded = [arm for arm in summary.arms if not arm.startswith("guided")]
    network = (
        f"{_in_arms(blinded)} they were "
        "also blinded to the output of the network, except for the anterior side of the image, "
        f"which was indicated in {'both arms' if len(summary.arms) > 1 else 'all readings'}. "
    )
    return (
        "Readers worked independently and were blinded to each other’s scores and to the patient’s "
        "name and the date, site and scanner of the examination. "
        f"{network if blinded else ''}{access}"
    )


def _outcomes(summary: StudySummary) -> str:
    name = outcome_name(summary.outcome)
    if not name.startswith(("AAC", "L")):
        name = name[0].lower() + name[1:]
    arms = arms_in_order(summary.arms)
    difference = f"the difference, {arms[1]} minus {arms[0]}, in " if len(arms) == 2 else ""
    return (
        f"The primary outcome was {difference}Cohen’s {kappa_name(summary.weights)} for the "
        f"{name}, averaged over pairs of readers. All other outcomes were secondary; no adjustment "
        "was made for multiple comparisons."
    )


def _bootstrap(summary: StudySummary) -> str:
    return (
        f"Patients were resampled with all their readings ({RESAMPLES:,} resamples, seed "
        f"{summary.seed}). Percentile intervals (linear interpolation) and bias-corrected and "
        "accelerated (BCa) intervals (Efron and Tibshirani 1993) are reported; the acceleration "
        "was estimated by the jackknife over patients. Resamples in which a kappa was undefined "
        "were excluded. For means over pairs of three or more readers, an additional interval was "
        "obtained by resampling readers as well as patients. It generalises to the reader "
        "population; all other intervals apply to the readers of this study only."
    )


def _time(table: ReadingTable, results: Agreement) -> str:
    """Return the paragraph on reading times, "" if none were recorded."""
    if not bool(np.isfinite(table.active_ms).any()):
        return ""
    ratio = (
        " Arms were compared by the ratio of reading times within reader and case. Log ratios were "
        "averaged by patient; the ratio reported is the back-transformed Hodges–Lehmann estimate "
        "over patients, with a confidence interval from the Wilcoxon signed-rank test."
        if results.compared
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
        "each estimated on their own by least squares within case and within reader and arm, with "
        f"standard errors from residuals summed per patient.{sessions}"
    )


def _statistics(table: ReadingTable, results: Agreement) -> str:
    repeats = "" if (table.replicate == 1).all() else " Hidden repeats were not included."
    difference = (
        " Differences between arms were analysed as differences between dependent kappas by the "
        "delta method: a patient’s influence on the difference is the difference between the "
        "patient’s influences on the two kappas. Cases read in only one arm contributed to that "
        "arm alone. The influence on the mean over pairs is the mean of the influences on the "
        "pairs."
        if results.compared
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
        f"{difference} Pairwise kappas were averaged as proposed by Light (1971). Agreement of "
        "total scores was assessed by 95 % limits of agreement (Bland and Altman 1986) with exact "
        "confidence intervals (Carkeet 2015) and by the intraclass correlation coefficient "
        "ICC(A,1), two-way model, absolute agreement (McGraw and Wong 1996), on complete cases. "
        "Multi-reader coefficients were Fleiss’ and Conger’s kappa (items scored by all readers), "
        "Gwet’s AC and the Brennan–Prediger coefficient (all scored items) and Krippendorff’s "
        "alpha (items scored by at least two readers). Their variances follow Gwet (2014), with "
        "influence values summed per patient where a patient contributed several items; their "
        "intervals use t quantiles. Kappa is undefined where both readers used one and the same "
        "score throughout, and is not informative where one reader used a single score; both "
        "situations are marked."
    )
