"""The plan of a study as CSV, before and after the assignment."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from studies.audit.models import Event
from studies.cases.review import exclude_case
from studies.conduct.plan.rows import COLUMNS
from studies.readers.members import set_active
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import assign_cases
from tests.make import Cast, make_case
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db
DRAWN = COLUMNS[: COLUMNS.index("state")]


def download(client, cast: Cast, name: str, pace: str = "") -> list[dict[str, str]]:
    client.force_login(cast.coordinator)
    url = reverse(name, args=[cast.study.slug])
    answer = client.get(url, {"readings_per_week": pace})
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def drawn(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in DRAWN) for row in rows]


@pytest.mark.parametrize("design", ["crossover", "sequential", "parallel"])
def test_preview_equals_the_assignment_that_follows(client, design):
    cast = Cast(design=design, readers_per_case=1 if design == "parallel" else 2, hidden_repeats=2,
                repeat_after_readings=3)  # fmt: skip
    for _ in range(5):
        make_case(cast.study, cast.other_site)
    before = download(client, cast, "plan-preview-csv", "7")
    assign_cases(study=cast.study, by=cast.coordinator)
    after = download(client, cast, "plan-csv", "7")
    assert drawn(before) == drawn(after)
    assert {row["state"] for row in before} == {"planned"}
    assert {row["state"] for row in after} == {"waiting"}
    assert [row["expected_on"] for row in before] == [row["expected_on"] for row in after]
    assert {row["case_site"] for row in before} == {"B"}
    assert sum(row["hidden_repeat"] == "true" for row in after) == (
        Reading.objects.filter(replicate=2).count()
    )


def test_positions_of_a_late_batch_continue_those_of_the_first(client, cast):
    cast.assign_cases(3)
    make_case(cast.study, cast.site)
    before = download(client, cast, "plan-preview-csv")
    assert {row["position"] for row in before} == {"4"}
    assert {row["batch"] for row in before} == {"2"}
    assign_cases(study=cast.study, by=cast.coordinator)
    after = [row for row in download(client, cast, "plan-csv") if row["batch"] == "2"]
    assert drawn(before) == drawn(after)


def test_stored_plan_states_what_was_read_and_when_the_rest_is_expected(client_of, client, cast):
    cases = cast.assign_cases(3)
    Room(client_of(cast.reader.user), cast.study.slug).read()
    exclude_case(case=cases[0], actor=cast.coordinator, reason="hip")
    set_active(membership=cast.other_reader, active=False, by=cast.coordinator)
    rows = download(client, cast, "plan-csv", "7")
    today = timezone.localdate()
    assert len(rows) == 12
    for row in rows:
        submitted = row["submitted_on"] != ""
        left = row["case"] != cases[0].label and not submitted and row["reader"] == "R01"
        assert (row["expected_on"] != "") == left
        assert (row["state"] == "excluded") == (row["case"] == cases[0].label)
    assert sum(row["submitted_on"] == today.isoformat() for row in rows) == 1
    first = [row["expected_on"] for row in rows if row["expected_on"] and row["period"] == "1"]
    second = [row["expected_on"] for row in rows if row["expected_on"] and row["period"] == "2"]
    assert min(first) == today.isoformat()
    assert min(second) >= (today + timedelta(days=28)).isoformat()


def test_plan_reveals_neither_scores_nor_names(client_of, client, cast):
    cast.assign_cases(2)
    Room(client_of(cast.reader.user), cast.study.slug).read(score=3)
    rows = download(client, cast, "plan-csv")
    assert tuple(rows[0]) == COLUMNS
    assert "rita" not in str(rows)
    assert Event.objects.filter(action="data.downloaded", subject="plan").count() == 1


def test_without_cases_the_preview_states_what_is_missing(client, cast):
    client.force_login(cast.coordinator)
    answer = client.get(reverse("plan-preview-csv", args=[cast.study.slug]))
    assert answer.status_code == 409
    assert b"ready" in answer.content
    assert not Event.objects.filter(action="data.downloaded").exists()


@pytest.mark.parametrize("name", ["plan-csv", "plan-preview-csv"])
def test_only_coordinators_of_the_whole_study_get_the_plan(name, client, cast):
    cast.assign_cases(2)
    make_case(cast.study, cast.site)
    url = reverse(name, args=[cast.study.slug])
    for user, status in (
        (cast.coordinator, 200),
        (cast.site_coordinator, 403),
        (cast.reader.user, 404),
        (cast.statistician, 404),
        (cast.outsider, 404),
    ):
        client.force_login(user)
        assert client.get(url).status_code == status


@pytest.mark.parametrize("name", ["plan-csv", "plan-preview-csv"])
def test_number_of_queries_does_not_depend_on_the_number_of_readings(
    name, client, cast, django_assert_max_num_queries
):
    cast.assign_cases(2)
    make_case(cast.study, cast.site)
    with django_assert_max_num_queries(60) as few:
        rows = download(client, cast, name)
    for _ in range(6):
        make_case(cast.study, cast.site)
    if name == "plan-csv":
        assign_cases(study=cast.study, by=cast.coordinator)
    with django_assert_max_num_queries(len(few)):
        assert len(download(client, cast, name)) > len(rows)
