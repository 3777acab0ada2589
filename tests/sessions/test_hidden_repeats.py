"""Hidden repeats in a study: readers cannot tell them apart, and analyses can."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F
from django.urls import reverse

from studies.errors import StudyError
from studies.protocol.design import change_study
from studies.readers.forms import StudyForm
from studies.sessions.assignment.preview import preview_assignment
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import assign_cases, lock_study, reopen_reading
from tests.make import Cast, make_case
from tests.protocol.test_designs import form_data
from tests.sessions.submitted_readings.revising_room import RevisingRoom

pytestmark = pytest.mark.django_db


def make_room(client_of: Any, cases: int = 5, **design: Any) -> tuple[Cast, RevisingRoom]:
    design = {"arms": ["guided"], "hidden_repeats": 2, "repeat_after_readings": 3, **design}
    cast = Cast(**design)
    cast.assign_cases(cases)
    return cast, RevisingRoom(client_of(cast.reader.user), cast.study.slug)


def readings_of(cast: Cast) -> Any:
    return Reading.objects.filter(reading_list__reader=cast.reader).order_by("position")


def texts(value: Any) -> set[str]:
    """Return all texts and keys of an answer, with those of its parts."""
    if isinstance(value, dict):
        return set(value) | {text for part in value.values() for text in texts(part)}
    if isinstance(value, list):
        return {text for part in value for text in texts(part)}
    return {str(value)}


def test_no_answer_to_a_reader_tells_a_repeat_from_another_reading(client_of):
    cast, room = make_room(client_of)
    shapes, known = set(), set()
    for reading in readings_of(cast):
        pk = room.open()
        assert UUID(pk) == reading.pk
        answer = room.status()
        assert not texts(answer) & {"replicate", str(reading.case_id), reading.case.label}
        current = answer["current"]
        assert current["name"] == f"reading {reading.position}, period 1"
        shapes.add(frozenset(current))
        known.add(answer["progress"]["total"])
        for cell in current["cells"]:
            assert current["cells"][cell]["score"] is None
            room.put(pk, cell, score=1)
        assert room.submit(pk).status_code == 200
    assert (len(shapes), known) == (1, {7})
    assert room.status()["waiting"]["code"] == "done"


@pytest.mark.parametrize("rule", ["session", "period"])
def test_readings_leave_the_revisable_list_in_order_whether_repeated_or_not(client_of, rule):
    cast, room = make_room(client_of, revision_rule=rule)
    order = [str(pk) for pk in readings_of(cast).values_list("pk", flat=True)]
    for number, pk in enumerate(order[:-1]):
        assert room.open() == pk
        # The spacing is 3, and the current reading is the last of them.
        assert room.revisable() == order[max(0, number - 2) : number][::-1]
        refused = {room.refusal(earlier) for earlier in order[: max(0, number - 2)]}
        assert refused <= {"too_many_since"}
        room.read()


def test_second_part_waits_until_its_last_repeat_may_be_read(client_of):
    cast, room = make_room(client_of, repeat_after_days=7)
    readings = list(readings_of(cast))
    repeated = {reading.case_id for reading in readings if reading.replicate == 2}
    last = max(r.position for r in readings if r.case_id in repeated and r.replicate == 1)
    for position in range(1, last + 1):
        # Nothing of the second part is fetched ahead of the pause.
        assert (room.status()["next"] is None) == (position == last)
        room.read()
    waiting = room.status()["waiting"]
    assert waiting["code"] == "washout"
    assert waiting["message"] == "You have read all cases available now. The next ones open later."
    submitted = Reading.objects.get(pk=readings[last - 1].pk).submitted_at
    assert waiting["opens_at"] == (submitted + timedelta(days=7)).isoformat().replace("+00:00", "Z")
    Reading.objects.filter(opened_at__isnull=False).update(
        opened_at=F("opened_at") - timedelta(days=7),
        submitted_at=F("submitted_at") - timedelta(days=7),
    )
    for reading in readings[last:]:
        assert room.read() == str(reading.pk)
    assert room.status()["waiting"]["code"] == "done"


def test_washout_before_the_next_period_counts_from_the_last_repeat(client_of):
    cast, room = make_room(client_of, arms=["unguided", "guided"])
    for _ in range(6):
        room.read()
    assert room.status()["current"]["period"] == 1
    pk = room.read()
    opens_at = Reading.objects.get(pk=pk).submitted_at + timedelta(days=28)
    assert room.status()["waiting"]["opens_at"] == opens_at.isoformat().replace("+00:00", "Z")
    periods = [readings_of(cast).filter(reading_list__period=period) for period in (1, 2)]
    assert [readings.filter(replicate=2).count() for readings in periods] == [2, 2]


def test_first_reading_cannot_be_reopened_once_its_repeat_was_opened(client_of):
    cast, room = make_room(client_of)
    for _ in range(7):
        room.read()
    repeated = readings_of(cast).filter(replicate=2).order_by().values("case")
    first = readings_of(cast).filter(case__in=repeated, replicate=1)[0]
    with pytest.raises(StudyError, match="another period, arm or replicate"):
        reopen_reading(reading=first, by=cast.coordinator, reason="A slip")
    once = readings_of(cast).exclude(case__in=repeated)[0]
    assert reopen_reading(reading=once, by=cast.coordinator, reason="A slip").reopened


def test_export_contains_both_readings_with_their_replicate(client_of):
    cast, room = make_room(client_of)
    for _ in range(7):
        room.read()
    lock_study(study=cast.study, by=cast.coordinator)
    address = reverse("tidy-csv", args=[cast.study.slug])
    answer = client_of(cast.coordinator).get(address)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    exported = {(row["case"], row["replicate"]) for row in rows}
    stored = readings_of(cast).values_list("case__label", "replicate")
    assert exported == {(label, str(replicate)) for label, replicate in stored}
    assert sorted(replicate for _, replicate in exported) == ["1"] * 5 + ["2"] * 2


def test_later_batch_adds_the_repeats_that_are_missing():
    cast = Cast(arms=["guided"], hidden_repeats=2, repeat_after_readings=3)
    cast.assign_cases(5)
    for _ in range(4):
        make_case(cast.study, cast.site)
    assert [share.repeats for share in preview_assignment(cast.study).by_reader] == [0, 0]
    excluded = readings_of(cast).filter(replicate=2)[0].case
    excluded.state, excluded.reason_text = "excluded", "for a test"
    excluded.save()
    shares = preview_assignment(cast.study).by_reader
    assert {share.reader.pk: share.repeats for share in shares}[cast.reader.pk] == 1
    assign_cases(study=cast.study, by=cast.coordinator)


def test_assignment_page_states_the_repeats_or_what_they_need(client_of):
    cast = Cast(arms=["guided"], hidden_repeats=2, repeat_after_readings=3)
    make_case(cast.study, cast.site)
    client = client_of(cast.coordinator)
    page = reverse("assignment", args=[cast.study.slug])
    assert "each reader needs 3 cases in the first batch" in client.get(page).content.decode()
    for _ in range(4):
        make_case(cast.study, cast.site)
    assert "Hidden repeats</th>" in client.get(page).content.decode()
    preview = client.get(f"/api/v1/studies/{cast.study.slug}/assignment-preview").json()
    assert {(share["readings"], share["repeats"]) for share in preview["readers"]} == {(7, 2)}


def test_form_without_repeats_keeps_them_and_wrong_numbers_are_refused(cast):
    study = change_study(
        study=cast.study, actor=cast.coordinator, arms=["guided"], hidden_repeats=4
    )
    data = form_data(design="single_arm", arms=["guided"])
    del data["hidden_repeats"]
    form = StudyForm(data, instance=study)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["hidden_repeats"] == 4
    for field, wrong in (("repeat_after_readings", 0), ("repeat_after_days", 366)):
        assert field in StudyForm(form_data(**{field: wrong})).errors
        with pytest.raises(ValidationError):
            change_study(
                study=cast.study, actor=cast.coordinator, arms=["guided"], **{field: wrong}
            )
