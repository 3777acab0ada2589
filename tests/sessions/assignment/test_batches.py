"""The batches of a study on the assignment page and through the API."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import Error
from django.db.transaction import atomic
from django.urls import reverse

from studies.cases.review import exclude_case
from studies.sessions.assignment.batches import BATCHES_PER_PAGE, batch_page, batch_progress
from studies.sessions.assignment.reassignment import reassign_cases
from studies.sessions.models import Batch, Reading
from studies.sessions.study_lifecycle import assign_cases
from tests.make import Cast, make_case, make_reader
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


def three_batches(client_of) -> Cast:
    """A first assignment, a late case, and a reader who dropped out after one reading."""
    cast = Cast()
    cast.assign_cases(3)
    Room(client_of(cast.reader.user), cast.study.slug).read()
    make_case(cast.study, cast.site)
    assign_cases(study=cast.study, by=cast.coordinator)
    make_reader(cast.study, cast.site, "rosa")
    cast.reader.active = False
    cast.reader.save()
    reassign_cases(study=cast.study, reader="R01", to="R03", by=cast.coordinator)
    return cast


def rows_of(cast: Cast) -> list[tuple[object, ...]]:
    entries = batch_progress(cast.study, list(batch_page(cast.study, "").object_list))
    return [
        (e.batch.number, e.batch.kind, e.batch.cases, e.batch.readings, e.read, e.left)
        for e in entries
    ]


def test_batches_state_what_was_assigned_and_what_is_left(client_of):
    cast = three_batches(client_of)
    # R01 read one of twelve readings; the other seven of R01 went to R03.
    assert rows_of(cast) == [
        (3, "reassignment", 4, 8, 0, 8),
        (2, "late", 1, 4, 0, 2),
        (1, "first", 3, 12, 1, 6),
    ]
    total = Reading.objects.filter(reading_list__study=cast.study).count()
    assert sum(row[4] + row[5] for row in rows_of(cast)) == total
    assert Batch.objects.get(number=3).reassigned_from == cast.reader
    assert {batch.assigned_by for batch in Batch.objects.all()} == {cast.coordinator}


def test_readings_of_an_excluded_case_are_neither_read_nor_left(cast):
    cases = cast.assign_cases(2)
    exclude_case(case=cases[0], actor=cast.coordinator, reason="hip")
    assert rows_of(cast) == [(1, "first", 2, 8, 0, 4)]


def test_assignment_page_lists_the_batches(client_of, client):
    cast = three_batches(client_of)
    client.force_login(cast.coordinator)
    page = client.get(reverse("assignment", args=[cast.study.slug])).content.decode()
    assert "Assigned batches" in page
    assert "cases of R01 reassigned" in page
    assert "late cases" in page


def test_api_lists_the_batches_as_the_page_does(client_of):
    cast = three_batches(client_of)
    answer = client_of(cast.coordinator).get(reverse("api-batches", args=[cast.study.slug])).json()
    assert (answer["count"], answer["page"], answer["pages"]) == (3, 1, 1)
    assert [
        tuple(row[name] for name in ("number", "kind", "cases", "readings", "read", "left"))
        for row in answer["results"]
    ] == rows_of(cast)
    assert answer["results"][0]["reassigned_from"] == "R01"
    assert {row["assigned_by"] for row in answer["results"]} == {"clara"}


def test_number_of_queries_does_not_depend_on_the_number_of_batches(
    client_of, client, django_assert_max_num_queries
):
    cast = three_batches(client_of)
    client.force_login(cast.coordinator)
    url = reverse("assignment", args=[cast.study.slug])
    with django_assert_max_num_queries(100) as few:
        client.get(url)
    Batch.objects.bulk_create(
        Batch(
            study=cast.study,
            number=n,
            kind="late",
            cases=1,
            readings=1,
            assigned_by=cast.reader.user,
        )
        for n in range(4, 4 + BATCHES_PER_PAGE)
    )
    with django_assert_max_num_queries(len(few)):
        page = client.get(url).content.decode()
    assert page.count("late cases") == BATCHES_PER_PAGE
    assert "Page 1 of 2" in page


def test_batches_cannot_be_changed_or_deleted(cast):
    cast.assign_cases(1)
    for change in (
        lambda: Batch.objects.update(cases=2),
        lambda: Batch.objects.all().delete(),
    ):
        with pytest.raises(Error, match="Cannot update or delete"), atomic():
            change()


def test_batches_of_an_earlier_version_are_those_of_the_audit_trail(client_of, monkeypatch):
    cast = three_batches(client_of)
    fields = ("number", "kind", "assigned_by", "reassigned_from", "cases", "readings")
    stored = list(Batch.objects.values_list(*fields))
    migration = import_module("studies.sessions.migrations.0015_batches")
    added: list[Batch] = []
    # The trigger keeps the rows of this version, so the migrated ones are compared unsaved.
    monkeypatch.setattr(Batch.objects, "bulk_create", added.extend)
    migration.add_batches_of_earlier_versions(apps, None)
    assert [
        (b.number, b.kind, b.assigned_by_id, b.reassigned_from_id, b.cases, b.readings)
        for b in added
        if b.study_id == cast.study.pk
    ] == stored
