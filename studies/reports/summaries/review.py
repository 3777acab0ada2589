"""Summarise what happened after the first lock: reopenings, and the adjudicated standard."""

from __future__ import annotations

from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.reports.document.summary.conduct import ReferenceSummary, StudyReopeningSummary
from studies.review.adjudication.versions import current_version
from studies.review.models import AdjudicationRound
from studies.review.reopening.actions import confirmed_reopenings


def summarise_study_reopenings(study: Study) -> tuple[StudyReopeningSummary, ...]:
    """Return the confirmed reopenings of the study, oldest first."""
    return tuple(
        StudyReopeningSummary(
            at=row.confirmed_at,
            requested_by=_person(row.requested_by),
            requested_at=row.requested_at,
            confirmed_by=_person(row.confirmed_by),
            locked_at=row.locked_at,
            reason=row.reason,
        )
        for row in confirmed_reopenings(study)
        # Both by a database constraint.
        if row.confirmed_at is not None and row.confirmed_by is not None
    )


def summarise_reference(study: Study) -> ReferenceSummary | None:
    """Return the current version of the adjudicated reference standard; None without one."""
    version = current_version(study)
    if version is None:
        return None
    return ReferenceSummary(
        version=version.number,
        created_at=version.created_at,
        adjudicators=tuple(version.adjudicators),
        arm=version.round.arm,
        rules=tuple(describe_rules(version.round)),
        shows_scores=version.round.shows_scores,
        cases_adjudicated=version.cases_adjudicated,
        cases_equal=version.cases_equal,
        cases_by_median=version.cases_by_median,
    )


def describe_rules(round_: AdjudicationRound) -> list[str]:
    """Return the rules of a round in words."""
    rules = []
    if round_.group_differs:
        rules.append("the AAC group differed")
    if (points := round_.total_differs_by) is not None:
        rules.append(f"the AAC-24 total differed by at least {points}")
    if (grades := round_.cell_differs_by) is not None:
        rules.append(f"a cell differed by at least {grades}")
    if round_.readability_differs:
        rules.append("a cell was readable for one reader only")
    return rules


def _person(member: Membership) -> str:
    return f"{member.label} ({member.get_role_display().lower()})"
