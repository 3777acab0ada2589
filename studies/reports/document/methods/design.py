"""Paragraphs of the methods on background, design, cases and repeated readings."""

from __future__ import annotations

from studies.analytics.arms import arms_in_order
from studies.analytics.table import ReadingTable
from studies.reports.document.formatting import counted
from studies.reports.document.summary.study import StudySummary

RATIONALE = (
    "Published agreement for AAC scored on DXA images is high overall (interreader intraclass "
    "correlation coefficient 0.80 to 0.90) but lower where treatment decisions are made (0.68 at "
    "a risk threshold in a study that found 0.98 over the whole scale). In some images, readers "
    "also number the vertebral levels differently."
)

RATIONALE_OF_GUIDES = (
    " Guides that mark the levels may improve agreement; this study investigates whether they do."
)

RATIONALE_OF_CORRECTING = (
    " Correcting the landmarks from which the guides are drawn may improve agreement further; this "
    "study investigates whether it does."
)

RATIONALE_OF_MEASURING = (
    " Measuring the traced length of the plaques may improve agreement; this study investigates "
    "whether it does."
)


def background(summary: StudySummary) -> str:
    """Return what is known in general; the rationale of the study is the coordinator's text."""
    # Only what differs between the arms is compared.
    guides = {"guided" in arm.split() for arm in summary.arms}
    measuring = {"measured" in arm.split() for arm in summary.arms}
    text = RATIONALE + (RATIONALE_OF_GUIDES if len(guides) > 1 else "")
    if {"guided", "guided corrected"} <= set(summary.arms):
        text += RATIONALE_OF_CORRECTING
    return text + (RATIONALE_OF_MEASURING if len(measuring) > 1 else "")


def design(summary: StudySummary) -> str:
    """Return the paragraph on design and assignment."""
    sites = len({reader.site for reader in summary.readers})
    readers = (
        f"{len(summary.readers)} {'simulated readers' if summary.simulated else 'readers'} "
        f"at {sites} {'site' if sites == 1 else 'sites'}"
    )
    per_case = "readers per case and arm" if summary.parallel else "readers per case"
    assignment = (
        f"In total, {summary.cases_assigned} cases were assigned to {readers}, with "
        f"{summary.readers_per_case} {per_case}, by computer-generated random assignment "
        f"(seed {summary.seed}).{_stratification(summary)}{_batches(summary)} Reading lists were "
        "fixed at assignment."
    )
    if len(summary.arms) < 2:
        return f"Single-arm study: every case was read {_adverb(summary.arms[0])}. {assignment}"
    if summary.parallel:
        return f"{_parallel_groups(summary)} {assignment}"
    if summary.sequential:
        return f"{_sequential(summary)} {assignment}"
    return f"{_crossover(summary)} {assignment}"


def _stratification(summary: StudySummary) -> str:
    """Return the sentences on a stratified assignment, "" for any other."""
    if not summary.strata:
        return ""
    factors = "scanner and imaging site"
    if any(stratum.group for stratum in summary.strata):
        factors = "scanner, imaging site and AAC group of the reference standard"
    names = {(stratum.scanner, stratum.site, stratum.group) for stratum in summary.strata}
    largest = max(stratum.most - stratum.fewest for stratum in summary.strata)
    return (
        f" Assignment was stratified by {factors} ({len(names)} "
        f"{'stratum' if len(names) == 1 else 'strata'}): "
        "within a stratum and batch, the numbers of cases per reader differed by at most "
        f"{largest}, and the cases were balanced over the two halves of each reading list."
    )


def _batches(summary: StudySummary) -> str:
    """Return the sentence on the batches, "" where they are unknown."""
    batches = summary.batches
    if not batches:
        return ""
    if len(batches) == 1:
        return f" All cases were assigned in one batch on {batches[0].at:%-d %b %Y}."
    cases = dict.fromkeys(("first", "late", "reassignment"), 0)
    for batch in batches:
        cases[batch.kind] += batch.cases
    parts = [f"{counted(cases['first'], 'case')} in the first"]
    if cases["late"]:
        parts.append(f"{counted(cases['late'], 'case')} that became ready later")
    if cases["reassignment"]:
        parts.append(
            f"{counted(cases['reassignment'], 'case')} reassigned from deactivated readers"
        )
    crossover = len(summary.arms) > 1 and not summary.parallel and not summary.sequential
    return (
        f" The cases were assigned in {len(batches)} batches from {batches[0].at:%-d %b %Y} to "
        f"{batches[-1].at:%-d %b %Y}: {', '.join(parts[:-1])} and {parts[-1]}."
        f"{' Each batch had its own periods.' if crossover else ''}"
    )


def _parallel_groups(summary: StudySummary) -> str:
    return (
        f"Parallel-group study: each reader read in one of {len(summary.arms)} arms "
        f"({_list_arms(summary)}), and each case was read in every arm. Readers were allocated to "
        "the arms at random, balanced within each site, and each read the cases in a separate "
        "random order."
    )


def _sequential(summary: StudySummary) -> str:
    first, second = (_adverb(str(arm)) for arm in arms_in_order(summary.arms))
    start = (
        "The second reading started without grades, because grades follow from the traces."
        if "measured" in second
        else "The second reading started with the grades of the first, so that every difference "
        "between them is a deliberate change by the reader."
    )
    return (
        f"Sequential study: each reader read a case {first}, submitted the grades, and then read "
        f"the same case at once {second}, without a washout. The server froze the first reading "
        f"before it released anything of the second. {start} Cases were read in a new random order "
        "by each reader. Effects of the order of the arms and of period are not estimable, because "
        f"every case was read {first} first; an effect of seeing the image a second time is part "
        "of the difference between the arms. The reading time of the second reading is in addition "
        "to that of the first."
    )


def _crossover(summary: StudySummary) -> str:
    periods = "two periods" if len(summary.arms) == 2 else "successive periods"
    washout = (
        f"a washout period of at least {counted(summary.washout_days, 'day')} between a reader’s "
        f"{periods}, enforced by the server"
        if summary.washout_days
        else f"no washout between a reader’s {periods}"
    )
    sequences = (
        "The starting arm was counterbalanced"
        if len(summary.arms) == 2
        else "The order of the arms followed the sequences of a Williams design (Williams 1949), "
        "counterbalanced"
    )
    return (
        f"Crossover study: the same readers read each case {_list_arms(summary)}. {sequences} "
        "among the readers of each site. Cases were read in a new random order in each period, "
        f"with {washout}."
    )


def _list_arms(summary: StudySummary) -> str:
    """Return how cases were read in the arms: "unguided and guided"."""
    arms = [_adverb(str(arm)) for arm in arms_in_order(summary.arms)]
    # Semicolons, because a name may itself contain "and".
    return " and ".join(arms) if len(arms) == 2 else "; ".join(arms)


def sampling(summary: StudySummary, table: ReadingTable) -> str:
    """Return the paragraph on the cases that were assigned and on repeated readings."""
    repeats = int((table.replicate > 1).sum())
    replicates = (
        f"There {'was' if repeats == 1 else 'were'} {counted(repeats, 'hidden repeat reading')}"
        f"{_plan_of_repeats(summary)}{_distance_of_repeats(summary)}"
        if repeats
        else "There were no hidden repeat readings"
    )
    return f"{_assigned_images(summary)} {replicates}."


def _plan_of_repeats(summary: StudySummary) -> str:
    """Return how many repeats the design asked for, in parentheses; "" where that is unknown."""
    if summary.hidden_repeat_share:
        return (
            f" (planned: {summary.hidden_repeat_share} % of the cases of each reader in each arm, "
            "rounded up)"
        )
    if summary.hidden_repeats:
        return f" (planned: {counted(summary.hidden_repeats, 'case')} per reader and arm)"
    return ""


def _distance_of_repeats(summary: StudySummary) -> str:
    if not summary.repeat_after_readings:
        return ""
    distance = counted(summary.repeat_after_readings, "reading")
    if summary.repeat_after_days:
        distance += f" and {counted(summary.repeat_after_days, 'day')}"
    return f", at least {distance} after the same reader’s first reading of the case"


def _assigned_images(summary: StudySummary) -> str:
    excluded = sum(group.count for group in summary.cases_excluded)
    if not excluded:
        return "All uploaded images were assigned to readers."
    return (
        f"Of {summary.cases_uploaded} uploaded images, {excluded} were not assigned to readers; "
        "the flow diagram gives the reasons."
    )


def _adverb(arm: str) -> str:
    """Return how cases were read in an arm: "guided and measured"."""
    if arm == "guided corrected":
        return "guided with corrected landmarks"
    return arm.replace(" ", " and ")
