"""Which model analyses a study's cases, when it is fixed, and what changes it afterwards."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from studies.audit.models import Event
from studies.errors import Conflict, StudyError
from studies.protocol.amendments import AmendmentDetails
from studies.registry.changes import activate_model
from studies.registry.installed import installed_model
from studies.registry.models import RegisteredModel, StudyModel
from studies.registry.study_models import current_choice, model_of, select_model
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.make import make_case
from tests.registry.weights import add_ready_model, analysed_with, weights

pytestmark = pytest.mark.django_db
AMENDMENT = AmendmentDetails(2, date(2026, 11, 2), "The new model labels L5 better.")


def assign_analysed_with(cast, model):
    """Assign three cases that a model analysed."""
    analysed_with(model, *(make_case(cast.study, cast.site) for _ in range(3)))
    assign_cases(study=cast.study, by=cast.coordinator)


def assign_with_checkpoint(cast):
    """Assign three cases that a checkpoint in the authors' format analysed."""
    checkpoint = RegisteredModel(name="VerteNet", checksum="e" * 64)
    assign_analysed_with(cast, checkpoint)


def test_study_follows_the_active_model_until_cases_are_assigned(cast):
    assert model_of(cast.study) == installed_model()
    first, second = (add_ready_model(cast.coordinator, name) for name in "ab")
    activate_model(model=first, by=cast.coordinator)
    assert model_of(cast.study) == first
    assign_analysed_with(cast, first)
    activate_model(model=second, by=cast.coordinator)
    assert model_of(cast.study) == first
    assert model_of(cast.outside_study) == second


def test_first_assignment_fixes_the_model_and_later_ones_do_not_change_it(cast):
    cast.assign_cases()
    choice = current_choice(cast.study)
    assert (choice.number, choice.kind, choice.model) == (1, "fixed", installed_model())
    assert Event.objects.filter(action="study.model_fixed", study=cast.study.slug).count() == 1
    cast.assign_cases()
    assert StudyModel.objects.filter(study=cast.study).count() == 1


def test_model_is_selected_freely_before_the_first_assignment(cast):
    model = add_ready_model(cast.coordinator, "a")
    select_model(study=cast.study, model=model, by=cast.coordinator)
    assert (model_of(cast.study), current_choice(cast.study).binding) == (model, False)
    assign_analysed_with(cast, model)
    kinds = StudyModel.objects.filter(study=cast.study).values_list("number", "kind", "model")
    assert list(kinds) == [(1, "selected", model.pk), (2, "fixed", model.pk)]


def test_fixed_model_changes_only_with_an_amendment(cast):
    cast.assign_cases()
    model = add_ready_model(cast.coordinator, "a")
    with pytest.raises(Conflict) as refused:
        select_model(study=cast.study, model=model, by=cast.coordinator)
    assert refused.value.code == "amendment_missing"
    choice = select_model(study=cast.study, model=model, by=cast.coordinator, details=AMENDMENT)
    assert (choice.kind, choice.amendment.number, model_of(cast.study)) == ("amended", 2, model)
    assert model.name in choice.amendment.change
    event = Event.objects.get(action="study.amended")
    assert (event.subject, event.actor, event.study) == ("2", cast.coordinator, cast.study.slug)


def test_amendment_needs_a_reason_a_past_date_and_a_new_number(cast):
    cast.assign_cases()
    one, two = (add_ready_model(cast.coordinator, name) for name in "ab")
    tomorrow = timezone.localdate() + timedelta(days=1)
    for details, code in (
        (AmendmentDetails(1, AMENDMENT.dated, "  "), "reason_missing"),
        (AmendmentDetails(1, tomorrow, "new"), "date_in_future"),
    ):
        with pytest.raises(StudyError) as refused:
            select_model(study=cast.study, model=one, by=cast.coordinator, details=details)
        assert refused.value.code == code
    select_model(study=cast.study, model=one, by=cast.coordinator, details=AMENDMENT)
    with pytest.raises(Conflict, match="already recorded"):
        select_model(study=cast.study, model=two, by=cast.coordinator, details=AMENDMENT)
    assert model_of(cast.study) == one


def test_amendments_are_never_changed(cast):
    cast.assign_cases()
    model = add_ready_model(cast.coordinator, "a")
    select_model(study=cast.study, model=model, by=cast.coordinator, details=AMENDMENT)
    for change in ({"reason": "other"}, None):
        with pytest.raises(DatabaseError), transaction.atomic():
            cast.study.amendments.update(
                **change
            ) if change else cast.study.amendments.all().delete()


def test_model_trained_on_the_studys_cases_cannot_be_selected(cast):
    model = add_ready_model(cast.coordinator, "own", cast.study)
    with pytest.raises(Conflict) as refused:
        select_model(study=cast.study, model=model, by=cast.coordinator)
    assert refused.value.code == "own_cases"
    other = select_model(study=cast.outside_study, model=model, by=cast.outsider)
    assert other.model == model


def test_rule_on_own_cases_also_holds_in_the_database(cast):
    model = add_ready_model(cast.coordinator, "own", cast.study)
    with pytest.raises(DatabaseError, match="trained on cases of this study"), transaction.atomic():
        StudyModel.objects.create(study=cast.study, number=1, model=model, kind="selected")


def test_study_skips_an_active_model_that_was_trained_on_its_cases(cast):
    before = add_ready_model(cast.coordinator, "before")
    trained_here = add_ready_model(cast.coordinator, "own", cast.study)
    activate_model(model=trained_here, by=cast.coordinator)
    assert model_of(cast.study) == installed_model()
    activate_model(model=before, by=cast.coordinator)
    activate_model(model=trained_here, by=cast.coordinator)
    assert model_of(cast.study) == before
    assert model_of(cast.outside_study) == trained_here


def test_locked_study_keeps_its_model(cast):
    cast.assign_cases()
    model = add_ready_model(cast.coordinator, "a")
    type(cast.study).objects.update(state="locked", locked_at=timezone.now())
    with pytest.raises(Conflict) as refused:
        select_model(study=cast.study, model=model, by=cast.coordinator, details=AMENDMENT)
    assert refused.value.code == "locked"


def test_checkpoint_in_the_authors_format_is_not_registered(cast, settings, tmp_path):
    settings.WEIGHTS = str(tmp_path / "vertenet.pth")
    assert model_of(cast.study) is None
    assign_with_checkpoint(cast)
    assert current_choice(cast.study) is None


@pytest.mark.parametrize("opened", [False, True])
def test_study_of_a_checkpoint_changes_its_weights_only_with_an_amendment(
    cast, settings, tmp_path, opened
):
    settings.WEIGHTS = str(tmp_path / "vertenet.pth")
    assign_with_checkpoint(cast)
    if opened:
        open_study(study=cast.study, by=cast.coordinator)
    other = add_ready_model(cast.coordinator, "other")
    activate_model(model=other, by=cast.coordinator)
    assert (model_of(cast.study), model_of(cast.outside_study)) == (None, other)
    settings.WEIGHTS = ""
    assert model_of(cast.study) is None
    with pytest.raises(Conflict) as refused:
        select_model(study=cast.study, model=other, by=cast.coordinator)
    assert refused.value.code == "amendment_missing"
    choice = select_model(study=cast.study, model=other, by=cast.coordinator, details=AMENDMENT)
    assert (choice.kind, model_of(cast.study)) == ("amended", other)


def test_later_batch_of_a_study_of_a_checkpoint_does_not_fix_the_active_model(
    cast, settings, tmp_path
):
    settings.WEIGHTS = str(tmp_path / "vertenet.pth")
    assign_with_checkpoint(cast)
    activate_model(model=add_ready_model(cast.coordinator, "other"), by=cast.coordinator)
    assign_with_checkpoint(cast)
    assert current_choice(cast.study) is None


@pytest.mark.parametrize("opened", [False, True])
def test_study_assigned_by_an_earlier_version_keeps_the_model_of_its_cases(cast, opened):
    make_case(cast.study, cast.site)
    assign_cases(study=cast.study, by=cast.coordinator)
    if opened:
        open_study(study=cast.study, by=cast.coordinator)
    StudyModel.objects.all().delete()
    other = add_ready_model(cast.coordinator, "other")
    activate_model(model=other, by=cast.coordinator)
    assert model_of(cast.study) == installed_model()
    with pytest.raises(Conflict) as refused:
        select_model(study=cast.study, model=other, by=cast.coordinator)
    assert refused.value.code == "amendment_missing"


def test_installed_model_that_was_trained_on_the_studys_cases_is_not_used(cast, settings, tmp_path):
    path = tmp_path / "own.safetensors"
    path.write_bytes(weights("own"))
    trained_here = add_ready_model(cast.coordinator, "own", cast.study)
    settings.WEIGHTS = str(path)
    assert (model_of(cast.study), model_of(cast.outside_study)) == (None, trained_here)
    case = make_case(cast.study, cast.site)
    analysed_with(trained_here, case)
    with pytest.raises(Conflict) as refused:
        assign_cases(study=cast.study, by=cast.coordinator)
    assert refused.value.code == "own_cases"
    assert "Select another model on the page Models" in refused.value.message
    usable = add_ready_model(cast.coordinator, "usable")
    select_model(study=cast.study, model=usable, by=cast.coordinator)
    analysed_with(usable, case)
    assign_cases(study=cast.study, by=cast.coordinator)
    assert current_choice(cast.study).model == usable


def test_web_process_without_the_weights_uses_what_a_worker_registered(cast, settings, tmp_path):
    registered = installed_model()
    settings.WEIGHTS = str(tmp_path / "elsewhere.safetensors")
    assert installed_model() == registered
