"""The practice set: phantoms of the study's sequence, and cases that leave the study."""

from __future__ import annotations

import pytest

from studies.analytics.scale import CELLS
from studies.cases.models import Case
from studies.cases.review import reject_case, undo_release
from studies.errors import Conflict, StudyError
from studies.practice.models import PracticeCase
from studies.practice.phantoms import find_seeds
from studies.practice.practice_set import (
    active_practice_cases,
    add_case,
    add_phantoms,
    remove_practice_case,
)
from studies.reports.reference_standard import save_reference_grades
from studies.sessions.assignment.preview import preview_assignment
from studies.sessions.models import Reading
from studies.sessions.progress import get_study_overview
from studies.sessions.study_lifecycle import assign_cases
from tests.make import make_case
from tests.practice.people import Trainee, set_up_practice

pytestmark = pytest.mark.django_db
GRADES = dict.fromkeys(CELLS, 1)


def test_same_study_seed_gives_the_same_phantoms_and_none_twice(cast):
    first = add_phantoms(study=cast.study, by=cast.coordinator, number=3)
    more = add_phantoms(study=cast.study, by=cast.coordinator, number=3)
    seeds = [case.seed for case in (*first, *more)]
    assert len(set(seeds)) == 6
    assert [case.number for case in more] == [4, 5, 6]
    cast.outside_study.seed = cast.study.seed
    cast.outside_study.save()
    other = add_phantoms(study=cast.outside_study, by=cast.outsider, number=3)
    assert [case.seed for case in other] == [case.seed for case in first]


@pytest.mark.parametrize("number", [0, 51])
def test_number_of_phantoms_is_limited(cast, number):
    with pytest.raises(StudyError):
        add_phantoms(study=cast.study, by=cast.coordinator, number=number)


def test_phantoms_are_added_until_the_sequence_of_the_study_ends(cast, client_of, monkeypatch):
    monkeypatch.setattr("studies.practice.phantoms.SEEDS_PER_SEQUENCE", 8)
    available = len(find_seeds(sequence=cast.study.seed, used=[], number=50))
    add_phantoms(study=cast.study, by=cast.coordinator, number=available - 1)
    url = f"/studies/{cast.study.slug}/practice/phantoms"
    page = client_of(cast.coordinator).post(url, {"number": 2}, format="multipart")
    text = page.content.decode()
    assert "yields only 1 more phantom. Add fewer." in text
    assert PracticeCase.objects.filter(study=cast.study).count() == available - 1
    add_phantoms(study=cast.study, by=cast.coordinator, number=1)


def test_practice_set_may_have_more_than_200_phantoms(cast, monkeypatch):
    stored = [
        PracticeCase(study=cast.study, number=number, seed=number, grades=GRADES, source="phantom")
        for number in range(1, 231)
    ]
    PracticeCase.objects.bulk_create(stored)
    add_phantoms(study=cast.study, by=cast.coordinator, number=2)
    assert PracticeCase.objects.filter(study=cast.study).count() == 232


def test_practice_case_is_neither_assigned_nor_counted(cast):
    study_case, practised = make_case(cast.study, cast.site), make_case(cast.study, cast.site)
    add_case(case=practised, by=cast.coordinator, grades=GRADES, source="consensus")
    assert preview_assignment(cast.study).cases == 1
    assign_cases(study=cast.study, by=cast.coordinator)
    assert set(Reading.objects.values_list("case", flat=True)) == {study_case.pk}
    overview = get_study_overview(cast.study.memberships.get(user=cast.coordinator))
    assert (overview.uploaded, overview.assigned, overview.unassigned) == (1, 1, 0)


def test_assigned_case_cannot_be_practised(cast):
    case = cast.assign_cases(1)[0]
    with pytest.raises(Conflict, match="assigned"):
        add_case(case=case, by=cast.coordinator, grades=GRADES, source="consensus")
    assert not Case.objects.get(pk=case.pk).practice


def test_case_with_reference_grades_needs_no_entry(cast):
    case = make_case(cast.study, cast.site)
    with pytest.raises(Conflict, match="no reference grades"):
        add_case(case=case, by=cast.coordinator)
    save_reference_grades(study=cast.study, grades={case.pk: GRADES}, source="three readers")
    added = add_case(case=Case.objects.get(pk=case.pk), by=cast.coordinator)
    assert (added.grades, added.source) == (GRADES, "three readers")


@pytest.mark.parametrize(
    ("grades", "source"),
    [({**GRADES, "L1_anterior": 4}, "x"), ({"L1_anterior": 1}, "x"), (GRADES, " ")],
)
def test_reference_grades_must_be_complete_and_have_a_source(cast, grades, source):
    case = make_case(cast.study, cast.site)
    with pytest.raises(StudyError):
        add_case(case=case, by=cast.coordinator, grades=grades, source=source)
    assert not PracticeCase.objects.exists()


@pytest.mark.parametrize("state", ["pending_review", "excluded", "failed"])
def test_case_that_is_not_ready_cannot_be_practised(cast, state):
    case = make_case(cast.study, cast.site, state=state)
    with pytest.raises(Conflict, match="not ready"):
        add_case(case=case, by=cast.coordinator, grades=GRADES, source="consensus")


def test_practice_case_cannot_lose_its_image(cast):
    case = make_case(cast.study, cast.site)
    case.released = True
    case.save()
    add_case(case=case, by=cast.coordinator, grades=GRADES, source="consensus")
    with pytest.raises(Conflict):
        reject_case(case=case, actor=cast.coordinator, reason="name in the image")
    with pytest.raises(Conflict):
        undo_release(case=case, actor=cast.coordinator)


def test_removed_case_never_becomes_a_study_case_again(cast):
    case = make_case(cast.study, cast.site)
    added = add_case(case=case, by=cast.coordinator, grades=GRADES, source="consensus")
    remove_practice_case(practice_case=added, by=cast.coordinator)
    assert not active_practice_cases(cast.study).exists()
    with pytest.raises(StudyError, match="No case is ready"):
        preview_assignment(cast.study)


def test_case_that_certification_needs_cannot_be_removed(cast):
    set_up_practice(cast, phantoms=2, cases=2)
    with pytest.raises(Conflict, match="needs 2"):
        remove_practice_case(practice_case=PracticeCase.objects.first(), by=cast.coordinator)


def test_own_case_is_scored_like_a_phantom_but_without_plaques(cast, client_of):
    case = make_case(cast.study, cast.site)
    add_case(case=case, by=cast.coordinator, grades=GRADES, source="consensus")
    trainee = Trainee(client_of(cast.reader.user), cast.study.slug)
    practice_round = trainee.begin("practice")
    current = trainee.status(practice_round)["current"]
    assert (current["image"]["width"], current["image"]["height"]) == (80, 128)
    pixels = trainee.client.get(f"/api/v1/practice/readings/{current['id']}/pixels")
    assert pixels.status_code == 200
    assert case.label not in str(current)
    feedback = trainee.score(practice_round)
    assert (feedback["source"], feedback["plaques"]) == ("consensus", [])


def test_pages_add_and_remove_practice_cases(cast, client_of):
    client, start = client_of(cast.coordinator), f"/studies/{cast.study.slug}/practice"
    case = make_case(cast.study, cast.site)
    client.post(f"{start}/phantoms", {"number": "2"}, format="multipart")
    grades = dict.fromkeys(CELLS, "2")
    incomplete = {"case": case.pk, "L1_anterior": "2"}
    assert client.post(f"{start}/cases", incomplete, format="multipart").status_code == 400
    sent = {"case": case.pk, "source": "consensus", **grades}
    assert client.post(f"{start}/cases", sent, format="multipart").status_code == 302
    assert [c.case for c in active_practice_cases(cast.study)] == [None, None, case]
    client.post(f"{start}/cases/3/remove")
    assert active_practice_cases(cast.study).count() == 2
    rules = {"required": "on", "measure": "kappa", "threshold": "0.6", "cases": "9", "attempts": 2}
    url = f"{start}/certification"
    assert client.post(url, rules, format="multipart").status_code == 400
    assert client.post(url, {**rules, "cases": "2"}, format="multipart").status_code == 302
    cast.study.refresh_from_db()
    assert cast.study.certification_required
    page = client.get(f"{start}/setup").content.decode()
    assert "2 phantoms and 0 cases from the study" in page


def test_setup_page_takes_as_many_queries_for_many_cases_as_for_few(
    cast, client_of, django_assert_max_num_queries
):
    client = client_of(cast.coordinator)
    add_phantoms(study=cast.study, by=cast.coordinator, number=2)
    url = f"/studies/{cast.study.slug}/practice/setup"
    client.get(url)
    add_phantoms(study=cast.study, by=cast.coordinator, number=15)
    for _ in range(3):
        make_case(cast.study, cast.site)
    with django_assert_max_num_queries(25):
        assert client.get(url).status_code == 200
