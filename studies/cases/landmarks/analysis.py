"""The network's analysis of a case: begin, store its landmarks, or store why it failed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import transaction

from inference.results import Analysis
from studies.audit.record import record
from studies.cases.landmarks.usefulness import expected_gain
from studies.cases.landmarks.versions import add_version, measurements_of, store_spacing
from studies.cases.models import Case, LandmarkSet
from studies.jobs.claims import ClaimLost, claim, lock_claim


def begin_analysis(*, case_id: Any) -> Case | None:
    """Claim a case for its analysis; return None when it no longer waits for one."""
    return claim(Case.objects.all(), case_id)


@transaction.atomic
def store_analysis(*, case: Case, analysis: Analysis) -> LandmarkSet:
    """Store the network's landmarks as a new version.

    A spine whose view is uncertain goes to the review queue, unless a person released it.

    Raises
    ------
    ClaimLost
        The case was decided or claimed by another worker in the meantime.
    """
    case = lock_claim(case, "study")
    results = analysis.to_dict()
    store_spacing(case, analysis.spacing_mm, analysis.spacing_source)
    landmark_set = add_version(
        case,
        source=LandmarkSet.Source.MODEL,
        model_name=analysis.model.name,
        model_checksum=analysis.model.checksum,
        model_note=analysis.model.training_note,
        anterior=analysis.prediction.anterior,
        **measurements_of(results),
        landmarks=results["landmarks"],
        bodies=[body.to_dict() for body in analysis.prediction.bodies],
        level_uncertainty=results["level_doubt"],
        level_names=results["names"],
        expected_gain=expected_gain(analysis.prediction),
    )
    view_uncertainty = analysis.prediction.view_uncertainty
    # A person who released the image has seen it: the network's uncertainty does not outweigh that.
    if view_uncertainty is not None and not case.released:
        case.state = Case.State.PENDING_REVIEW
        case.reason_code, case.reason_text = "view_uncertain", view_uncertainty.detail
    else:
        case.state = Case.State.READY
        case.reason_code = case.reason_text = ""
    case.save()
    record("case.analysed", study=case.study, subject=case.label, version=landmark_set.version)
    return landmark_set


@transaction.atomic
def fail_analysis(*, case: Case, reason: str) -> None:
    """Store why the claimed analysis failed; a case decided in the meantime is not changed."""
    with suppress(ClaimLost):
        case = lock_claim(case, "study")
        case.state = Case.State.FAILED
        case.reason_code, case.reason_text = "analysis_failed", reason
        case.save()
        record("case.failed", study=case.study, subject=case.label)
