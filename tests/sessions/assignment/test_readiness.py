"""What a study needs before reading can start: one list for pages, API and actions."""

from __future__ import annotations

import pytest
from django.urls import reverse

from studies.errors import Conflict
from studies.readers.members import set_active
from studies.registry.installed import installed_model
from studies.sessions.assignment.preview import preview_assignment
from studies.sessions.assignment.readiness import list_requirements
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.make import Cast, make_case, make_reader, make_site, make_study, make_user

pytestmark = pytest.mark.django_db


def unmet(study):
    return [requirement.name for requirement in list_requirements(study) if not requirement.met]


def test_requirements_are_met_one_after_the_other():
    clara = make_user("clara")
    study = make_study(clara, arms=["guided"], hidden_repeats=2, repeat_after_readings=2)
    assert unmet(study) == ["sites", "cases", "readers", "assignment", "open"]
    site = make_site(study)
    assert unmet(study) == ["cases", "readers", "assignment", "open"]
    make_case(study, site, state="pending_review")
    assert "Review 1 image for identifying text" in list_requirements(study)[1].text
    make_case(study, site)
    readers = [make_reader(study, site, name) for name in ("rita", "rolf")]
    assert unmet(study) == ["repeats", "assignment", "open"]
    make_case(study, site)
    assign_cases(study=study, by=clara)
    study = open_study(study=study, by=clara)
    assert unmet(study) == []
    set_active(membership=readers[0], active=False, by=clara)
    assert unmet(study) == ["readers"]


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ("crossover", "Each case needs 3 readers, but the study has 2."),
        ("parallel", "Each case needs 3 readers in each of the 2 groups, 6 in all, but the study"),
    ],
)
def test_actions_are_refused_for_the_reason_on_the_list(design, message):
    cast = Cast(design=design, readers_per_case=3)
    make_case(cast.study, cast.site)
    stated = {item.name: item.text for item in list_requirements(cast.study)}
    for action in (
        preview_assignment,
        lambda study: assign_cases(study=study, by=cast.coordinator),
    ):
        with pytest.raises(Conflict) as refused:
            action(cast.study)
        assert refused.value.message == stated["readers"]
    assert stated["readers"].startswith(message)
    with pytest.raises(Conflict) as refused:
        open_study(study=cast.study, by=cast.coordinator)
    assert (refused.value.code, refused.value.message) == ("nothing_assigned", stated["assignment"])


def test_overview_lists_the_requirements_until_the_study_is_opened(cast, client_of):
    page = reverse("study", args=[cast.study.slug])
    heading = "Before reading can start"
    text = client_of(cast.coordinator).get(page).content.decode()
    assert heading in text
    assert "No case is ready to be assigned. Upload images." in text
    assert heading not in client_of(cast.site_coordinator).get(page).content.decode()
    address = f"/api/v1/studies/{cast.study.slug}/readiness"
    assert client_of(cast.coordinator).get(address).json()["ready"] is False
    cast.assign_cases(1)
    assert heading not in client_of(cast.coordinator).get(page).content.decode()
    assert client_of(cast.coordinator).get(address).json()["ready"] is True


def test_number_of_queries_does_not_depend_on_cases_and_readers(cast, django_assert_num_queries):
    make_case(cast.study, cast.site)
    installed_model()  # registered once in an installation
    with django_assert_num_queries(7):
        list_requirements(cast.study)
    make_reader(cast.study, cast.site, "rosa")
    make_case(cast.study, cast.site)
    with django_assert_num_queries(7):
        list_requirements(cast.study)


def test_assignment_page_and_api_show_the_plan_at_a_pace(cast, client_of):
    for _ in range(4):
        make_case(cast.study, cast.site)
    client = client_of(cast.coordinator)
    address = f"/api/v1/studies/{cast.study.slug}/assignment-preview"
    plan = client.get(f"{address}?readings_per_week=2").json()
    assert plan["readings_per_week"] == 2
    lists = plan["readers"][0]["plan"]
    assert [(entry["period"], entry["readings"]) for entry in lists] == [(1, 4), (2, 4)]
    for wrong in ("0", "501", "fast", "9" * 400):
        answer = client.get(f"{address}?readings_per_week={wrong}")
        assert answer.status_code == 400
        assert "whole number from 1 to 500" in answer.json()["error"]["message"]
    page = client.get(reverse("assignment", args=[cast.study.slug]) + "?readings_per_week=fast")
    assert "whole number from 1 to 500" in page.content.decode()
    assert "Expected dates" in page.content.decode()
    assert page.content.decode().count("<rect") == 4
