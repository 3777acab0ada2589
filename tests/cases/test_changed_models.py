"""A case gets the landmarks of the study's present model, whatever changes during its analysis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.audit.models import Event
from studies.cases import tasks
from studies.cases.models import Case, Image
from studies.protocol.amendments import AmendmentDetails
from studies.registry.changes import activate_model
from studies.registry.installed import installed_model
from studies.registry.models import RegisteredModel, StudyModel, TrainedImage
from studies.registry.study_models import select_model
from studies.sessions.study_lifecycle import assign_cases
from tests.cases.test_tasks import MODEL, analysis
from tests.make import make_case
from tests.registry.weights import add_ready_model, analysed_with

pytestmark = pytest.mark.django_db
UNREGISTERED = MODEL


@pytest.fixture
def case(cast) -> Case:
    """A late case that waits for its analysis, after the first assignment."""
    cast.assign_cases()
    case = make_case(cast.study, cast.site, state="received")
    Case.objects.filter(pk=case.pk).update(landmark_set=None)
    return case


@pytest.fixture
def during_analysis(monkeypatch) -> Callable[[Callable[[int], object]], list[Any]]:
    """Return a function that sets what happens during each analysis; it returns the models used."""

    def set_up(happens: Callable[[int], object]) -> list[Any]:
        models: list[Any] = []

        def analyze(image: Any, model: RegisteredModel | None) -> Any:
            models.append(model)
            happens(len(models))
            used = UNREGISTERED
            if model is not None:
                used = replace(MODEL, name=model.name, checksum=model.checksum)
            return replace(analysis(), model=used)

        monkeypatch.setattr(tasks.PREDICTORS, "get", lambda model: model)
        monkeypatch.setattr(tasks, "decode_stored_image", lambda image: image)
        monkeypatch.setattr(tasks, "analyze", analyze)
        return models

    return set_up


def amend(cast, number: int) -> RegisteredModel:
    model = add_ready_model(cast.coordinator, f"model {number}")
    details = AmendmentDetails(number, date(2026, 11, 1), "better")
    select_model(study=cast.study, model=model, by=cast.coordinator, details=details)
    return model


def test_case_is_analysed_again_when_the_model_changes_meanwhile(cast, case, during_analysis):
    new: list[RegisteredModel] = []
    used = during_analysis(lambda number: new.append(amend(cast, 1)) if number == 1 else None)
    tasks.locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    assert used == [installed_model(), *new]
    assert (case.state, case.attempts) == ("ready", 1)
    assert case.landmark_set.model_checksum == new[0].checksum
    assert not Event.objects.filter(action="case.failed").exists()


def test_analyses_of_a_model_that_keeps_changing_come_to_an_end(cast, case, during_analysis):
    used = during_analysis(lambda number: amend(cast, number))
    tasks.locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    assert (len(used), case.state) == (tasks.MAX_ANALYSES, "failed")
    assert "Run it again" in case.reason_text


def test_image_that_the_fixed_model_was_trained_on_is_not_analysed_with_it(
    cast, case, during_analysis, client_of
):
    used = during_analysis(lambda number: None)
    TrainedImage.objects.create(model=installed_model(), pixel_hash="a" * 64)
    Image.objects.filter(case=case).update(pixel_hash="a" * 64)
    tasks.locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    assert (case.state, case.landmark_set, used) == ("failed", None, [])
    assert "was trained on this image" in case.reason_text
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/models").content.decode()
    assert "trained on images that were uploaded to this study as well" in page
    assert case.label in page
    model = amend(cast, 1)
    client_of(cast.coordinator).post(f"/api/v1/cases/{case.pk}/analyse")
    tasks.locate_landmarks_task(str(case.pk))
    assert used == [model]


def test_late_case_is_not_analysed_with_other_installed_weights_than_the_first_batch(
    cast, during_analysis, settings, tmp_path
):
    settings.WEIGHTS = str(tmp_path / "vertenet.pth")
    first, late = (make_case(cast.study, cast.site) for _ in range(2))
    analysed_with(RegisteredModel(name="VerteNet", checksum="e" * 64), first)
    Case.objects.filter(pk=late.pk).update(state="received", landmark_set=None)
    assign_cases(study=cast.study, by=cast.coordinator)
    assert not StudyModel.objects.exists()
    activate_model(model=add_ready_model(cast.coordinator, "other"), by=cast.coordinator)
    used = during_analysis(lambda number: None)
    tasks.locate_landmarks_task(str(late.pk))
    late.refresh_from_db()
    assert (used, late.state) == ([None], "failed")
    assert "eeeeeeeeeeee) that are no longer installed" in late.reason_text


def test_study_that_may_use_no_model_says_so_instead_of_analysing(
    cast, during_analysis, settings, tmp_path
):
    trained_here = add_ready_model(cast.coordinator, "own", cast.study)
    path = tmp_path / "own.safetensors"
    path.write_bytes(trained_here.file.read())
    settings.WEIGHTS = str(path)
    case = make_case(cast.study, cast.site)
    Case.objects.filter(pk=case.pk).update(state="received", landmark_set=None)
    used = during_analysis(lambda number: None)
    tasks.locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    assert (case.state, used) == ("failed", [])
    assert "was trained on cases of this study" in case.reason_text


def test_model_cannot_change_between_the_comparison_and_the_commit(case, during_analysis):
    """The study is share-locked, which an amendment waits for, and before the case."""
    during_analysis(lambda number: None)
    with CaptureQueriesContext(connection) as captured:
        tasks.locate_landmarks_task(str(case.pk))
    statements = [query["sql"] for query in captured.captured_queries]
    study = next(n for n, sql in enumerate(statements) if sql.endswith("FOR SHARE"))
    locked_case = next(n for n, sql in enumerate(statements) if "FOR UPDATE" in sql)
    compared = max(n for n, sql in enumerate(statements) if 'FROM "registry_studymodel"' in sql)
    assert study < locked_case < compared
