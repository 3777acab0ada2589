"""Queries and answers of progress, assignment and reading do not depend on a study's size."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.sessions import forms
from studies.sessions.assignment.preview import preview_assignment
from studies.sessions.models import Reading, ReadingList, Score
from studies.sessions.study_lifecycle import assign_cases
from tests.make import Cast, make_case, make_reader

pytestmark = pytest.mark.django_db


def count_queries(call: Any) -> tuple[Any, int]:
    with CaptureQueriesContext(connection) as captured:
        answer = call()
    queries = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    return answer, len(queries)


def submit_all(readings: Any) -> None:
    now = timezone.now()
    readings.update(state="submitted", opened_at=now, submitted_at=now)


@pytest.mark.parametrize("path", ["/studies/{}/progress", "/api/v1/studies/{}/progress"])
def test_progress_takes_as_many_queries_and_bytes_for_many_readings_as_for_few(
    cast, client_of, monkeypatch, path
):
    monkeypatch.setattr(forms, "MAX_CHOICES", 3)
    client, address = client_of(cast.coordinator), path.format(cast.study.slug)
    cast.assign_cases(2)
    submit_all(Reading.objects.all())
    few, few_queries = count_queries(lambda: client.get(address))
    cast.assign_cases(10)
    submit_all(Reading.objects.all())
    many, many_queries = count_queries(lambda: client.get(address))
    assert many.status_code == few.status_code == 200
    # The starts of the periods, the reopened readings and the unread messages take one query each.
    assert many_queries == few_queries <= 14
    assert len(many.content) < len(few.content) * 1.1


def test_progress_for_polling_has_readers_and_sites_and_no_score(cast, client_of):
    cast.assign_cases(2)
    submit_all(Reading.objects.filter(reading_list__reader=cast.reader))
    answer = client_of(cast.coordinator).get(f"/api/v1/studies/{cast.study.slug}/progress").json()
    rows = [(row["label"], row["read"], row["total"]) for row in answer["readers"]]
    assert rows == [("R01", 4, 4), ("R02", 0, 4)]
    assert [row["site"] for row in answer["sites"]] == ["Hospital A", "Hospital B"]
    mine = client_of(cast.site_coordinator).get(f"/api/v1/studies/{cast.study.slug}/progress")
    assert [row["label"] for row in mine.json()["readers"]] == ["R01"]


def test_any_submitted_reading_can_be_found_by_its_case(cast, client_of, monkeypatch):
    monkeypatch.setattr(forms, "MAX_CHOICES", 3)
    wanted, *_ = cast.assign_cases(6)
    submit_all(Reading.objects.all())
    client, address = client_of(cast.coordinator), f"/studies/{cast.study.slug}/progress"
    everything = client.get(address).content.decode()
    assert everything.count("<option") == 4 and "latest" in everything
    alone = client.get(f"{address}?q={wanted.label}").content.decode()
    options = alone.split("<option")[2:]
    assert options and all(wanted.label in option for option in options)


def test_assigning_takes_as_many_queries_for_many_cases_and_readers_as_for_few(cast):
    def assign(cases: int) -> int:
        for _ in range(cases):
            make_case(cast.study, cast.site)
        _, queries = count_queries(lambda: assign_cases(study=cast.study, by=cast.coordinator))
        return queries

    few = assign(1)
    for number in range(6):
        make_reader(cast.study, cast.site, f"reader{number}")
    assert assign(12) <= few <= 30
    assert assign(20) <= few


def test_assigning_four_arms_with_hidden_repeats_takes_at_most_30_queries(client_of):
    """With those of session, sign-in, transaction and the registration of the model."""
    cast = Cast(
        arms=["unguided", "guided", "measured", "guided measured"],
        hidden_repeats=2,
        repeat_after_readings=2,
    )
    for _ in range(12):
        make_case(cast.study, cast.site)
    client = client_of(cast.coordinator)
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(f"/api/v1/studies/{cast.study.slug}/assign")
    assert answer.status_code == 200, answer.content
    assert Reading.objects.count() == 4 * 2 * (12 + 2)
    # In tests, two savepoints replace the beginning and the end of the transaction.
    assert len(captured) <= 30


def test_stored_assignment_is_the_one_that_was_drawn(cast):
    """Two batches, the second after the first, with each case's current landmark set."""
    for batch in (1, 2):
        for _ in range(7):
            make_case(cast.study, cast.site)
        drawn = preview_assignment(cast.study).rows
        start = {
            (row.reader_id, row.period): row.readings.count() for row in ReadingList.objects.all()
        }
        assign_cases(study=cast.study, by=cast.coordinator)
        stored = Reading.objects.filter(batch=batch).select_related("reading_list", "case")
        assert {
            (r.reading_list.reader_id, str(r.case_id), r.arm, r.reading_list.period, r.position)
            for r in stored
        } == {
            (r.reader, r.case, r.arm, r.period, r.position + start.get((r.reader, r.period), 0))
            for r in drawn
        }
        assert all(r.landmark_set_id == r.case.landmark_set_id for r in stored)
        for reading in stored:
            fields = {f.attname for f in Reading._meta.concrete_fields}
            differing = {"id", "reading_list_id", "case_id", "landmark_set_id", "batch", "position"}
            plain = Reading()
            for name in fields - differing:
                assert getattr(reading, name) == getattr(plain, name), name


def test_saving_a_score_takes_the_same_queries_in_a_large_study_as_in_a_small_one(cast, client_of):
    def queries_of_reading() -> list[int]:
        client = client_of(cast.reader.user)
        where = f"/api/v1/studies/{cast.study.slug}/reading"
        first, at_start = count_queries(lambda: client.get(where))
        pk = first.json()["current"]["id"]
        opened, opening = count_queries(lambda: client.post(f"/api/v1/readings/{pk}/open"))
        assert opened.status_code == 200
        cells = Score.objects.filter(reading=pk, cell="L1_anterior")
        version = cells.values_list("version", flat=True).first() or 0
        sent = {"change_id": str(uuid4()), "version": version, "score": 2}
        cell = f"/api/v1/readings/{pk}/cells/L1_anterior"
        saved, saving = count_queries(lambda: client.put(cell, sent))
        assert saved.status_code == 200, saved.content
        return [at_start, opening, saving]

    cast.assign_cases(2)
    queries_of_reading()
    few = queries_of_reading()
    cast.assign_cases(40)
    many = queries_of_reading()
    assert many == few
    # Opening ends the session of the earlier sign-in and starts one, with the reading's interval.
    assert few == [12, 16, 5]
