"""The study log: who sees which events, under which names, with which filters."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from studies.audit.models import Event
from studies.audit.record import record
from studies.audit.trail import EVENTS_PER_PAGE
from studies.cases.review import exclude_case
from studies.readers.members import set_active
from studies.sessions.masking import record_interim_look
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import reopen_reading
from tests.make import Cast, make_case, make_reader, make_user

pytestmark = pytest.mark.django_db


def log_text(client, cast: Cast, query: str = "") -> str:
    answer = client.get(f"/studies/{cast.study.slug}/log{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def sentences(client, cast: Cast, query: str = "") -> list[str]:
    answer = client.get(f"/studies/{cast.study.slug}/log{query}")
    return [entry.sentence for entry in answer.context["entries"]]


def csv_rows(client, cast: Cast, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/studies/{cast.study.slug}/log.csv{query}")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def test_coordinator_reads_who_did_what(cast, client):
    case = make_case(cast.study, cast.site)
    exclude_case(case=case, actor=cast.coordinator, reason="motion")
    client.force_login(cast.coordinator)
    assert sentences(client, cast)[0] == f"clara (CO01) excluded case {case.label}: motion."
    assert "Case excluded" in log_text(client, cast)


def test_coordinator_of_one_site_sees_no_case_or_reader_of_another(cast, client):
    at_site, other = make_case(cast.study, cast.site), make_case(cast.study, cast.other_site)
    for case in (at_site, other):
        exclude_case(case=case, actor=cast.coordinator, reason=f"motion in {case.label}")
    for reader in (cast.reader, cast.other_reader):
        set_active(membership=reader, active=False, by=cast.coordinator)
    client.force_login(cast.site_coordinator)
    text = log_text(client, cast)
    assert at_site.label in text
    assert f"CO01 deactivated {cast.reader.label}." in text
    assert other.label not in text
    assert cast.other_reader.label not in text
    assert "rolf" not in text
    rows = csv_rows(client, cast)
    assert other.label not in str(rows)
    assert cast.other_reader.label not in str(rows)


def test_coordinator_of_one_site_sees_events_of_the_whole_study_without_its_numbers(cast, client):
    cast.assign_cases(cases=5)
    record_interim_look(study=cast.study, by=cast.coordinator, reason="a safety board")
    client.force_login(cast.site_coordinator)
    lines = sentences(client, cast)
    assert "CO01 assigned cases to readers." in lines
    assert "CO01 opened the study for reading." in lines
    assert "safety" not in str(lines)
    # The names of people at other sites are not shown.
    assert "clara" not in log_text(client, cast)
    client.force_login(cast.coordinator)
    whole = "clara (CO01) assigned cases to readers as batch 1: 5 cases, 20 readings."
    assert whole in sentences(client, cast)


def test_readings_are_seen_by_coordinators_of_the_reader_s_site(cast, client):
    cast.assign_cases()
    for reader in (cast.reader, cast.other_reader):
        reading = Reading.objects.filter(reading_list__reader=reader).first()
        now = timezone.now()
        Reading.objects.filter(pk=reading.pk).update(
            state="submitted", opened_at=now, submitted_at=now
        )
        reading.refresh_from_db()
        record(
            "reading.opened",
            actor=reader.user,
            study=cast.study,
            subject=reading.pk,
            reading=reading.name,
        )
        reopen_reading(reading=reading, by=cast.coordinator, reason=f"asked by {reader.label}")
    client.force_login(cast.site_coordinator)
    at_site, other = cast.reader.label, cast.other_reader.label
    lines = " ".join(sentences(client, cast))
    assert f"of {at_site}: asked by {at_site}" in lines
    assert f"({at_site}) opened reading" in lines
    assert other not in lines


def test_log_has_neither_scores_nor_arms_of_readers(played_log, client):
    cast = played_log
    record(
        "period.acknowledged",
        actor=cast.reader.user,
        study=cast.study,
        subject=cast.reader.label,
        period=1,
        arm="guided measured",
        previous_arm="unguided",
    )
    record("reading.submitted", study=cast.study, reading="reading 1, period 1", score=7319)
    client.force_login(cast.coordinator)
    lines = " ".join(sentences(client, cast))
    assert "announcement of period 1" in lines
    assert "guided measured" not in lines
    assert "7319" not in log_text(client, cast)
    assert "7319" not in str(csv_rows(client, cast))


@pytest.fixture
def played_log(cast: Cast) -> Cast:
    cast.assign_cases()
    return cast


def test_events_of_other_studies_and_of_accounts_are_not_in_the_log(cast, client):
    record("account.signed_in", actor=cast.coordinator)
    record("study.paused", actor=cast.outsider, study=cast.outside_study)
    client.force_login(cast.coordinator)
    text = " ".join(sentences(client, cast))
    assert "signed in" not in text
    assert "paused" not in text


def test_log_is_filtered_by_person_kind_and_day(cast, client):
    case = make_case(cast.study, cast.site)
    exclude_case(case=case, actor=cast.coordinator, reason="motion")
    record("file.refused", actor=cast.site_coordinator, study=cast.study, code="hip")
    client.force_login(cast.coordinator)
    by_sita = sentences(client, cast, f"?person={cast.site_coordinator.pk}")
    assert any("reason code hip" in line for line in by_sita)
    assert not any("excluded" in line for line in by_sita)
    of_kind = sentences(client, cast, "?kind=case.excluded")
    assert of_kind == [f"clara (CO01) excluded case {case.label}: motion."]
    assert set(sentences(client, cast, "?kind=group-cases")) > set(of_kind)
    today = timezone.now().date()
    tomorrow = today + timedelta(days=1)
    assert sentences(client, cast, f"?from={tomorrow}") == []
    assert of_kind[0] in sentences(client, cast, f"?from={today - timedelta(days=1)}&to={tomorrow}")
    assert len(csv_rows(client, cast, "?kind=case.excluded")) == 1


def test_days_are_those_of_the_viewer_s_time_zone(cast, client):
    event = record("study.paused", actor=cast.coordinator, study=cast.study)
    cast.coordinator.time_zone = "Pacific/Kiritimati"  # UTC+14
    cast.coordinator.save()
    client.force_login(cast.coordinator)
    day = (event.at + timedelta(hours=14)).date()
    assert len(sentences(client, cast, f"?kind=study.paused&from={day}&to={day}")) == 1
    assert sentences(client, cast, f"?kind=study.paused&to={day - timedelta(days=1)}") == []


def test_a_date_that_cannot_be_used_is_explained(cast, client):
    client.force_login(cast.coordinator)
    text = log_text(client, cast, "?from=30.11.2026&to=2026-02-30")
    assert "Enter dates as year-month-day" in text
    assert "first day is after the last day" in log_text(
        client, cast, "?from=2026-03-02&to=2026-03-01"
    )


def test_csv_is_safe_in_spreadsheets_and_records_its_download(cast, client):
    case = make_case(cast.study, cast.site)
    person = make_reader(cast.study, cast.site, "nina").user
    person.first_name = "=HYPERLINK(1)"
    person.save()
    record("reading.opened", actor=person, study=cast.study, reading="reading 1, period 1")
    exclude_case(case=case, actor=cast.coordinator, reason="=1+1")
    client.force_login(cast.coordinator)
    rows = csv_rows(client, cast)
    assert rows[0]["sentence"] == "clara (CO01) downloaded the file study-log."
    assert all(not value.startswith("=") for row in rows for value in row.values())
    assert any(row["name"] == "'=HYPERLINK(1)" for row in rows)
    assert Event.objects.filter(action="data.downloaded", subject="study-log").count() == 1


def test_log_takes_the_same_number_of_queries_whatever_its_length(
    cast, client, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(cast.coordinator)
    url = f"/studies/{cast.study.slug}/log"
    reader = make_user("first")
    record("study.paused", actor=reader, study=cast.study)
    with django_assert_max_num_queries(12) as few:
        client.get(url)
    for number in range(2 * EVENTS_PER_PAGE):
        make = make_reader(cast.study, cast.site, f"reader{number}")
        record("study.paused", actor=make.user, study=cast.study)
    with django_assert_num_queries(len(few)):
        answer = client.get(url)
    assert len(answer.context["entries"]) == EVENTS_PER_PAGE
    assert "Page 1 of" in answer.content.decode()


def test_filters_stay_in_the_addresses_of_the_pages(cast, client):
    for _ in range(EVENTS_PER_PAGE + 1):
        record("study.paused", actor=cast.coordinator, study=cast.study)
    client.force_login(cast.coordinator)
    text = log_text(client, cast, "?kind=study.paused")
    assert "?kind=study.paused&amp;page=2" in text
    assert f"{cast.study.slug}/log.csv?kind=study.paused" in text


def test_coordinator_of_one_site_sees_messages_of_the_site_and_nothing_of_the_review(cast, client):
    for reader in (cast.reader, cast.other_reader):
        record("message.asked", actor=reader.user, study=cast.study, subject=reader.label)
        record("member.notified", study=cast.study, subject=reader.label, kind="reminder")
    case = make_case(cast.study, cast.site)
    for kind, subject in (("review.note_added", case.label), ("adjudication.started", 1)):
        record(kind, actor=cast.coordinator, study=cast.study, subject=subject, cases=7319)
    record("announcement.published", actor=cast.coordinator, study=cast.study, subject="BE")
    reopened = {"subject": "a key", "reason": f"error in {case.label}"}
    record("study.reopening_requested", actor=cast.coordinator, study=cast.study, **reopened)
    record("study.reopened", actor=cast.statistician, study=cast.study, **reopened)
    client.force_login(cast.site_coordinator)
    assert sentences(client, cast)[:3] == [
        "S01 confirmed the reopening of the study.",
        f"VerteRead wrote an email about the study to {cast.reader.label}.",
        f"{cast.reader.label} asked a question.",
    ]
    client.force_login(cast.coordinator)
    lines = " ".join(sentences(client, cast))
    assert f"reopening of the study: error in {case.label}." in lines
    assert "started round 1 of the adjudication" in lines
    # How many cases and which ones depends on the scores, which a reopening masks again.
    assert "7319" not in lines
    assert f"note to {case.label}" not in lines
