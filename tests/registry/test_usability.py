"""A study does not use a model that was trained on images that are also in this study."""

from __future__ import annotations

import pytest

from studies.cases.models import Case, Image
from studies.cases.review import exclude_case
from studies.errors import Conflict
from studies.registry.changes import activate_model, add_model
from studies.registry.installed import installed_model
from studies.registry.models import TrainedImage
from studies.registry.study_models import current_choice, model_of, select_model
from studies.sessions.study_lifecycle import assign_cases
from tests.make import make_case
from tests.registry.weights import add_ready_model, analysed_with, weights

pytestmark = pytest.mark.django_db


@pytest.fixture
def tuned(cast):
    """A model that was trained on one image of another study."""
    model = add_ready_model(cast.coordinator, "tuned", cast.outside_study)
    TrainedImage.objects.create(model=model, pixel_hash="a" * 64)
    return model


def upload_same_image(cast) -> Case:
    """A case with the pixels that the model was trained on."""
    case = make_case(cast.study, cast.site)
    Image.objects.filter(case=case).update(pixel_hash="a" * 64)
    return case


def test_model_trained_on_an_image_of_the_study_cannot_be_selected(cast, tuned):
    case = upload_same_image(cast)
    with pytest.raises(Conflict) as refused:
        select_model(study=cast.study, model=tuned, by=cast.coordinator)
    assert refused.value.code == "own_cases"
    assert f"also in this study ({case.label})" in refused.value.message
    exclude_case(case=case, actor=cast.coordinator, reason="used for training")
    assert select_model(study=cast.study, model=tuned, by=cast.coordinator).model == tuned


def test_study_with_such_an_image_skips_the_active_model(cast, tuned):
    activate_model(model=tuned, by=cast.coordinator)
    assert model_of(cast.study) == tuned
    upload_same_image(cast)
    assert model_of(cast.study) == installed_model()


def test_model_that_analysed_all_cases_is_not_fixed_if_it_was_trained_on_one(cast, tuned):
    cases = [make_case(cast.study, cast.site), upload_same_image(cast)]
    analysed_with(tuned, *cases)
    with pytest.raises(Conflict) as refused:
        assign_cases(study=cast.study, by=cast.coordinator)
    assert refused.value.code == "other_weights"
    assert current_choice(cast.study) is None


def test_selected_model_is_not_fixed_once_such_an_image_was_uploaded(cast, tuned):
    select_model(study=cast.study, model=tuned, by=cast.coordinator)
    analysed_with(tuned, upload_same_image(cast))
    with pytest.raises(Conflict) as refused:
        assign_cases(study=cast.study, by=cast.coordinator)
    assert refused.value.code == "own_cases"


def test_models_that_started_from_such_weights_are_excluded_as_well(cast, tuned):
    upload_same_image(cast)
    data = weights("child", start={"sha256": tuned.checksum})
    child = add_model(by=cast.coordinator, name="child", data=data)
    assert list(child.trained_images.values_list("pixel_hash", flat=True)) == ["a" * 64]


def test_list_of_models_of_the_study_leaves_it_out(cast, tuned, client_of):
    client, slug = client_of(cast.coordinator), cast.study.slug
    assert "tuned" in client.get("/api/v1/models", {"study": slug}).content.decode()
    upload_same_image(cast)
    assert "tuned" not in client.get("/api/v1/models", {"study": slug}).content.decode()


def test_coordinator_of_a_site_does_not_see_the_cases_of_other_sites(cast, tuned, client_of):
    select_model(study=cast.study, model=tuned, by=cast.coordinator)
    case = make_case(cast.study, cast.other_site)
    Image.objects.filter(case=case).update(pixel_hash="a" * 64)
    address, text = f"/studies/{cast.study.slug}/models", "uploaded to this study as well"
    assert text in client_of(cast.coordinator).get(address).content.decode()
    page = client_of(cast.site_coordinator).get(address).content.decode()
    assert text not in page and case.label not in page
