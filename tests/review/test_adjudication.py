"""Adjudication: selection, masking, the adjudicator's work, and who may do what."""

from __future__ import annotations

import json
import re

import pytest
from django.db import transaction
from django.db.utils import InternalError
from django.urls import reverse

from studies.analytics.scale import CELLS
from studies.analytics.study.disagreements.selection import SelectionRules
from studies.audit.models import Event
from studies.errors import Conflict, StudyError
from studies.readers.members import add_member, set_active
from studies.readers.models import Membership, Role
from studies.review.adjudication import work
from studies.review.adjudication.work import open_adjudication
from studies.review.models import Adjudication
from studies.review.reopening.actions import confirm_reopening, request_reopening
from studies.sessions.models import Score
from tests.make import Cast
from tests.reports.submitted_study import lock
from tests.review.adjudicated import (
    add_adjudicator,
    adjudicated_grades,
    begin,
    coordinator_of,
    page_of,
    score,
)
from tests.test_access import RULES, STUDY

pytestmark = pytest.mark.django_db
SCORED = [{"cell": cell, "score": 1, "validity": 0} for cell in CELLS]


@pytest.fixture
def open_round(locked: Cast) -> Cast:
    locked.adjudicator = add_adjudicator(locked)
    locked.round = begin(locked)
    return locked


def api(adjudication: Adjudication, name: str) -> str:
    return reverse(f"api-adjudication-{name}", args=[adjudication.pk])


def stored_grades(cast: Cast, arm: str) -> dict[str, list[dict[str, int]]]:
    grades: dict[str, dict[str, dict[str, int]]] = {}
    scores = Score.objects.filter(reading__reading_list__arm=arm)
    rows = scores.values_list("reading__case__label", "reading_id", "cell", "score")
    for case, reading, cell, value in rows:
        grades.setdefault(case, {}).setdefault(reading, {})[cell] = value
    return {case: list(by_reading.values()) for case, by_reading in grades.items()}


@pytest.mark.parametrize(
    ("rules", "selects"),
    [
        (SelectionRules(cell_differs_by=2), lambda a, b: max(abs(a[c] - b[c]) for c in CELLS) >= 2),
        (
            SelectionRules(total_differs_by=3),
            lambda a, b: abs(sum(a.values()) - sum(b.values())) >= 3,
        ),
        (SelectionRules(cell_differs_by=1), lambda a, b: a != b),
    ],
)
def test_rules_select_the_cases_they_describe(locked, rules, selects):
    add_adjudicator(locked)
    case = locked.study.cases.first()
    reading = case.readings.filter(reading_list__arm="unguided").first()
    # At least one case differs by two grades in a cell and by more than three points.
    for cell in CELLS[:3]:
        other = Score.objects.exclude(reading=reading).get(
            reading__case=case, reading__reading_list__arm="unguided", cell=cell
        )
        Score.objects.filter(reading=reading, cell=cell).update(score=3)
        Score.objects.filter(pk=other.pk).update(score=0)
    expected = {c for c, (a, b) in stored_grades(locked, "unguided").items() if selects(a, b)}
    assert expected
    round_ = begin(locked, rules)
    assert {row.case.label for row in round_.adjudications.all()} == expected


def test_readability_selects_a_case_that_one_reader_could_not_read(locked):
    add_adjudicator(locked)
    unread = Score.objects.filter(reading__reading_list__arm="guided").first()
    Score.objects.filter(pk=unread.pk).update(score=None, validity=3)
    round_ = begin(locked, SelectionRules(readability_differs=True), arm="guided")
    (selected,) = round_.adjudications.all()
    assert selected.case == unread.reading.case
    assert selected.reasons == ["readability"]


def test_start_states_what_is_missing(locked, read):
    with pytest.raises(Conflict, match="no adjudicator"):
        begin(locked)
    add_adjudicator(locked)
    with pytest.raises(StudyError, match="at least one rule"):
        begin(locked, SelectionRules())
    with pytest.raises(StudyError, match="No case meets these rules"):
        begin(locked, SelectionRules(total_differs_by=24))
    with pytest.raises(StudyError, match="from 1 to 3"):
        begin(locked, SelectionRules(cell_differs_by=4))
    with pytest.raises(StudyError, match="Select an arm"):
        begin(locked, arm="measured")
    begin(locked)
    with pytest.raises(Conflict, match="still being adjudicated"):
        begin(locked)


def test_cases_are_not_adjudicated_before_the_lock(read, client_of):
    adjudicator = add_adjudicator(read)
    with pytest.raises(Conflict, match="once the study is locked"):
        begin(read)
    page = client_of(adjudicator.user).get(page_of(read, "adjudicator-cases")).content.decode()
    assert "Cases can be adjudicated once the study is locked." in page


def test_a_reader_of_the_study_cannot_become_its_adjudicator(locked):
    with pytest.raises(StudyError, match="already have a role"):
        add_member(study=locked.study, user=locked.reader.user, role=Role.ADJUDICATOR)


def test_coordinator_starts_on_the_page_and_the_adjudicator_finishes(locked, client_of):
    adjudicator = add_adjudicator(locked)
    coordinator, client = client_of(locked.coordinator), client_of(adjudicator.user)
    form = {"arm": "unguided", "cell_differs_by": "1"}
    page = coordinator.post(
        page_of(locked, "start-adjudication"), form, format="multipart", follow=True
    )
    assert "selected for adjudication" in page.content.decode()
    assert Event.objects.get(action="adjudication.started").actor == locked.coordinator
    cases = list(Adjudication.objects.all())
    for case in cases:
        page = client.post(page_of(locked, "adjudicate", case.pk), follow=True).content.decode()
        assert f"Case {case.position}" in page
        assert client.get(api(case, "pixels")).status_code == 200
        early = client.post(api(case, "submit"))
        assert (early.status_code, early.json()["error"]["code"]) == (409, "incomplete")
        for _ in range(2):
            assert client.put(api(case, "scores"), {"cells": SCORED}).status_code == 200
            submitted = client.post(api(case, "submit")).json() if _ else None
        assert submitted["submitted_at"]
        late = client.put(api(case, "scores"), {"cells": SCORED})
        assert (late.status_code, late.json()["error"]["code"]) == (409, "submitted")
    page = client.get(page_of(locked, "adjudicator-cases")).content.decode()
    assert f"{len(cases)} of {len(cases)} cases submitted" in page
    assert Event.objects.filter(action="adjudication.submitted").count() == len(cases)


@pytest.mark.parametrize("shown", [False, True])
def test_adjudicator_sees_neither_readers_nor_case_and_scores_only_by_protocol(
    locked, client_of, shown
):
    locked.study.adjudicator_scores = "shown" if shown else "hidden"
    locked.study.save()
    adjudicator = add_adjudicator(locked)
    round_ = begin(locked)
    client = client_of(adjudicator.user)
    listing = client.get(page_of(locked, "adjudicator-cases")).content.decode()
    case = round_.adjudications.first()
    page = client.post(page_of(locked, "adjudicate", case.pk), follow=True).content.decode()
    match = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page)
    data = json.loads(match.group(1))
    names = [original["name"] for original in data["originals"]]
    assert names == (["Score A", "Score B"] if shown else [])
    if shown:
        stored = stored_grades(locked, "unguided")[case.case.label]
        given = [{c: v["score"] for c, v in o["cells"].items()} for o in data["originals"]]
        assert sorted(map(str, map(sorted, map(dict.items, given)))) == sorted(
            map(str, map(sorted, map(dict.items, stored)))
        )
    for text in (page, listing):
        for secret in (case.case.label, case.case.patient.label, "R01", "R02", "rita", "rolf"):
            assert secret not in text
        assert not any(key in text for key in case.readings)


def test_letters_of_the_readers_change_from_case_to_case(locked):
    add_adjudicator(locked)
    first = {
        case.case.readings.get(pk=case.readings[0]).reading_list.reader.label
        for case in begin(locked).adjudications.all()
    }
    assert first == {"R01", "R02"}


@pytest.mark.parametrize(
    "role", ["coordinator", "statistician", "site_coordinator", "reader", "outsider"]
)
def test_others_get_no_adjudication(open_round, client_of, role):
    person = getattr(open_round, role)
    client = client_of(getattr(person, "user", person))
    case = open_round.round.adjudications.first()
    assert client.get(page_of(open_round, "adjudicator-cases")).status_code == 404
    assert client.post(page_of(open_round, "adjudicate", case.pk)).status_code == 404
    assert client.get(api(case, "pixels")).status_code == 404
    assert client.put(api(case, "scores"), {"cells": SCORED}).status_code == 404
    assert client.put(api(case, "scores"), {"cells": "wrong"}).status_code == 404
    assert client.post(api(case, "submit")).status_code == 404


def test_adjudicator_reaches_no_result_and_no_case(open_round, client_of):
    client = client_of(open_round.adjudicator.user)
    label = open_round.study.cases.first().label
    for name in ("agreement", "downloads", "disagreements", "adjudication", "cases", "progress"):
        assert client.get(page_of(open_round, name)).status_code == 404, name
    assert client.get(page_of(open_round, "disagreement", label)).status_code == 404
    assert client.get(page_of(open_round, "study")).status_code == 302


@pytest.mark.parametrize("role", ["adjudicator", "reader", "site_coordinator", "outsider"])
def test_lock_opens_no_page_of_a_study_to_those_who_see_no_scores(open_round, client_of, role):
    person = getattr(open_round, role)
    client = client_of(getattr(person, "user", person))
    for name, (method, about, allowed) in RULES.items():
        if (method, about) == ("GET", STUDY):
            status = client.get(page_of(open_round, name)).status_code
            assert (status not in {403, 404}) == (role in allowed), (name, status)


def test_opened_case_belongs_to_its_adjudicator_until_that_person_is_deactivated(
    open_round, client_of
):
    other = add_adjudicator(open_round, "adele")
    case = open_round.round.adjudications.first()
    user = open_round.adjudicator.user
    open_adjudication(user=user, pk=case.pk)
    client_of(user).put(api(case, "scores"), {"cells": SCORED})
    client = client_of(other.user)
    assert client.post(page_of(open_round, "adjudicate", case.pk)).status_code == 404
    assert client.get(api(case, "pixels")).status_code == 404
    set_active(membership=open_round.adjudicator, active=False, by=open_round.coordinator)
    assert client.post(page_of(open_round, "adjudicate", case.pk)).status_code == 302
    case.refresh_from_db()
    # The scores of the former adjudicator are discarded.
    assert (case.adjudicator, case.scores) == (other, {})
    assert client_of(user).get(api(case, "pixels")).status_code == 404


def test_submitted_adjudications_are_frozen_in_the_database(open_round):
    score(open_round.adjudicator.user, open_round.round)
    case = open_round.round.adjudications.first()
    assert {c: v["score"] for c, v in case.scores.items()} == adjudicated_grades(case.position)
    for change in (lambda: Adjudication.objects.update(scores={}), case.delete):
        with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
            change()


def test_unusable_scores_are_rejected(open_round, client_of):
    case = open_round.round.adjudications.first()
    client = client_of(open_round.adjudicator.user)
    unopened = client.put(api(case, "scores"), {"cells": SCORED})
    assert unopened.json()["error"]["code"] == "not_opened"
    open_adjudication(user=open_round.adjudicator.user, pk=case.pk)
    for cell in (
        {"cell": "L1_anterior", "score": 4, "validity": 0},
        {"cell": "L1_anterior", "score": 1, "validity": 3},
        {"cell": "L1_anterior", "score": None, "validity": 0},
        {"cell": "L1_anterior", "score": None, "validity": 2},
        {"cell": "all_anterior", "score": 1, "validity": 0},
    ):
        assert client.put(api(case, "scores"), {"cells": [cell]}).status_code == 400, cell


def test_site_coordinator_and_statistician_cannot_start(locked, client_of):
    add_adjudicator(locked)
    for person, status in ((locked.site_coordinator, 403), (locked.statistician, 404)):
        client = client_of(person)
        form = {"arm": "unguided", "cell_differs_by": "1"}
        for name in ("start-adjudication", "create-reference-version"):
            answer = client.post(page_of(locked, name), form, format="multipart")
            assert answer.status_code == status
    assert not Adjudication.objects.exists()
    page = client_of(locked.statistician).get(page_of(locked, "adjudication")).content.decode()
    assert "Start adjudication" not in page


def test_number_of_queries_of_the_work_list_is_fixed(
    open_round, client_of, django_assert_max_num_queries
):
    assert open_round.round.adjudications.count() >= 3
    client = client_of(open_round.adjudicator.user)
    client.get(page_of(open_round, "adjudicator-cases"))
    with django_assert_max_num_queries(12):
        client.get(page_of(open_round, "adjudicator-cases"))


def test_second_lock_needs_a_new_round(open_round, client_of):
    study, client = open_round.study, client_of(open_round.adjudicator.user)
    adjudication = Adjudication.objects.first()
    open_adjudication(user=open_round.adjudicator.user, pk=adjudication.pk)
    request_reopening(study=study, by=coordinator_of(open_round), reason="Wrong image")
    statistician = Membership.objects.get(user=open_round.statistician, study=study)
    confirm_reopening(study=study, by=statistician)
    assert client.get(api(adjudication, "pixels")).status_code == 403
    assert client.put(api(adjudication, "scores"), {"cells": SCORED}).status_code == 403
    lock(open_round)
    assert client.get(api(adjudication, "pixels")).status_code == 404
    assert client.post(api(adjudication, "submit")).status_code == 404
    assert begin(open_round).number == 2
    assert client.get(api(adjudication, "pixels")).status_code == 404


def test_round_of_an_earlier_lock_takes_no_scores_after_a_reopening_in_between(
    open_round, monkeypatch
):
    adjudication, user = Adjudication.objects.first(), open_round.adjudicator.user
    open_adjudication(user=user, pk=adjudication.pk)
    read_list = work.get_adjudication

    def get_then_reopen_and_lock(*arguments):
        # The study is reopened and locked again after the work list was read.
        membership_and_adjudication = read_list(*arguments)
        study = open_round.study
        request_reopening(study=study, by=coordinator_of(open_round), reason="Wrong image")
        statistician = Membership.objects.get(user=open_round.statistician, study=study)
        confirm_reopening(study=study, by=statistician)
        lock(open_round)
        return membership_and_adjudication

    monkeypatch.setattr(work, "get_adjudication", get_then_reopen_and_lock)
    with pytest.raises(Conflict, match="has been reopened"):
        work.save_scores(user=user, pk=adjudication.pk, scores=SCORED)
    adjudication.refresh_from_db()
    assert adjudication.scores == {}


def test_case_is_not_found_under_the_address_of_another_study(open_round, client_of):
    adjudication = Adjudication.objects.first()
    user = Membership.objects.get(role="adjudicator").user
    elsewhere = open_round.outside_study
    add_member(study=elsewhere, user=user, role=Role.ADJUDICATOR)
    page = reverse("adjudicate", args=[elsewhere.slug, adjudication.pk])
    assert client_of(user).post(page).status_code == 404
    adjudication.refresh_from_db()
    assert adjudication.adjudicator is None
