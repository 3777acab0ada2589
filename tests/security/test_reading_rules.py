"""Attempts to get round the rules of reading: order, washout, time and masking."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.cases.review import exclude_case
from studies.errors import Conflict
from studies.readers.models import Membership
from studies.sessions import masking
from studies.sessions.models import InterimLook, Reading
from studies.sessions.queue import get_queue
from studies.sessions.study_lifecycle import assign_cases, reopen_reading
from tests.make import make_case

pytestmark = pytest.mark.django_db


def test_cases_are_locked_before_they_are_assigned(cast):
    make_case(cast.study, cast.site)
    with CaptureQueriesContext(connection) as queries:
        assign_cases(study=cast.study, by=cast.coordinator)
    locking = [q["sql"] for q in queries if 'FOR UPDATE OF "cases_case"' in q["sql"]]
    first = next(q["sql"] for q in queries if 'FROM "cases_case"' in q["sql"])
    assert locking == [first]


def test_reading_is_not_reopened_once_the_other_pass_has_shown_its_case(cast):
    cast.assign_cases(1)
    mine = Reading.objects.filter(reading_list__reader=cast.reader).in_order()
    now = timezone.now()
    mine.update(opened_at=now)
    mine.filter(pk=mine[0].pk).update(state="submitted", submitted_at=now)
    with pytest.raises(Conflict, match="since opened this case"):
        reopen_reading(reading=mine[0], by=cast.coordinator, reason="a slip")
    mine.filter(pk=mine[1].pk).update(opened_at=None)
    assert reopen_reading(reading=mine[0], by=cast.coordinator, reason="a slip").state == "open"


def test_many_posts_of_time_add_up_to_no_more_than_the_clock(cast, client_of):
    cast.assign_cases(1)
    client = client_of(cast.reader.user)
    reading = Reading.objects.filter(reading_list__reader=cast.reader).in_order().first()
    client.post(f"/api/v1/readings/{reading.pk}/open")
    for _ in range(20):
        change = {"change_id": str(uuid4()), "active_ms": 60_000, "idle_ms": 60_000}
        client.post(f"/api/v1/readings/{reading.pk}/time", change)
    reading.refresh_from_db()
    wall_ms = (timezone.now() - reading.opened_at).total_seconds() * 1000
    assert 0 < reading.active_ms + reading.idle_ms <= wall_ms + 2000


def test_excluding_the_last_case_read_does_not_shorten_the_washout(cast):
    cast.assign_cases(2)
    mine = Reading.objects.filter(reading_list__reader=cast.reader).in_order()
    now = timezone.now()
    for reading, days in zip(mine[:2], (27, 5), strict=True):
        Reading.objects.filter(pk=reading.pk).update(
            state="submitted",
            opened_at=now - timedelta(days=days),
            submitted_at=now - timedelta(days=days),
        )
    exclude_case(case=mine[1].case, actor=cast.coordinator, reason="moved")
    waiting = get_queue(Membership.objects.get(pk=cast.reader.pk)).waiting
    assert waiting.opens_at == now + timedelta(days=cast.study.washout_days - 5)


def test_interim_look_ends_after_a_day_and_cannot_be_deleted(cast, monkeypatch):
    membership = Membership.objects.get(study=cast.study, user=cast.statistician)
    look = InterimLook.objects.create(study=cast.study, by=cast.statistician, reason="safety")
    assert masking.may_see_scores(membership)
    tomorrow = timezone.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(masking.timezone, "now", lambda: tomorrow)
    assert not masking.may_see_scores(membership)
    with pytest.raises(DatabaseError), transaction.atomic():
        look.delete()


def test_other_pass_cannot_be_fetched_ahead_even_without_a_washout(cast, client_of):
    cast.study.washout_days = 0
    cast.study.save()
    cast.assign_cases(1)
    client = client_of(cast.reader.user)
    queue = get_queue(Membership.objects.get(pk=cast.reader.pk))
    assert (queue.current.reading_list.period, queue.next) == (1, None)
    later = Reading.objects.get(reading_list__reader=cast.reader, reading_list__period=2)
    for part in ("", "/pixels", "/guides"):
        assert client.get(f"/api/v1/readings/{later.pk}{part}").status_code == 404
