"""Unassigned cases with other weights are analysed again; what people decided is left alone."""

from __future__ import annotations

import pytest
from django.utils import timezone

from studies.audit.models import Event
from studies.cases import pages
from studies.cases.landmarks.corrections import accept_level_labels, confirm_corners
from studies.cases.landmarks.repeated_analyses import find_other_weights, repeat_analyses
from studies.cases.models import Case
from studies.errors import Conflict
from studies.registry.changes import activate_model
from studies.registry.installed import installed_model
from studies.sessions.study_lifecycle import assign_cases
from tests.fine_tuning.corrected_cases import correct
from tests.make import make_case
from tests.registry.weights import add_ready_model, analysed_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def current(cast):
    """The model that is active now; cases were analysed with the installed one before."""
    model = add_ready_model(cast.coordinator, "current")
    activate_model(model=model, by=cast.coordinator)
    return model


def test_only_cases_that_no_person_decided_on_are_analysed_again(
    cast, current, client_of, monkeypatch, django_capture_on_commit_callbacks
):
    queued = []
    monkeypatch.setattr(
        pages, "queue_analyses", lambda cases: queued.extend(case.pk for case in cases)
    )
    plain, corrected, confirmed, up_to_date = (make_case(cast.study, cast.site) for _ in range(4))
    accepted = make_case(cast.study, cast.site, uncertainty={"reason": "gap", "detail": "a gap"})
    correct(corrected)
    confirm_corners(case=confirmed, based_on=1, actor=cast.coordinator)
    accept_level_labels(case=accepted, actor=cast.coordinator)
    analysed_with(current, up_to_date)
    client, slug = client_of(cast.coordinator), cast.study.slug
    page = client.get(f"/studies/{slug}/models").content.decode()
    assert "1 unassigned case with other weights can be analysed again" in page
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(f"/studies/{slug}/models/repeat-analyses", follow=True)
    text = done.content.decode()
    assert "1 case will be analysed again" in text
    assert f"{corrected.label}, {confirmed.label}, {accepted.label}" in text
    waiting = Case.objects.filter(state="received")
    assert list(waiting) == [plain]
    assert queued == [plain.pk]
    plain.refresh_from_db()
    assert plain.landmark_set.model_checksum == installed_model().checksum
    event = Event.objects.get(action="cases.analyses_repeated")
    assert (event.actor, event.data["cases"], event.data["left_alone"]) == (cast.coordinator, 1, 3)


def test_assigned_cases_keep_their_landmarks(cast, current):
    cast.assign_cases()
    # The assignment fixed the installed model, which analysed all cases.
    late = make_case(cast.study, cast.site)
    analysed_with(current, late)
    assert find_other_weights(cast.study).cases == (late,)
    repeat_analyses(study=cast.study, actor=cast.coordinator)
    assert Case.objects.filter(state="received").get() == late


def test_nothing_is_repeated_without_such_cases_or_in_a_locked_study(cast, current):
    case = make_case(cast.study, cast.site)
    analysed_with(current, case)
    with pytest.raises(Conflict) as refused:
        repeat_analyses(study=cast.study, actor=cast.coordinator)
    assert refused.value.code == "none_to_repeat"
    analysed_with(installed_model(), case)
    type(cast.study).objects.update(state="locked", locked_at=timezone.now())
    with pytest.raises(Conflict) as refused:
        repeat_analyses(study=cast.study, actor=cast.coordinator)
    assert refused.value.code == "locked"


def test_after_the_new_analyses_the_current_model_is_fixed(cast, current):
    cases = [make_case(cast.study, cast.site) for _ in range(3)]
    again = repeat_analyses(study=cast.study, actor=cast.coordinator)
    assert set(again.cases) == set(cases)
    for case in cases:
        case.refresh_from_db()
        case.state = "ready"
        analysed_with(current, case)
    assign_cases(study=cast.study, by=cast.coordinator)
    assert cast.study.study_models.get().model == current


def test_number_of_queries_does_not_depend_on_the_number_of_cases(
    cast, current, django_assert_max_num_queries
):
    make_case(cast.study, cast.site)
    find_other_weights(cast.study)
    with django_assert_max_num_queries(8) as few:
        find_other_weights(cast.study)
    for _ in range(3):
        make_case(cast.study, cast.site)
    with django_assert_max_num_queries(len(few.captured_queries)):
        find_other_weights(cast.study)
