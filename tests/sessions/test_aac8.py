"""AAC-8 beside the eight cells: saving, submitting and reopening through the API."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from studies.analytics.scale import AAC8_CELLS, CELLS
from studies.errors import Conflict
from studies.protocol.design import change_study
from studies.protocol.models import Study
from studies.sessions.models import Change, Reading, Score
from studies.sessions.study_lifecycle import lock_study, reopen_reading
from tests.make import Cast
from tests.sessions.measuring.test_saving import LINES, send
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db
AAC8 = Study.Scores.AAC24_AAC8


def play(client_of: Any, **design: Any) -> tuple[Cast, Room, str]:
    """An open study; the reading that Rita has opened."""
    cast = Cast(**{"arms": ["unguided"], "scores": AAC8, **design})
    cast.assign_cases(1)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    return cast, room, room.open()


def score_cells(room: Room, pk: str) -> None:
    for cell in CELLS:
        assert room.put(pk, cell, score=1).status_code == 200


@pytest.mark.parametrize("arm", ["unguided", "guided", "measured", "guided measured"])
def test_every_arm_asks_for_aac8(client_of, arm):
    _, room, pk = play(client_of, arms=[arm])
    empty = {"score": None, "validity": None, "reason": "", "version": 0}
    assert room.status()["current"]["aac8"] == {"posterior": empty, "anterior": empty}
    saved = room.put(pk, "all_posterior", score=4).json()
    assert saved["cell"] == {"score": 4, "validity": 0, "reason": "", "version": 1}
    assert room.status()["current"]["aac8"]["posterior"] == saved["cell"]


def test_reading_is_submitted_only_with_both_aac8_scores(client_of):
    _, room, pk = play(client_of)
    score_cells(room, pk)
    assert room.put(pk, "all_posterior", score=0).json()["reading"] == {
        "state": "open",
        "scored": 9,
        "complete": False,
    }
    refused = room.submit(pk)
    assert refused.status_code == 409
    assert "AAC-8" in refused.json()["error"]["message"]
    unreadable = room.put(pk, "all_anterior", validity=4, reason="cropped").json()
    assert unreadable["reading"]["complete"]
    assert room.submit(pk).status_code == 200


def test_missing_cell_is_named_also_if_aac8_is_complete(client_of):
    _, room, pk = play(client_of)
    for cell in (*CELLS[1:], *AAC8_CELLS):
        room.put(pk, cell, score=1)
    assert "1 of the 8 cells" in room.submit(pk).json()["error"]["message"]


def test_repeated_and_stale_changes_are_treated_as_those_of_cells(client_of):
    _, room, pk = play(client_of)
    path = f"/api/v1/readings/{pk}/cells/all_anterior"
    sent = {"change_id": str(uuid4()), "version": 0, "score": 3}
    first, again = (room.client.put(path, sent) for _ in range(2))
    assert first.json() == again.json()
    assert Change.objects.filter(kind="all_anterior").count() == 1
    stale = room.client.put(path, {**sent, "change_id": str(uuid4()), "score": 1})
    assert stale.status_code == 409
    assert stale.json()["cell"]["score"] == 3
    newer = {"change_id": str(uuid4()), "version": 1, "score": 1}
    assert room.client.put(path, newer).json()["cell"]["version"] == 2
    changes = Change.objects.filter(kind="all_anterior")
    assert [change.value["score"] for change in changes] == [3, 1]


@pytest.mark.parametrize(("cell", "score"), [("L1_anterior", 4), ("all_anterior", 5)])
def test_score_beyond_the_scale_is_rejected(client_of, cell, score):
    _, room, pk = play(client_of)
    assert room.put(pk, cell, score=score).status_code == 400
    assert not Score.objects.exists()


def test_study_of_aac24_alone_neither_asks_for_aac8_nor_accepts_it(client_of):
    _, room, pk = play(client_of, scores=Study.Scores.AAC24)
    assert room.status()["current"]["aac8"] is None
    refused = room.put(pk, "all_anterior", score=2)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "aac8_not_scored")
    score_cells(room, pk)
    assert room.submit(pk).status_code == 200


def test_other_people_cannot_reach_the_aac8_of_a_reading(client_of):
    cast, _, pk = play(client_of)
    for member in (cast.other_reader.user, cast.coordinator, cast.statistician):
        other = Room(client_of(member), cast.study.slug)
        assert other.put(pk, "all_anterior", score=1).status_code == 404


def test_reopened_reading_keeps_its_aac8_scores(client_of):
    cast, room, pk = play(client_of)
    score_cells(room, pk)
    for cell in AAC8_CELLS:
        room.put(pk, cell, score=2)
    room.submit(pk)
    reading = Reading.objects.get(pk=pk)
    reopen_reading(reading=reading, by=cast.coordinator, reason="slip")
    current = room.status()["current"]
    assert current["id"] == pk
    assert [current["aac8"][wall]["score"] for wall in ("posterior", "anterior")] == [2, 2]


def test_scores_of_a_study_are_fixed_at_the_first_assignment(client_of):
    cast, _, _ = play(client_of)
    with pytest.raises(Conflict, match="design can no longer be changed"):
        change_study(
            study=cast.study,
            actor=cast.coordinator,
            arms=["unguided"],
            scores=Study.Scores.AAC24,
        )
    with pytest.raises(ValidationError):
        change_study(study=cast.outside_study, actor=cast.outsider, arms=["guided"], scores="other")


@pytest.mark.parametrize(
    ("sent", "scores"), [({"scores": "aac24_aac8"}, AAC8), ({}, Study.Scores.AAC24)]
)
def test_design_form_sets_the_scores_and_works_without_the_field(client_of, sent, scores):
    cast = Cast()
    study = cast.study
    names = ("readers_per_case", "washout_days", "moderate_from", "high_from", "boundary", "seed")
    names += ("primary_outcome", "primary_weights", "view_between_cases", "name", "revision_rule")
    names += ("minimum_image_px", "display_check", "display_contrast")
    form = {name: getattr(study, name) for name in names} | {"arms": ["unguided", "guided"]}
    url = f"/studies/{study.slug}/setup"
    answer = client_of(cast.coordinator).post(url, form | sent, format="multipart")
    assert answer.status_code == 302
    study.refresh_from_db()
    assert study.scores == scores


def test_measured_and_entered_aac8_are_both_exported(client_of):
    cast, room, pk = play(client_of, arms=["measured"])
    trace = {"wall": "anterior", "points": [[60, 15], [60, 60]]}
    assert send(room, pk, traces=[trace], boundaries=LINES).status_code == 200
    score_cells(room, pk)
    room.put(pk, "all_posterior", score=0)
    room.put(pk, "all_anterior", score=2)
    room.submit(pk)
    coordinator = client_of(cast.coordinator)
    files = f"/studies/{cast.study.slug}/downloads"
    assert coordinator.get(f"{files}/readings.csv").status_code == 403
    lock_study(study=cast.study, by=cast.coordinator)
    rows = read_csv(coordinator.get(f"{files}/readings.csv"))
    walls = {row["wall"]: row for row in rows if row["level"] == "all"}
    assert (walls["anterior"]["score"], walls["anterior"]["measured_score"]) == ("2", "3")
    assert walls["anterior"]["calcified_mm"] == "112.5"
    (nhanes,) = read_csv(coordinator.get(f"{files}/nhanes.csv"))
    assert (nhanes["DXXAC8AN"], nhanes["DXXAC8PO"], nhanes["DXXAAC8"]) == ("2", "0", "2")
    traces = b"".join(coordinator.get(f"{files}/traces.json").streaming_content)
    assert b'"aac8": {"posterior": 0, "anterior": 2}' in traces


def test_nhanes_file_has_the_measured_aac8_where_none_was_entered(client_of):
    cast, room, pk = play(client_of, arms=["measured"], scores=Study.Scores.AAC24)
    trace = {"wall": "anterior", "points": [[60, 15], [60, 60]]}
    send(room, pk, traces=[trace], boundaries=LINES)
    score_cells(room, pk)
    room.submit(pk)
    lock_study(study=cast.study, by=cast.coordinator)
    answer = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/downloads/nhanes.csv")
    (nhanes,) = read_csv(answer)
    assert (nhanes["DXXAC8AN"], nhanes["DXXAC8PO"], nhanes["DXXAAC8"]) == ("3", "0", "3")


def read_csv(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))
