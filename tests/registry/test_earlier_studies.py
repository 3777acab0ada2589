"""The migration that fixes the models of studies that an earlier version assigned."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from studies.audit.models import Event
from studies.fine_tuning.models import FineTuningCase, FineTuningRun
from studies.registry.changes import activate_model
from studies.registry.installed import installed_model
from studies.registry.models import RegisteredModel, StudyModel, TrainedImage
from studies.registry.study_models import current_choice
from studies.sessions.study_lifecycle import assign_cases
from tests.make import make_case
from tests.registry.weights import add_ready_model, analysed_with

pytestmark = pytest.mark.django_db
MIGRATION = import_module("studies.registry.migrations.0003_models_of_earlier_studies")


def assign_without_model(cast, checksum):
    """Assign a case that certain weights analysed, as before models were fixed."""
    case = make_case(cast.study, cast.site)
    analysed_with(RegisteredModel(name="earlier", checksum=checksum), case)
    assign_cases(study=cast.study, by=cast.coordinator, other_weights=True)
    StudyModel.objects.all().delete()


def test_assigned_study_gets_the_model_that_analysed_most_of_its_cases(cast):
    one, other = (add_ready_model(cast.coordinator, name) for name in ("one", "other"))
    assign_without_model(cast, other.checksum)
    activate_model(model=one, by=cast.coordinator)
    MIGRATION.fix_models(apps, None)
    choice = current_choice(cast.study)
    assert (choice.model, choice.kind, choice.by) == (other, "fixed", None)
    event = Event.objects.filter(action="study.model_fixed").first()
    assert (event.study, event.data["checksum"]) == (cast.study.slug, other.checksum)
    assert current_choice(cast.outside_study) is None


def test_assigned_study_of_unknown_weights_gets_the_current_model(cast):
    assign_without_model(cast, "e" * 64)
    installed = installed_model()
    MIGRATION.fix_models(apps, None)
    assert current_choice(cast.study).model == installed


def test_assigned_study_of_a_checkpoint_keeps_it(cast, settings, tmp_path):
    add_ready_model(cast.coordinator, "one")
    settings.WEIGHTS = str(tmp_path / "vertenet.pth")
    assign_without_model(cast, "e" * 64)
    MIGRATION.fix_models(apps, None)
    assert current_choice(cast.study) is None


def test_images_of_earlier_fine_tuning_count_as_trained_on_also_for_models_that_followed(cast):
    case = make_case(cast.study, cast.site)
    tuned = add_ready_model(cast.coordinator, "tuned")
    run = FineTuningRun.objects.create(
        name="tuned",
        by=cast.coordinator,
        start=installed_model(),
        result=tuned,
        consent="approved",
    )
    FineTuningCase.objects.create(run=run, case=case, landmark_set=case.landmark_set)
    child = add_ready_model(cast.coordinator, "child")
    RegisteredModel.objects.filter(pk=child.pk).update(parent=tuned)
    MIGRATION.store_trained_images(apps, None)
    rows = set(TrainedImage.objects.values_list("model", "pixel_hash"))
    assert rows == {(model.pk, case.image.pixel_hash) for model in (tuned, child)}
