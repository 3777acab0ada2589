"""Sequential studies: each case is read unguided and then, at once, in the other arm."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from studies.analytics.scale import cells_to_score
from studies.errors import StudyError
from studies.protocol.design import change_study
from studies.readers.forms import StudyForm
from studies.readers.members import set_active
from studies.reports.files.tidy import csv_lines
from studies.reports.reference_standard import study_rows
from studies.reports.snapshot import take_snapshot
from studies.sessions.assignment.preview import preview_assignment
from studies.sessions.assignment.reassignment import reassign_cases
from studies.sessions.models import Change, Reading, ReadingList, Score
from studies.sessions.schedule.slots import Refreshers, Slot
from studies.sessions.schedule.turns import find_turn
from studies.sessions.study_lifecycle import reopen_reading
from tests.make import Cast, make_case
from tests.protocol.test_designs import form_data
from tests.sessions.reading_room import change
from tests.sessions.submitted_readings.revising_room import RevisingRoom

pytestmark = pytest.mark.django_db


class SequentialRoom(RevisingRoom):
    """A reading room whose readings may start with scores."""

    def read_open(self, pk: str, score: int = 1) -> None:
        stored = dict(Score.objects.filter(reading=pk).values_list("cell", "version"))
        for cell in cells_to_score(aac8=False):
            answer = self.put(pk, cell, score=score, version=stored.get(cell, 0))
            assert answer.status_code == 200, answer.content
        assert self.submit(pk).status_code == 200

    def read(self, score: int = 1, *, aac8: bool = False) -> str:
        pk = self.open()
        self.read_open(pk, score)
        return pk


def make_room(client_of: Any, cases: int = 3, **design: Any) -> tuple[Cast, SequentialRoom]:
    cast = Cast(**{"design": "sequential", "revision_rule": "session", **design})
    cast.assign_cases(cases)
    return cast, SequentialRoom(client_of(cast.reader.user), cast.study.slug)


def readings_of(cast: Cast) -> list[Reading]:
    readings = Reading.objects.filter(reading_list__reader=cast.reader)
    return list(readings.select_related("reading_list").order_by("position"))


def guides(room: SequentialRoom, pk: object) -> int:
    return room.client.get(f"/api/v1/readings/{pk}/guides").status_code


@pytest.mark.parametrize(
    "arms", [["guided", "measured"], ["unguided"], ["unguided", "guided", "measured"]]
)
def test_sequential_study_needs_the_unguided_arm_and_one_other(cast, arms):
    errors = StudyForm(form_data(design="sequential", arms=arms)).errors
    assert "A sequential study has two arms: the unguided arm" in errors["arms"][0]


def test_readings_of_a_case_have_successive_positions_in_one_period(client_of):
    cast, _ = make_room(client_of, 4)
    readings = readings_of(cast)
    assert [reading.position for reading in readings] == list(range(1, 9))
    assert [reading.arm for reading in readings] == ["unguided", "guided"] * 4
    for first, second in zip(readings[::2], readings[1::2], strict=True):
        assert first.case_id == second.case_id
    assert len({reading.name for reading in readings}) == 8
    # The order of the cases differs between readers.
    orders = {
        tuple(
            Reading.objects.filter(reading_list__reader=reader, reading_list__step=1)
            .order_by("position")
            .values_list("case", flat=True)
        )
        for reader in (cast.reader, cast.other_reader)
    }
    assert len(orders) == 2


def test_second_reading_is_unknown_until_the_first_is_submitted(client_of):
    cast, room = make_room(client_of)
    first, second, third, *_ = readings_of(cast)
    assert room.open() == str(first.pk)
    status = room.status()
    assert status["next"] is None
    assert status["announcement"] is None
    assert status["current"]["sequence"] == {"step": 1, "arms": ["unguided", "guided"]}
    for part in ("", "/pixels", "/guides"):
        for pk in (second.pk, third.pk):
            assert room.client.get(f"/api/v1/readings/{pk}{part}").status_code == 404
    assert room.client.post(f"/api/v1/readings/{second.pk}/open").status_code == 409
    assert room.read() == str(first.pk)
    status = room.status()
    assert status["current"]["id"] == str(second.pk)
    assert status["current"]["sequence"]["step"] == 2
    # The next case can be fetched ahead as usual.
    assert status["next"]["id"] == str(third.pk)


def test_guides_are_fetched_only_after_opening_has_frozen_the_first_reading(client_of):
    cast, room = make_room(client_of)
    first, second, *_ = readings_of(cast)
    room.read()
    assert guides(room, second.pk) == 404
    # Until then, the study's rule on revision applies to the first reading.
    assert room.revisable() == [str(first.pk)]
    room.open()
    assert guides(room, second.pk) == 200
    assert room.revisable() == []
    assert room.refusal(str(first.pk)) in {"guides_seen", "read_again"}
    with pytest.raises(StudyError, match="has since opened this case"):
        reopen_reading(reading=first, by=cast.coordinator, reason="slip")


def test_second_reading_starts_with_the_first_scores_as_a_distinguishable_change(client_of):
    cast, room = make_room(client_of, arms=["unguided", "guided"])
    first, second, *_ = readings_of(cast)
    room.read(score=2)
    room.open()
    cells = room.status()["current"]["cells"]
    assert {cell["score"] for cell in cells.values()} == {2}
    start = Change.objects.get(reading=second, kind="start")
    assert {value["score"] for value in start.value["cells"].values()} == {2}
    answer = room.client.put(
        f"/api/v1/readings/{second.pk}/cells/L4_posterior", change(score=3, version=1)
    )
    assert answer.status_code == 200, answer.content
    assert room.submit(str(second.pk)).status_code == 200
    scores = dict(second.scores.values_list("cell", "score"))
    assert scores.pop("L4_posterior") == 3
    assert set(scores.values()) == {2}
    assert set(first.scores.values_list("score", flat=True)) == {2}
    rows = list(study_rows(cast.study))
    assert {row["started_from_score"] for row in rows if row["arm"] == "unguided"} == {None}
    of_second = {
        f"{row['level']}_{row['wall']}": (row["started_from_score"], row["score"])
        for row in rows
        if row["arm"] == "guided"
    }
    assert of_second.pop("L4_posterior") == (2, 3)
    assert set(of_second.values()) == {(2, 2)}
    text = "".join(csv_lines(rows))
    snapshot = take_snapshot(cast.study, at=cast.study.created_at)
    assert snapshot.summary.data_hash == hashlib.sha256(text.encode()).hexdigest()
    # Opening it again changes nothing.
    assert Change.objects.filter(kind="start").count() == 1


def test_pad_of_a_measured_second_reading_starts_empty(client_of):
    cast, room = make_room(client_of, arms=["unguided", "guided measured"])
    room.read()
    room.open()
    assert {cell["score"] for cell in room.status()["current"]["cells"].values()} == {None}
    assert "started_from_score" not in next(iter(study_rows(cast.study)))


def test_first_reading_in_revision_or_reopened_comes_before_the_second(client_of):
    cast, room = make_room(client_of)
    first, second, *_ = readings_of(cast)
    room.read()
    assert room.revise(str(first.pk)).status_code == 200
    assert room.status()["current"]["id"] == str(first.pk)
    assert room.client.post(f"/api/v1/readings/{second.pk}/open").status_code == 409
    assert guides(room, second.pk) == 404
    assert room.submit(str(first.pk)).status_code == 200
    reopen_reading(reading=first, by=cast.coordinator, reason="slip")
    assert room.status()["current"]["id"] == str(first.pk)
    assert room.client.post(f"/api/v1/readings/{second.pk}/open").status_code == 409
    assert room.submit(str(first.pk)).status_code == 200
    assert room.open() == str(second.pk)


def test_second_reading_comes_at_once_even_if_an_earlier_batch_becomes_due(client_of):
    cast, room = make_room(
        client_of, 4, hidden_repeats=2, repeat_after_readings=3, repeat_after_days=5
    )
    while room.status()["current"] is not None:
        room.read()
    for _ in range(2):
        make_case(cast.study, cast.site)
    cast.assign_cases(0)
    pk = room.read()
    assert Reading.objects.get(pk=pk).batch == 2
    # The second part of batch 1 opens between the two readings of the case.
    Reading.objects.filter(batch=1, opened_at__isnull=False).update(
        opened_at=F("opened_at") - timedelta(days=6),
        submitted_at=F("submitted_at") - timedelta(days=6),
    )
    second = Reading.objects.get(pk=room.open())
    assert (second.batch, second.follows) == (2, True)
    assert second.case_id == Reading.objects.get(pk=pk).case_id
    room.read_open(str(second.pk))
    assert Reading.objects.get(pk=room.open()).batch == 1


def test_pairs_are_repeated_as_pairs_and_leave_the_revisable_list_in_order(client_of):
    cast, room = make_room(client_of, 5, hidden_repeats=2, repeat_after_readings=3)
    readings = readings_of(cast)
    assert len(readings) == 14
    by_case: dict[Any, list[Reading]] = {}
    for reading in readings:
        by_case.setdefault(reading.case_id, []).append(reading)
    repeated = [rows for rows in by_case.values() if len(rows) == 4]
    assert len(repeated) == 2
    for rows in repeated:
        assert [(row.replicate, row.arm) for row in rows] == [
            (1, "unguided"),
            (1, "guided"),
            (2, "unguided"),
            (2, "guided"),
        ]
        assert rows[2].position - rows[1].position >= 3
    seconds = [str(reading.pk) for reading in readings if reading.follows]
    order = [str(reading.pk) for reading in readings]
    for number, pk in enumerate(order):
        assert room.open() == pk
        recent = order[max(0, number - 2) : number]
        assert [key for key in recent if key in seconds] == room.revisable()[::-1]
        room.read_open(pk)
    assert room.status()["waiting"]["code"] == "done"
    assert [
        later.submitted_at >= earlier.submitted_at for earlier, later in pairwise(readings_of(cast))
    ]


def test_count_of_cases_needed_for_repeats_is_stated_in_cases(client_of):
    cast = Cast(design="sequential", hidden_repeats=1, repeat_after_readings=6)
    for _ in range(3):
        make_case(cast.study, cast.site)
    with pytest.raises(StudyError, match="each reader needs 4 cases in the first batch"):
        preview_assignment(cast.study)
    make_case(cast.study, cast.site)
    assert {share.readings for share in preview_assignment(cast.study).by_reader} == {10}


def test_instructions_of_both_arms_are_read_before_the_first_reading(client_of):
    cast, room = make_room(client_of)
    cast.study.instruction_parts = {"study": 1, "unguided": 1, "guided": 1}
    cast.study.save()
    assert room.status()["waiting"]["parts"] == ["study", "unguided", "guided"]
    cast.reader.acknowledged_parts = {"study": 1, "unguided": 1, "guided": 1}
    cast.reader.save()
    room.read()
    # A version that appears between the two readings does not interrupt the case.
    cast.study.instruction_parts = {"study": 2, "unguided": 1, "guided": 2}
    cast.study.save()
    assert Reading.objects.get(pk=room.open()).follows


def test_refreshers_do_not_interrupt_a_case():
    now = timezone.now()
    slots = [
        Slot(uuid4(), f"image {index // 2}", 1, 1, index + 1, "waiting", step=1 + index % 2)
        for index in range(8)
    ]
    due = []
    for index in range(8):
        turn = find_turn(slots, washout=timedelta(0), now=now, refreshers=Refreshers(3, len(due)))
        if turn.refresher and turn.refresher.now:
            due.append(index)
            turn = find_turn(
                slots, washout=timedelta(0), now=now, refreshers=Refreshers(3, len(due))
            )
        assert turn.current == slots[index]
        left = Refreshers(3, len(due)).count_left(slots)
        assert left == 2 - len(due)
        old = slots[index]
        slots[index] = Slot(
            old.reading,
            old.image,
            1,
            1,
            old.position,
            "submitted",
            opened_at=now,
            seen_at=now,
            step=old.step,
        )
    assert due == [4, 6]


def test_progress_counts_readings_in_one_period(client_of):
    cast, room = make_room(client_of)
    room.read()
    status = room.status()
    assert (status["progress"]["periods"], status["progress"]["total"]) == (1, 6)
    assert (status["current"]["position"], status["current"]["total"]) == (2, 6)
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/readers")
    assert page.status_code in (200, 404)


def test_preview_states_both_steps_of_each_reader_once(client_of):
    cast = Cast(design="sequential", washout_days=28)
    make_case(cast.study, cast.site)
    client = client_of(cast.coordinator)
    page = client.get(f"/studies/{cast.study.slug}/assignment").content.decode()
    assert "each case unguided, then guided" in page
    assert "washout" not in page
    answer = client.get(f"/api/v1/studies/{cast.study.slug}/assignment-preview").json()
    for reader in answer["readers"]:
        assert reader["sequence"] == ["unguided", "guided"]
        assert [entry["readings"] for entry in reader["plan"]] == [2]


def test_unfinished_cases_are_reassigned_in_pairs(client_of):
    cast, _ = make_room(client_of, 3, readers_per_case=1)
    reader, other = cast.reader, cast.other_reader
    set_active(membership=reader, active=False, by=cast.coordinator)
    count = Reading.objects.filter(reading_list__reader=reader).count()
    reassign_cases(study=cast.study, reader=reader.label, to=other.label, by=cast.coordinator)
    moved = Reading.objects.filter(reading_list__reader=other, batch=2).order_by("position")
    assert moved.count() == count
    assert [reading.follows for reading in moved] == [False, True] * (count // 2)
    positions = Reading.objects.filter(reading_list__reader=other).order_by("position")
    assert [reading.position for reading in positions] == list(range(1, 7))


def test_list_of_a_second_step_belongs_to_period_1(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        ReadingList.objects.create(
            study=cast.study, reader=cast.reader, period=2, step=2, arm="guided"
        )


def test_change_to_a_sequential_design_is_refused_after_assignment(cast):
    cast.assign_cases(1)
    with pytest.raises(StudyError, match="Cases have been assigned"):
        change_study(
            study=cast.study,
            actor=cast.coordinator,
            arms=["unguided", "guided"],
            design="sequential",
        )
