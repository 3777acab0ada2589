"""Progress by period and by case, as coordinators see it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from studies.cases.review import exclude_case
from studies.conduct.progress import by_case
from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.sessions.models import Reading
from studies.sessions.queue import get_progress
from tests.make import Cast, make_case, make_reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def assigned(cast: Cast) -> Cast:
    cast.cases = cast.assign_cases(cases=4)
    return cast


def submit(readings, *, days_ago: float) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    readings.update(state="submitted", opened_at=at, submitted_at=at)


def of(reader, period: int):
    return Reading.objects.filter(reading_list__reader=reader, reading_list__period=period)


def rows(client, cast: Cast, page: str) -> list[dict[str, str]]:
    answer = client.get(f"/studies/{cast.study.slug}/{page}.csv")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def row_of(client, cast: Cast, reader, period: int) -> dict[str, str]:
    table = rows(client, cast, "progress-by-period")
    return next(r for r in table if (r["reader"], r["period"]) == (reader.label, str(period)))


def test_each_reader_has_a_row_for_each_period_with_its_arm(assigned, client):
    client.force_login(assigned.coordinator)
    table = rows(client, assigned, "progress-by-period")
    assert len(table) == 4
    arms = {(row["reader"], row["arm"]) for row in table}
    readers = (assigned.reader.label, assigned.other_reader.label)
    assert arms == {(reader, arm) for reader in readers for arm in ("Unguided", "Guided")}
    assert {row["left"] for row in table} == {"4"}
    assert {row["certification"] for row in table} == {"not required"}


def test_opening_of_period_2_agrees_with_the_schedule_of_the_reader(assigned, client):
    submit(of(assigned.reader, 1), days_ago=2)
    client.force_login(assigned.coordinator)
    row = row_of(client, assigned, assigned.reader, 2)
    opening = get_progress(Membership.objects.get(pk=assigned.reader.pk)).opening
    assert row["opens_on"] == opening.at.date().isoformat()
    assert (row["opening"], row["days_until_open"]) == ("fixed", "26")
    # 4 readings in 2 days.
    assert row_of(client, assigned, assigned.reader, 1)["readings_per_day"] == "2.00"
    text = client.get(f"/studies/{assigned.study.slug}/progress-by-period").content.decode()
    assert "in 26 days" in text


def test_finish_without_a_pace_has_a_reason(assigned, client):
    client.force_login(assigned.coordinator)
    row = row_of(client, assigned, assigned.reader, 1)
    assert row["expected_finish"] == ""
    assert row["no_expected_finish_because"] == "no readings in the last 14 days"
    Study.objects.filter(pk=assigned.study.pk).update(state="paused")
    row = row_of(client, assigned, assigned.reader, 1)
    assert row["no_expected_finish_because"] == "study is paused"


def test_excluded_cases_are_not_counted(assigned, client):
    exclude_case(case=assigned.cases[0], actor=assigned.coordinator, reason="motion")
    client.force_login(assigned.coordinator)
    assert row_of(client, assigned, assigned.reader, 1)["assigned"] == "3"
    cases = {row["case"] for row in rows(client, assigned, "progress-by-case")}
    assert cases == {case.label for case in assigned.cases[1:]}


def test_coordinator_of_one_site_sees_only_its_readers_and_no_arms(assigned, client):
    client.force_login(assigned.site_coordinator)
    table = rows(client, assigned, "progress-by-period")
    assert {row["reader"] for row in table} == {assigned.reader.label}
    assert {row["arm"] for row in table} == {""}
    text = client.get(f"/studies/{assigned.study.slug}/progress-by-period").content.decode()
    assert assigned.other_reader.label not in text
    assert "guided" not in text.lower()


def test_case_waits_for_the_readers_who_have_not_submitted_it(assigned, client):
    case = assigned.cases[0]
    submit(Reading.objects.filter(case=case, reading_list__reader=assigned.reader), days_ago=1)
    client.force_login(assigned.coordinator)
    row = next(r for r in rows(client, assigned, "progress-by-case") if r["case"] == case.label)
    assert row["waiting_for"] == f"{assigned.other_reader.label}, period 1 and period 2"
    assert (row["read"], row["left"]) == ("2", "2")


def test_case_waits_for_readers_of_other_sites_without_their_labels(assigned, client):
    client.force_login(assigned.site_coordinator)
    text = client.get(f"/studies/{assigned.study.slug}/progress-by-case").content.decode()
    assert "1 reader at other sites" in text
    assert assigned.other_reader.label not in text
    assert f"{assigned.reader.label}, period 1 and period 2" in text


def test_case_that_is_not_assigned_waits_for_the_next_step(cast, client):
    expected = {
        make_case(cast.study, cast.site).label: "assignment",
        make_case(cast.study, cast.site, state="pending_review").label: "de-identification review",
        make_case(cast.study, cast.site, state="received").label: "analysis",
        make_case(
            cast.study, cast.site, uncertainty={"code": "shift", "text": "for a test"}
        ).label: "review of the level labels",
    }
    client.force_login(cast.coordinator)
    table = {row["case"]: row["waiting_for"] for row in rows(client, cast, "progress-by-case")}
    assert table == expected


def test_page_of_cases_leaves_out_those_that_are_complete(assigned, client):
    submit(Reading.objects.filter(case=assigned.cases[0]), days_ago=1)
    client.force_login(assigned.coordinator)
    url = f"/studies/{assigned.study.slug}/progress-by-case"
    waiting = {row.label for row in client.get(url).context["rows"]}
    assert waiting == {case.label for case in assigned.cases[1:]}
    everything = {row.label for row in client.get(f"{url}?show=all").context["rows"]}
    assert everything == {case.label for case in assigned.cases}


@pytest.mark.parametrize("page", ["progress-by-period", "progress-by-case"])
def test_pages_take_the_same_number_of_queries_for_many_readers_and_cases(
    page, cast, client, django_assert_num_queries, django_assert_max_num_queries
):
    cast.assign_cases(cases=2)
    client.force_login(cast.coordinator)
    url = f"/studies/{cast.study.slug}/{page}"
    with django_assert_max_num_queries(12) as few:
        client.get(url)
    for number in range(6):
        make_reader(cast.study, cast.site, f"reader{number}")
    cast.assign_cases(cases=10)
    with django_assert_num_queries(len(few)):
        client.get(url)


def test_list_of_cases_is_paged(cast, client, monkeypatch):
    monkeypatch.setattr(by_case, "CASES_PER_PAGE", 2)
    for _ in range(3):
        make_case(cast.study, cast.site)
    client.force_login(cast.coordinator)
    text = client.get(f"/studies/{cast.study.slug}/progress-by-case").content.decode()
    assert "Page 1 of 2" in text
    assert len(rows(client, cast, "progress-by-case")) == 3


def test_rows_of_a_sequential_study_are_first_and_second_readings(client):
    cast = Cast(design="sequential")
    cast.assign_cases(cases=3)
    client.force_login(cast.coordinator)
    table = rows(client, cast, "progress-by-period")
    parts = [(row["reader"], row["period"], row["reading_of_case"], row["arm"]) for row in table]
    assert parts == [
        (reader.label, "1", step, arm)
        for reader in (cast.reader, cast.other_reader)
        for step, arm in (("1", "Unguided"), ("2", "Guided"))
    ]
    page = client.get(f"/studies/{cast.study.slug}/progress-by-period").content.decode()
    assert "<h1>Progress by reading</h1>" in page
    assert page.count("<td>first readings") == page.count("<td>second readings") == 2
    assert "<td>1 <" not in page
    waiting = {row["waiting_for"] for row in rows(client, cast, "progress-by-case")}
    labels = (cast.reader.label, cast.other_reader.label)
    assert waiting == {"; ".join(f"{label}, first reading and second reading" for label in labels)}


def test_site_coordinator_sees_each_part_of_a_sequential_study_once(client):
    """Without arms, only the part tells the rows of a reader apart."""
    cast = Cast(design="sequential")
    cast.assign_cases(cases=3)
    client.force_login(cast.site_coordinator)
    table = rows(client, cast, "progress-by-period")
    parts = [(row["reader"], row["period"], row["reading_of_case"], row["arm"]) for row in table]
    assert parts == [(cast.reader.label, "1", step, "") for step in ("1", "2")]
    page = client.get(f"/studies/{cast.study.slug}/progress-by-period")
    assert [row.part for row in page.context["rows"]] == ["first readings", "second readings"]
    text = " ".join(page.content.decode().split())
    assert text.count("<td>first readings</td>") == text.count("<td>second readings</td>") == 1
    assert "<td>1</td>" not in text
    case_page = client.get(f"/studies/{cast.study.slug}/progress-by-case").content.decode()
    assert f"{cast.reader.label}, first reading and second reading" in case_page
    assert "period 1" not in case_page


def test_period_of_other_designs_is_not_split(assigned, client):
    client.force_login(assigned.coordinator)
    table = rows(client, assigned, "progress-by-period")
    assert {row["reading_of_case"] for row in table} == {""}
    page = client.get(f"/studies/{assigned.study.slug}/progress-by-period").content.decode()
    assert "<h1>Progress by period</h1>" in page
