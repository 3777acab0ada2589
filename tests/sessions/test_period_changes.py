"""The change of period and arm is announced, and the server waits for its acknowledgement."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import InternalError, connection, transaction
from django.utils import timezone

from studies.audit.models import Event
from studies.sessions import queue
from studies.sessions.models import PeriodAcknowledgement, Reading, ReadingList
from studies.sessions.study_lifecycle import assign_cases, reopen_reading
from tests.make import Cast, acknowledge_first_period, make_case
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db

REFUSED = "period_not_acknowledged"


@pytest.fixture
def room(cast, client_of):
    cast.assign_cases(3, acknowledge=False)
    return Room(client_of(cast.reader.user), cast.study.slug)


@pytest.fixture
def wait(monkeypatch):
    """Set the clock that the queue reads to the end of the washout."""

    def until_the_washout_is_over() -> None:
        last = Reading.objects.submitted().order_by("-submitted_at").first().submitted_at
        now = last + timedelta(days=28, seconds=1)
        monkeypatch.setattr(queue, "timezone", SimpleNamespace(now=lambda: now))

    return until_the_washout_is_over


def try_to_open(room: Room):
    pk = room.status()["current"]["id"]
    return room.client.post(f"/api/v1/readings/{pk}/open")


def lists_of(cast: Cast) -> list[ReadingList]:
    return list(cast.reader.reading_lists.order_by("period"))


def period_json(reading_list: ReadingList) -> dict[str, object]:
    return {
        "period": reading_list.period,
        "arm": reading_list.arm,
        "guides": reading_list.arm == "guided",
        "measured": False,
    }


def test_first_reading_opens_only_after_its_period_is_acknowledged(room, cast):
    first, _ = lists_of(cast)
    expected = {**period_json(first), "periods": 2, "begins": True, "previous": None}
    assert room.status()["announcement"] == expected
    refused = try_to_open(room)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, REFUSED)
    assert not Reading.objects.exclude(state="waiting").exists()

    answer = room.acknowledge(1)
    assert answer.status_code == 200
    assert answer.json()["period"] == 1
    assert room.status()["announcement"] is None
    assert try_to_open(room).status_code == 200
    (event,) = Event.objects.filter(action="period.acknowledged")
    assert event.actor == cast.reader.user
    assert event.data == {"period": 1, "arm": first.arm, "previous_arm": None, "begins": True}


def test_period_2_is_announced_with_what_it_changes(room, cast, wait):
    for _ in range(3):
        room.read()
    assert room.status()["announcement"] is None
    wait()
    first, second = lists_of(cast)
    expected = {**period_json(second), "periods": 2, "begins": True, "previous": period_json(first)}
    assert room.status()["announcement"] == expected
    assert try_to_open(room).json()["error"]["code"] == REFUSED
    assert room.acknowledge(2).status_code == 200
    room.read()
    assert room.status()["announcement"] is None
    assert PeriodAcknowledgement.objects.filter(reading_list__reader=cast.reader).count() == 2


def test_study_with_one_arm_announces_nothing(client_of, db):
    cast = Cast(arms=["guided"])
    cast.assign_cases(2, acknowledge=False)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    assert room.status()["announcement"] is None
    assert try_to_open(room).status_code == 200


def test_repeated_acknowledgement_returns_the_first_one(room):
    first = room.acknowledge(1).json()
    assert room.acknowledge(1).json() == first
    room.open()
    assert room.acknowledge(1).json() == first
    assert PeriodAcknowledgement.objects.count() == 1


def test_acknowledgement_of_another_period_is_refused(room):
    assert room.acknowledge(2).json()["error"]["code"] == "nothing_to_acknowledge"
    assert try_to_open(room).json()["error"]["code"] == REFUSED
    assert not PeriodAcknowledgement.objects.exists()


def test_acknowledgement_by_another_reader_does_not_count(room, cast, client_of):
    other = Room(client_of(cast.other_reader.user), cast.study.slug)
    assert other.acknowledge(1).status_code == 200
    assert try_to_open(room).json()["error"]["code"] == REFUSED


@pytest.mark.django_db(transaction=True)
def test_two_windows_store_one_acknowledgement(room, cast, client_of):
    def acknowledge(_: int) -> int:
        try:
            return Room(client_of(cast.reader.user), cast.study.slug).acknowledge(1).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(acknowledge, range(4))) == {200}
    assert PeriodAcknowledgement.objects.count() == 1


def test_acknowledgement_is_never_changed_or_deleted(room):
    room.acknowledge(1)
    for change in (
        lambda: PeriodAcknowledgement.objects.update(at=timezone.now()),
        lambda: PeriodAcknowledgement.objects.all().delete(),
    ):
        with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
            change()


def test_reader_who_has_begun_a_period_before_an_upgrade_is_asked_nothing(room, cast, wait):
    """Readings of earlier versions have no acknowledgement."""
    now = timezone.now()
    mine = Reading.objects.filter(reading_list__reader=cast.reader).in_order()
    first, second, third = mine[:3]
    Reading.objects.filter(pk=first.pk).update(state="open", opened_at=now)
    assert room.status()["announcement"] is None
    assert try_to_open(room).status_code == 200
    done = {"state": "submitted", "opened_at": now, "submitted_at": now}
    Reading.objects.filter(pk=first.pk).update(**done)
    assert room.status()["current"]["id"] == str(second.pk)
    assert room.status()["announcement"] is None
    assert try_to_open(room).status_code == 200

    Reading.objects.filter(pk__in=[second.pk, third.pk]).update(**done)
    wait()
    later = queue.timezone.now()
    in_period_2 = mine.filter(reading_list__period=2).first()
    Reading.objects.filter(pk=in_period_2.pk).update(
        state="submitted", opened_at=later, submitted_at=later
    )
    assert room.status()["current"]["period"] == 2
    assert room.status()["announcement"] is None
    assert try_to_open(room).status_code == 200


def test_new_batch_in_the_same_period_is_not_announced(room, cast):
    room.read()
    make_case(cast.study, cast.site)
    assign_cases(study=cast.study, by=cast.coordinator)
    for _ in range(3):
        assert room.status()["announcement"] is None
        room.read()
    assert room.status()["waiting"]["code"] == "washout"


def test_batch_after_period_2_announces_the_return_to_period_1(room, cast, wait):
    for _ in range(3):
        room.read()
    wait()
    for _ in range(3):
        room.read()
    make_case(cast.study, cast.site)
    assign_cases(study=cast.study, by=cast.coordinator)
    announcement = room.status()["announcement"]
    assert (announcement["period"], announcement["begins"]) == (1, False)
    assert announcement["previous"]["period"] == 2
    assert try_to_open(room).json()["error"]["code"] == REFUSED
    room.read()


def test_reopened_reading_of_another_period_is_announced_there_and_back(room, cast, wait):
    read_first = [room.read() for _ in range(3)]
    wait()
    pk = room.read()
    case = Reading.objects.get(pk=pk).case_id
    reopened = Reading.objects.filter(pk__in=read_first).exclude(case=case).first()
    reopen_reading(reading=reopened, by=cast.coordinator, reason="wrong side")
    status = room.status()
    assert status["current"]["id"] == str(reopened.pk)
    assert (status["announcement"]["period"], status["announcement"]["begins"]) == (1, False)
    assert try_to_open(room).json()["error"]["code"] == REFUSED
    assert room.acknowledge(1).status_code == 200
    assert room.status()["announcement"] is None
    assert try_to_open(room).status_code == 200
    Reading.objects.filter(pk=reopened.pk).update(
        state="submitted", submitted_at=queue.timezone.now()
    )
    announcement = room.status()["announcement"]
    assert (announcement["period"], announcement["begins"]) == (2, False)
    assert room.acknowledge(2).status_code == 200


def test_reading_that_is_reopened_in_its_own_period_is_not_announced(room, cast):
    pk = room.read()
    reopen_reading(reading=Reading.objects.get(pk=pk), by=cast.coordinator, reason="wrong side")
    assert room.status()["current"]["id"] == pk
    assert room.status()["announcement"] is None


def test_announcement_reveals_no_later_period(room, cast):
    """Only what applies to the next reading is sent, not the arm that follows."""
    first, second = lists_of(cast)
    status = room.status()
    assert status["announcement"]["arm"] == first.arm
    assert f"'{second.arm}'" not in str(status)


def test_progress_shows_when_periods_were_acknowledged_but_not_their_arms(room, cast, client_of):
    room.acknowledge(1)
    client = client_of(cast.coordinator)
    answer = client.get(f"/api/v1/studies/{cast.study.slug}/progress").json()
    by_label = {row["label"]: row["periods"] for row in answer["readers"]}
    (row,) = PeriodAcknowledgement.objects.all()
    at = row.at.isoformat().replace("+00:00", "Z")
    assert by_label[cast.reader.label] == [{"period": 1, "acknowledged_at": at}]
    assert by_label[cast.other_reader.label] == []
    page = client.get(f"/studies/{cast.study.slug}/progress").content.decode()
    assert "Start of period acknowledged" in page
    assert "Period 1: <time" in page
    assert "guided" not in page.lower()


def test_first_periods_of_a_cast_can_be_acknowledged_at_once(room, cast):
    acknowledge_first_period(cast.study)
    assert try_to_open(room).status_code == 200
