"""The designs of a study: the arms that fit them, and what readers read in each."""

from __future__ import annotations

import importlib
from collections import Counter
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import F

from studies.errors import StudyError
from studies.protocol.design import change_study
from studies.protocol.models import Arm, Study
from studies.readers.forms import StudyForm
from studies.sessions.assignment.preview import preview_assignment
from studies.sessions.models import Reading, ReadingList
from tests.make import Cast, make_case, make_reader
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db
THREE = ["unguided", "guided", "measured"]
REFUSED = [
    ("single_arm", ["unguided", "guided"], "A single-arm study has one arm, but 2 are selected."),
    ("crossover", ["guided"], "A crossover study compares at least two arms."),
    ("parallel", ["guided"], "A parallel-group study compares at least two arms."),
]


def form_data(**changes: object) -> dict[str, object]:
    fields = {name: field.initial for name, field in StudyForm().fields.items()}
    defaults = {
        name: Study._meta.get_field(name).get_default() for name in fields if name != "arms"
    }
    return {**defaults, "name": "Another", "arms": ["unguided", "guided"], **changes}


def move_back(time: timedelta) -> None:
    """Move all readings so far back in time, as if the washout had passed."""
    Reading.objects.filter(opened_at__isnull=False).update(
        opened_at=F("opened_at") - time, submitted_at=F("submitted_at") - time
    )


@pytest.mark.parametrize(("design", "arms", "message"), REFUSED)
def test_arms_that_do_not_fit_the_design_are_refused(cast, design, arms, message):
    with pytest.raises(ValidationError, match=message):
        change_study(study=cast.study, actor=cast.coordinator, arms=arms, design=design)
    errors = StudyForm(form_data(design=design, arms=arms)).errors
    assert list(errors) == ["arms"]
    assert message in errors["arms"][0]


@pytest.mark.parametrize("arms", [THREE, list(Arm.Code)[:4], list(Arm.Code)[1:]])
@pytest.mark.parametrize("design", ["crossover", "parallel"])
def test_study_compares_up_to_four_arms(cast, arms, design):
    form = StudyForm(form_data(design=design, arms=arms))
    assert form.is_valid(), form.errors
    study = change_study(study=cast.study, actor=cast.coordinator, arms=arms, design=design)
    assert {arm.code for arm in study.arms.all()} == set(arms)


def test_study_with_five_arms_is_refused():
    errors = StudyForm(form_data(design="crossover", arms=list(Arm.Code))).errors
    assert "at most 4 arms, but 5 are selected" in errors["arms"][0]


def test_request_without_a_design_gets_the_one_that_fits_its_arms(cast):
    for arms, design in ((["guided"], "single_arm"), (["guided", "unguided"], "crossover")):
        study = change_study(study=cast.study, actor=cast.coordinator, arms=arms)
        assert study.design == design


def test_design_cannot_be_changed_once_cases_are_assigned(cast):
    cast.assign_cases(1)
    with pytest.raises(StudyError, match="Cases have been assigned"):
        change_study(
            study=cast.study, actor=cast.coordinator, arms=["unguided", "guided"], design="parallel"
        )


def test_reader_goes_through_three_periods_with_a_washout_before_each(client_of):
    cast = Cast(arms=THREE)
    cast.assign_cases(2)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    arms = []
    for period in (1, 2, 3):
        status = room.status()
        assert status["progress"]["periods"] == 3
        for _ in range(2):
            arms.append(ReadingList.objects.get(readings=room.open()).arm)
            room.read()
        waiting = room.status()["waiting"]
        if period == 3:
            assert waiting["code"] == "done"
            break
        assert waiting["code"] == "washout"
        assert f"Period {period + 1} opens later" in waiting["message"]
        home = client_of(cast.reader.user).get("/").content.decode()
        assert f"Period {period + 1} opens on" in home
        move_back(timedelta(days=29))
    assert Counter(arms) == dict.fromkeys(THREE, 2)


def test_reader_of_a_parallel_group_reads_one_arm_without_an_announcement(client_of):
    cast = Cast(arms=["unguided", "guided"], design="parallel", readers_per_case=1)
    cast.assign_cases(2, acknowledge=False)
    lists = dict(ReadingList.objects.values_list("reader__label", "arm"))
    assert sorted(lists.values()) == ["guided", "unguided"]
    assert set(Reading.objects.values_list("reading_list__period", flat=True)) == {1}
    for user in (cast.reader.user, cast.other_reader.user):
        room = Room(client_of(user), cast.study.slug)
        assert room.status()["announcement"] is None
        room.read()
        room.read()
        assert room.status()["waiting"]["code"] == "done"


def test_reader_who_joins_a_parallel_study_later_enters_the_smaller_group():
    cast = Cast(arms=["unguided", "guided"], design="parallel", readers_per_case=1)
    make_reader(cast.study, cast.site, "rosa")
    cast.assign_cases(1)
    before = Counter(ReadingList.objects.values_list("arm", flat=True))
    # A reader without a case of the first batch has no group yet.
    make_reader(cast.study, cast.site, "rene")
    for _ in range(4):
        make_case(cast.study, cast.site)
    arms = Counter(share.sequence[0] for share in preview_assignment(cast.study).by_reader)
    assert sum(before.values()) <= sum(arms.values()) == 4
    assert set(arms.values()) == {2}


@pytest.mark.parametrize(
    ("design", "arms", "column", "sentence"),
    [
        ("crossover", THREE, "Sequence of arms", "2 readers per case in each of 3 periods"),
        ("single_arm", ["guided"], "Arm", "2 readers per case:"),
    ],
)
def test_assignment_page_and_api_state_the_sequences(client_of, design, arms, column, sentence):
    cast = Cast(arms=arms, design=design)
    make_case(cast.study, cast.site)
    client = client_of(cast.coordinator)
    page = client.get(f"/studies/{cast.study.slug}/assignment").content.decode()
    assert f"<th>{column}</th>" in page
    assert sentence in page
    address = f"/api/v1/studies/{cast.study.slug}/assignment-preview"
    for reader in client.get(address).json()["readers"]:
        assert sorted(reader["sequence"]) == sorted(arms)
        assert reader["first_arm"] == reader["sequence"][0]


def test_studies_from_before_the_designs_are_crossovers_or_have_a_single_arm(cast):
    change_study(study=cast.outside_study, actor=cast.outsider, arms=["guided"])
    Study.objects.update(design="crossover")
    migration = importlib.import_module("studies.protocol.migrations.0013_designs")
    migration.name_single_arms(apps, None)
    designs = dict(Study.objects.values_list("name", "design"))
    assert designs == {cast.study.name: "crossover", cast.outside_study.name: "single_arm"}
