"""The network's analysis of a case: begin, store its landmarks, or store why it failed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import transaction

from inference.results import Analysis
from studies.audit.record import record
from studies.cases.landmarks.usefulness import expected_gain
from studies.cases.landmarks.versions import add_version, measurements_of, store_spacing
from studies.cases.models import Case, Image, LandmarkSet
from studies.errors import Conflict
from studies.jobs.claims import ClaimLost, claim, lock_claim
from studies.protocol.models import Study
from studies.protocol.study_lock import lock_study_row
from studies.registry.models import RegisteredModel
from studies.registry.study_models import analysis_model, checksum_of_assigned_cases
from studies.registry.usability import trained_on_image


class ModelChanged(Exception):
    """The study got another model during the analysis, which has to be repeated with that one."""


def begin_analysis(*, case_id: Any) -> Case | None:
    """Claim a case for its analysis; return None when it no longer waits for one."""
    return claim(Case.objects.all(), case_id)


def model_for(case: Case, image: Image) -> RegisteredModel | None:
    """Return the model that analyses a case; None for the worker's installed weights.

    Raises
    ------
    Conflict
        The study may use no model, or its model was trained on this image, which was uploaded
        after the model was fixed or selected.
    """
    model = analysis_model(case.study)
    if model is not None and not case.practice and trained_on_image(model, image.pixel_hash):
        raise Conflict(
            "own_cases",
            f"The model of this study, {model.name} ({model.short_checksum}), was trained on this "
            "image and would perform better on it than on new images. Exclude the case, or select "
            "another model for the study and run the analysis again.",
        )
    return model


@transaction.atomic
def store_analysis(*, case: Case, analysis: Analysis) -> LandmarkSet:
    """Store the network's landmarks as a new version.

    A spine whose view is uncertain goes to the review queue, unless a person released it.

    Raises
    ------
    ClaimLost
        The case was decided or claimed by another worker in the meantime.
    ModelChanged
        The study has another model since.
    Conflict
        The study's weights are no longer installed.
    """
    # The share lock keeps the model from being changed until the landmarks are committed.
    study = lock_study_row(case.study_id)
    case = lock_claim(case, "study")
    _check_weights(study, analysis)
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


def _check_weights(study: Study, analysis: Analysis) -> None:
    """Check that the weights of an analysis are those of the study."""
    model = analysis_model(study)
    if model is not None:
        if model.checksum != analysis.model.checksum:
            raise ModelChanged
        return
    # The installed weights of the worker, which cannot be registered: they must not have changed.
    expected = checksum_of_assigned_cases(study)
    if expected and expected != analysis.model.checksum:
        raise Conflict(
            "weights_not_installed",
            f"The assigned cases of this study were analysed with weights (SHA-256 "
            f"{expected[:12]}) that are no longer installed. Ask an administrator to install them "
            "again, or select another model on the page Models, which requires a protocol "
            "amendment. Then run the analysis again.",
        )


@transaction.atomic
def fail_analysis(*, case: Case, reason: str) -> None:
    """Store why the claimed analysis failed; a case decided in the meantime is not changed."""
    with suppress(ClaimLost):
        case = lock_claim(case, "study")
        case.state = Case.State.FAILED
        case.reason_code, case.reason_text = "analysis_failed", reason
        case.save()
        record("case.failed", study=case.study, subject=case.label)
