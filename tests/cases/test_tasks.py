"""The analysis of a case as a task: its states, and what goes wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import OperationalError

from inference.image import read_image
from inference.measurements import measure
from inference.results import (
    Analysis,
    Landmarks,
    LevelPosterior,
    ModelInfo,
    Prediction,
    Uncertainty,
)
from studies.cases import tasks
from studies.cases.models import Case, LandmarkSet
from studies.cases.queueing import LOCATE_LANDMARKS
from studies.cases.review import release_case, request_analysis
from studies.cases.upload.ingest import ingest_file
from studies.celery import app
from studies.jobs.claims import MAX_ATTEMPTS, ClaimLost
from studies.monitoring.heartbeat import Heartbeat, latest_heartbeats
from studies.storage.files import StorageUnavailable
from tests.make import CHECKSUM, dicom_bytes, landmarks_at

pytestmark = pytest.mark.django_db
MODEL = ModelInfo("small", CHECKSUM, "trained on synthetic images", True)


def analysis(**fields: Any) -> Analysis:
    image = read_image(dicom_bytes())
    landmarks = Landmarks.from_dict(landmarks_at())
    prediction = replace(
        Prediction(landmarks, "right", 0.9, bodies=tuple(landmarks.bodies.values())), **fields
    )
    return Analysis(
        file="x",
        width=80,
        height=128,
        spacing_mm=(2.5, 2.5),
        spacing_source="PixelSpacing",
        scaling=image.scaling,
        model=MODEL,
        prediction=prediction,
        measurements=measure(image, landmarks, "right"),
    )


@pytest.fixture
def case(cast) -> Case:
    upload = ingest_file(
        study=cast.study, site=cast.site, data=dicom_bytes(), name="a", uploader=cast.coordinator
    )
    return upload.case


@pytest.fixture
def network(monkeypatch):
    """Answers in place of the network: the task's own steps are what is tested here."""

    def answer(result: Any) -> None:
        def analyze(*args: Any) -> Any:
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(tasks.PREDICTORS, "get", lambda model: None)
        monkeypatch.setattr(tasks, "analyze", analyze)

    return answer


def test_analysed_case_is_ready_with_its_first_landmark_set(case, network):
    network(analysis())
    tasks.locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    assert (case.state, case.anterior, case.landmark_set.version) == ("ready", "right", 1)
    assert case.landmark_set.model_checksum == MODEL.checksum
    assert len(case.landmark_set.guides) == 13


def test_task_run_twice_changes_nothing(case, network):
    network(analysis())
    tasks.locate_landmarks_task(str(case.pk))
    tasks.locate_landmarks_task(str(case.pk))
    assert LandmarkSet.objects.count() == 1


def test_uncertain_view_awaits_review_and_is_ready_once_released(case, network, cast):
    network(
        analysis(view_uncertainty=Uncertainty("few_bodies", "only two vertebral bodies were found"))
    )
    tasks.locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    assert (case.state, case.reason_text) == (
        "pending_review",
        "only two vertebral bodies were found",
    )
    assert release_case(case=case, actor=cast.coordinator).state == "ready"


def test_probabilities_of_the_level_labels_and_warnings_reach_the_case(
    case, network, cast, client_of
):
    weak = Landmarks.from_dict({**landmarks_at(), "L5": None})
    result = analysis(landmarks=weak, names=LevelPosterior({0: 0.97, 1: 0.02}, 0.01))
    network(replace(result, measurements=measure(read_image(dicom_bytes()), weak, "right")))
    tasks.locate_landmarks_task(str(case.pk))
    shown = client_of(cast.coordinator).get(f"/api/v1/cases/{case.pk}").json()["landmark_set"]
    assert shown["names"]["probability"] == 0.97
    assert shown["names"]["runner_up"] == {"shift": 1, "probability": 0.02}
    assert "l5_not_visible" in [warning["code"] for warning in shown["warnings"]]
    assert shown["level_uncertainty"] is None


def test_uncertain_level_labelling_keeps_a_ready_case_from_being_assigned(case, network):
    network(
        analysis(level_uncertainty=Uncertainty("gap", "gap of 1.9 body heights between L2 and L3"))
    )
    tasks.locate_landmarks_task(str(case.pk))
    assert Case.objects.with_uncertain_levels().get() == case


def test_failed_analysis_says_so_and_can_be_asked_for_again(case, network, cast, client_of):
    network(RuntimeError("out of memory"))
    tasks.locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    assert case.state == "failed"
    assert "worker's log" in case.reason_text
    answer = client_of(cast.coordinator).post(f"/api/v1/cases/{case.pk}/analyse")
    assert answer.json()["state"] == "received"


def test_case_that_was_excluded_during_its_analysis_stays_excluded(case, network, cast):
    from studies.cases.landmarks.analysis import begin_analysis, store_analysis
    from studies.cases.review import exclude_case

    begun = begin_analysis(case_id=case.pk)
    exclude_case(case=case, actor=cast.coordinator, reason="wrong patient")
    with pytest.raises(ClaimLost):
        store_analysis(case=begun, analysis=analysis())
    case.refresh_from_db()
    assert case.state == "excluded"


def test_task_is_registered_under_the_name_that_the_web_process_sends():
    assert app.tasks[LOCATE_LANDMARKS] == tasks.locate_landmarks_task


def test_heartbeat_names_why_the_weights_cannot_be_used(settings, tmp_path):
    tasks.model_problem.cache_clear()
    tasks.publish_worker_heartbeat()
    assert latest_heartbeats(["analyses"]) == {"analyses": Heartbeat(model_problem="")}
    settings.WEIGHTS = tmp_path / "gone.safetensors"
    tasks.model_problem.cache_clear()
    try:
        tasks.publish_worker_heartbeat()
    finally:
        tasks.model_problem.cache_clear()
    assert latest_heartbeats(["analyses"])["analyses"].model_problem == "CheckpointError"


def test_storage_that_is_away_is_tried_again_and_fails_the_case_at_last(case, network, monkeypatch):
    network(analysis())
    monkeypatch.setattr(tasks, "decode_stored_image", Mock(side_effect=StorageUnavailable("away")))
    states = []
    for _ in range(MAX_ATTEMPTS):
        tasks.locate_landmarks_task(str(case.pk))
        case.refresh_from_db()
        states.append(case.state)
    assert states == ["received"] * (MAX_ATTEMPTS - 1) + ["failed"]
    assert case.reason_text == "The stored image could not be read. Run the analysis again."


def test_database_that_is_away_for_a_moment_costs_an_attempt(case, network, monkeypatch):
    network(analysis())
    with monkeypatch.context() as away:
        away.setattr(tasks, "store_analysis", Mock(side_effect=OperationalError("gone")))
        tasks.locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    assert (case.state, case.attempts) == ("received", 1)
    tasks.locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    assert (case.state, case.attempts) == ("ready", 2)


def test_case_that_was_asked_for_again_has_all_its_attempts(case, cast):
    Case.objects.filter(pk=case.pk).update(
        state="failed", reason_text="broken off", attempts=MAX_ATTEMPTS
    )
    again = request_analysis(case=case, actor=cast.coordinator)
    assert (again.attempts, again.last_attempt) == (MAX_ATTEMPTS, 2 * MAX_ATTEMPTS)
