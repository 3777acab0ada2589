"""Versions of the reference standard: create one from a finished round, find the current one."""

from __future__ import annotations

from django.db import transaction

from studies.analytics.scale import CELLS, MISSING
from studies.analytics.study.disagreements.selection import agreed_grades
from studies.audit.record import record
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.review.adjudication.rounds import current_round, submitted_readings
from studies.review.models import AdjudicationRound, ReferenceVersion


def current_version(study: Study) -> ReferenceVersion | None:
    """Return the latest version made from the readings of the present lock; None without one.

    A version from before a reopening describes readings that may have changed since.
    """
    if not study.locked or study.locked_at is None:
        return None
    versions = ReferenceVersion.objects.filter(study=study, round__locked_at=study.locked_at)
    # The grades are large; most callers need the number alone.
    return versions.select_related("round").defer("grades").order_by("-number").first()


@transaction.atomic
def create_version(*, study: Study, by: Membership) -> ReferenceVersion:
    """Create the next version of the reference standard from the adjudicated cases.

    Cases that no rule selected have the lower median of their readers' grades. Raises Conflict
    unless every selected case has been submitted.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    round_ = current_round(study)
    if round_ is None:
        raise Conflict("no_round", "No case has been adjudicated. Start the adjudication first.")
    waiting = round_.adjudications.filter(submitted_at=None).count()
    if waiting:
        cases = "case is" if waiting == 1 else "cases are"
        raise Conflict(
            "adjudicating", f"{waiting} {cases} still being adjudicated. Wait until all are done."
        )
    if round_.versions.exists():
        raise Conflict(
            "version_exists", "This adjudication already has a version of the reference standard."
        )
    grades, counts = _grades(study, round_)
    adjudicated = round_.adjudications.order_by().values_list("adjudicator__label", flat=True)
    version = ReferenceVersion(
        study=study,
        number=ReferenceVersion.objects.filter(study=study).count() + 1,
        round=round_,
        grades=grades,
        adjudicators=sorted(set(adjudicated)),
        created_by=by,
        **counts,
    )
    version.full_clean()
    version.save()
    record(
        "reference.version_created",
        actor=by.user,
        study=study,
        subject=version.number,
        **counts,
    )
    return version


def _grades(
    study: Study, round_: AdjudicationRound
) -> tuple[dict[str, dict[str, int | None]], dict[str, int]]:
    """Return the grades by case label and cell, and how many cases have which origin."""
    grades: dict[str, dict[str, int | None]] = {}
    for adjudication in round_.adjudications.select_related("case"):
        scores = adjudication.scores
        grades[adjudication.case.label] = {cell: scores[cell]["score"] for cell in CELLS}
    adjudicated, equal, by_median = len(grades), 0, 0
    for case, (values, same) in agreed_grades(submitted_readings(study), round_.arm).items():
        if case in grades:
            continue
        grades[case] = {
            cell: None if value == MISSING else value
            for cell, value in zip(CELLS, values, strict=True)
        }
        equal, by_median = equal + same, by_median + (not same)
    counts = {"cases_adjudicated": adjudicated, "cases_equal": equal, "cases_by_median": by_median}
    return grades, counts
