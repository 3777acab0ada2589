"""Paragraphs of the methods on how images were scored: scales, guides, traces, blinding."""

from __future__ import annotations

from collections.abc import Sequence

from studies.analytics.scale import AAC8_GROUPS
from studies.reports.document.formatting import counted
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.study_tables import group_names

BOUNDARY_RULES = {
    "lower": "a calcification of exactly one third or two thirds was assigned the lower grade",
    "upper": "a calcification of exactly one third or two thirds was assigned the upper grade",
}


def scoring(summary: StudySummary) -> str:
    """Return the paragraph on images and scores."""
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
        "none, 1 up to one, 2 up to two, 3 up to three, 4 more (total 0 to 8). AAC-8 was scored "
        "from the image and was not derived from the AAC-24 grades. Groups by AAC-8 total: "
        f"{', '.join(AAC8_GROUPS)}."
    )


def guides(summary: StudySummary) -> str:
    """Return the paragraph on the guides and the network that placed them."""
    arms = [arm for arm in summary.arms if arm.startswith("guided")]
    models = "; ".join(
        f"{model.name} (SHA-256 {model.checksum[:12]}…, {model.training_note})"
        for model in summary.models
    )
    return (
        f"{_in_arms(arms)}, lines through the intervertebral spaces T12/L1 to L4/L5, placed by a "
        "neural network, marked the vertebral levels and their thirds. Network: "
        f"{models}.{_corrected_guides(summary, arms)}"
    )


def _corrected_guides(summary: StudySummary, arms: Sequence[str]) -> str:
    """Return the origin of the guides of each arm, "" unless an arm has corrected landmarks."""
    if summary.corners_confirmed is None:
        return ""
    corrected, confirmed = summary.corners_confirmed
    network = [arm for arm in arms if arm != "guided corrected"]
    text = (
        " In the guided corrected arm, the guides were drawn from landmarks that a coordinator had "
        f"checked in every case before assignment: those of {counted(corrected, 'case')} were "
        f"corrected, and those of {counted(confirmed, 'case')} were confirmed without changes."
    )
    if network:
        text += (
            f" {_in_arms(network)}, the guides were those of the network without corrections; "
            "only the anterior side was corrected where necessary, in all arms."
        )
    return text


def measured_reading(summary: StudySummary) -> str:
    """Return the paragraph on tracing and the grades proposed from it."""
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


def blinding(summary: StudySummary) -> str:
    """Return the paragraph on blinding and access to scores."""
    looks = len(summary.interim_looks)
    access = (
        "No scores were accessed before the database lock."
        if not looks
        else "Scores were accessed before the database lock on "
        f"{'one occasion' if looks == 1 else f'{looks} occasions'} (listed under Protocol "
        "deviations and interim looks)."
    )
    blinded = [arm for arm in summary.arms if not arm.startswith("guided")]
    places = {1: "all readings", 2: "both arms"}.get(len(summary.arms), "all arms")
    network = (
        f"{_in_arms(blinded)} they were "
        "also blinded to the output of the network, except for the anterior side of the image, "
        f"which was indicated in {places}. "
    )
    return (
        "Readers worked independently and were blinded to each other’s scores and to the patient’s "
        "name and the date, site and scanner of the examination. "
        f"{network if blinded else ''}{access}"
    )


def _in_arms(arms: Sequence[str]) -> str:
    """Return "In the guided arm", or "In the measured and the guided measured arms"."""
    return f"In the {' and the '.join(arms)} arm{'' if len(arms) == 1 else 's'}"
