"""The first assignment fixes the model of its cases, and states it if there are several."""

from __future__ import annotations

import pytest
from django.urls import reverse

from studies.audit.models import Event
from studies.errors import Conflict
from studies.registry.changes import activate_model
from studies.registry.installed import installed_model
from studies.registry.models import RegisteredModel
from studies.registry.study_models import current_choice, model_of, select_model
from studies.sessions.assignment.preview import preview_assignment
from studies.sessions.assignment.readiness import list_requirements
from studies.sessions.study_lifecycle import assign_cases
from tests.make import make_case
from tests.registry.weights import add_ready_model, analysed_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(cast):
    """Three cases that the installed model analysed."""
    return [make_case(cast.study, cast.site) for _ in range(3)]


@pytest.fixture
def active(cast, cases):
    """A model that an administrator activated after these analyses."""
    model = add_ready_model(cast.coordinator, "active")
    activate_model(model=model, by=cast.coordinator)
    return model


def weights_requirement(study):
    texts = [one.text for one in list_requirements(study) if one.name == "weights"]
    return texts[0] if texts else ""


def test_model_that_analysed_all_cases_is_fixed_even_if_another_is_active_by_now(
    cast, active, client_of
):
    assert model_of(cast.study) == active
    page = client_of(cast.coordinator).get(reverse("assignment", args=[cast.study.slug]))
    assert installed_model().short_checksum in page.content.decode()
    assert weights_requirement(cast.study) == ""
    assign_cases(study=cast.study, by=cast.coordinator)
    assert current_choice(cast.study).model == installed_model() == model_of(cast.study)


def test_cases_of_several_models_are_assigned_only_when_a_coordinator_confirms(
    cast, cases, active, client_of
):
    analysed_with(active, cases[0])
    client, slug = client_of(cast.coordinator), cast.study.slug
    stated = "2 of 3 cases were analysed with weights other than those of active"
    preview = client.get(f"/api/v1/studies/{slug}/assignment-preview").json()["weights"]
    assert (preview["other_cases"], preview["to_confirm"]) == (2, True)
    assert preview["checksum"] == active.checksum
    assert preview["text"].startswith(stated)
    assert installed_model().short_checksum in preview["text"]
    readiness = client.get(f"/api/v1/studies/{slug}/readiness").json()
    (requirement,) = [one for one in readiness["requirements"] if one["name"] == "weights"]
    assert (requirement["met"], requirement["text"]) == (False, preview["text"])
    for name in ("study", "assignment"):
        assert stated in client.get(reverse(name, args=[slug])).content.decode()
    for refused in (
        client.post(f"/api/v1/studies/{slug}/assign"),
        client.post(reverse("assign", args=[slug]), {}, format="multipart"),
    ):
        assert refused.status_code == 409
        assert stated in refused.content.decode()
    assert current_choice(cast.study) is None
    answer = client.post(f"/api/v1/studies/{slug}/assign", {"other_weights": True})
    assert answer.status_code == 200
    assert current_choice(cast.study).model == active
    event = Event.objects.get(action="cases.assigned")
    assert event.data["other_weights"] == 2


def test_page_confirms_the_assignment(cast, cases, active, client_of):
    analysed_with(active, cases[0])
    client, slug = client_of(cast.coordinator), cast.study.slug
    form = {"other_weights": "on"}
    done = client.post(reverse("assign", args=[slug]), form, format="multipart", follow=True)
    assert "readings assigned" in done.content.decode()


def test_model_that_a_coordinator_selected_is_not_replaced_silently(cast, cases, active):
    select_model(study=cast.study, model=active, by=cast.coordinator)
    with pytest.raises(
        Conflict, match="3 of 3 cases were analysed with weights other than those of active"
    ):
        assign_cases(study=cast.study, by=cast.coordinator)
    select_model(study=cast.study, model=installed_model(), by=cast.coordinator)
    assign_cases(study=cast.study, by=cast.coordinator)
    assert current_choice(cast.study).model == installed_model()


def test_weights_that_the_platform_does_not_know_are_not_passed_over(cast, cases):
    analysed_with(RegisteredModel(name="of an old release", checksum="e" * 64), *cases)
    with pytest.raises(Conflict) as refused:
        assign_cases(study=cast.study, by=cast.coordinator)
    assert "of an old release (eeeeeeeeeeee) in 3 cases" in refused.value.message


def test_checkpoint_of_the_authors_is_no_obstacle_unless_cases_differ(
    cast, cases, settings, tmp_path
):
    settings.WEIGHTS = str(tmp_path / "vertenet.pth")
    checkpoint = RegisteredModel(name="VerteNet", checksum="e" * 64)
    analysed_with(checkpoint, *cases[:2])
    with pytest.raises(
        Conflict, match="1 of 3 cases was analysed with weights other than those of most"
    ):
        assign_cases(study=cast.study, by=cast.coordinator)
    analysed_with(checkpoint, cases[2])
    assign_cases(study=cast.study, by=cast.coordinator)
    assert current_choice(cast.study) is None


def test_later_batch_states_other_weights_but_is_not_refused(cast, cases, active):
    assign_cases(study=cast.study, by=cast.coordinator)
    analysed_with(active, make_case(cast.study, cast.site))
    weights = preview_assignment(cast.study).weights
    assert (
        "1 of 1 cases was analysed with weights other than those of verteread-lite" in weights.text
    )
    assert not weights.to_confirm
    assign_cases(study=cast.study, by=cast.coordinator)
    assert current_choice(cast.study).model == installed_model()


def test_cases_that_cannot_be_assigned_yet_do_not_matter(cast, cases, active):
    uncertain = make_case(cast.study, cast.site, uncertainty={"reason": "gap", "detail": "a gap"})
    assert uncertain.landmark_set.level_uncertainty
    failed = make_case(cast.study, cast.site, state="failed")
    analysed_with(active, failed)
    assign_cases(study=cast.study, by=cast.coordinator)
    assert current_choice(cast.study).model == installed_model()
