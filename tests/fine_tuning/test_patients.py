"""Patients whom the initial weights were trained on are not held out."""

from __future__ import annotations

from typing import Any

import pytest

from studies.cases.models import Case, Image
from studies.cases.review import reject_case
from studies.errors import Conflict
from studies.fine_tuning.patients import find_patients
from tests.fine_tuning.corrected_cases import make_corrected_cases
from tests.fine_tuning.requests import ask, claimed, finish, parts_of
from tests.make import make_site, make_study
from tests.registry.weights import add_ready_model, weights

pytestmark = pytest.mark.django_db


def code(case: Case) -> str:
    return f"{case.study.slug}/{case.patient.label}"


def share_image(one: Case, other: Case) -> None:
    Image.objects.filter(case=other).update(pixel_hash=one.image.pixel_hash)
    other.image.refresh_from_db()


@pytest.fixture
def other_study(cast: Any) -> Any:
    return make_study(cast.coordinator, name="Second trial")


def test_patients_of_two_studies_who_share_an_image_are_one(cast, run, other_study):
    first = make_corrected_cases(cast.study, cast.site, 2)
    second = make_corrected_cases(other_study, make_site(other_study), 2)
    share_image(first[1], second[0])
    patients = find_patients([*first, *second], run.start)
    assert patients.of_case[first[1].pk] == patients.of_case[second[0].pk]
    assert len(patients.codes) == 3


def test_shared_images_count_once_towards_the_patients_that_a_run_needs(cast, other_study):
    first = make_corrected_cases(cast.study, cast.site, 3)
    second = make_corrected_cases(other_study, make_site(other_study), 3)
    for one, other in zip(first, second, strict=True):
        share_image(one, other)
    with pytest.raises(Conflict, match="there are 3"):
        ask(cast, studies=[cast.study, other_study])


def test_only_patients_that_the_weights_were_tested_on_can_be_held_out_again(cast, run):
    parts = parts_of(run)
    model = finish(claimed(run))
    tested = [pk for pk, part in parts.items() if part == "test"]
    cases = list(Case.objects.filter(study=cast.study).select_related("patient", "image", "study"))
    patients = find_patients(cases, model)
    assert patients.unseen == {code(case) for case in cases if case.pk in tested}
    assert not find_patients(cases, run.start).trained_before


def test_weights_further_back_count_as_well(cast, run, other_study):
    """Fine-tuned on this study, then on another: the first training is not forgotten."""
    cases = list(Case.objects.filter(study=cast.study).select_related("patient", "image", "study"))
    first = finish(claimed(run))
    make_corrected_cases(other_study, make_site(other_study), 4)
    second_run = ask(cast, studies=[other_study], start=first)
    second = finish(claimed(second_run), weights=weights("tuned twice"))
    assert len(find_patients(cases, second).trained_before) == 4


def test_same_image_under_another_pseudonym_counts_as_trained_on(cast, run, other_study):
    model = finish(claimed(run))
    trained = run.run_cases.filter(part="training").first().case
    others = make_corrected_cases(other_study, make_site(other_study), 5)
    share_image(trained, others[2])
    patients = find_patients(others, model)
    assert patients.trained_before == {code(others[2])}


def test_image_of_a_rejected_case_still_counts_as_trained_on(cast, run, other_study):
    model = finish(claimed(run))
    trained = run.run_cases.filter(part="training").first().case
    others = make_corrected_cases(other_study, make_site(other_study), 5)
    share_image(trained, others[2])
    reject_case(case=trained, actor=cast.coordinator, reason="shows a name")
    assert find_patients(others, model).trained_before == {code(others[2])}


def test_all_patients_of_the_studies_of_uploaded_weights_count(cast, other_study):
    uploaded = add_ready_model(cast.coordinator, "elsewhere", cast.study)
    cases = make_corrected_cases(cast.study, cast.site, 6)
    others = make_corrected_cases(other_study, make_site(other_study), 4)
    patients = find_patients([*cases, *others], uploaded)
    assert patients.unseen == {code(case) for case in others}


def test_run_is_refused_if_the_weights_were_trained_on_nearly_all_patients(cast, run):
    model = finish(claimed(run))
    make_corrected_cases(cast.study, cast.site, 2)
    with pytest.raises(Conflict) as refused:
        ask(cast, start=model)
    assert refused.value.code == "trained_before"
    assert "already trained on 4 of these 7 patients" in refused.value.message
    make_corrected_cases(cast.study, cast.site, 1)
    assert ask(cast, start=model).run_cases.count() == 8
