"""First and final values of revised and reopened readings in the exports."""

from __future__ import annotations

import hashlib
import json
from uuid import uuid4

import pytest

from studies.analytics.scale import CELLS
from studies.reports.files.tidy import csv_lines
from studies.reports.reference_standard import study_rows
from studies.reports.snapshot import snapshot_key, take_snapshot
from studies.sessions.measuring.export import traces_coco, traces_json
from studies.sessions.models import Measurement, Reading, Score
from studies.sessions.study_lifecycle import reopen_reading
from tests.make import Cast
from tests.sessions.measuring.test_saving import LINES, TRACE, play, send
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def revised(client_of):
    """Return a study with a reading that was revised, reopened and submitted a third time."""
    cast = Cast(revision_rule="session", washout_days=0)
    cast.assign_cases(2)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    cast.pk, cast.other = room.read(score=1), room.read(score=1)
    cast.key = snapshot_key(cast.study)
    assert room.client.post(f"/api/v1/readings/{cast.pk}/revise").status_code == 200
    assert room.put(cast.pk, "L1_anterior", version=1, score=3).status_code == 200
    sent = {"change_id": str(uuid4()), "active_ms": 500, "idle_ms": 0, "guides_ms": 0}
    room.client.post(f"/api/v1/readings/{cast.pk}/time", sent)
    room.submit(cast.pk)
    cast.revised_key = snapshot_key(cast.study)
    reading = Reading.objects.get(pk=cast.pk)
    reopen_reading(reading=reading, by=cast.coordinator, reason="a slip")
    room.put(cast.pk, "L2_anterior", version=1, validity=6, reason="fusion")
    room.submit(cast.pk)
    return cast


def test_rows_have_the_first_and_the_final_value(revised):
    rows = list(study_rows(revised.study))
    position = Reading.objects.get(pk=revised.pk).position
    mine = {f"{r['level']}_{r['wall']}": r for r in rows if r["position"] == position}
    assert (mine["L1_anterior"]["first_score"], mine["L1_anterior"]["score"]) == (1, 3)
    assert (mine["L2_anterior"]["first_score"], mine["L2_anterior"]["score"]) == (1, None)
    assert (mine["L2_anterior"]["first_validity"], mine["L2_anterior"]["validity"]) == (0, 6)
    assert {(r["revisions"], r["reopenings"], r["revision_ms"]) for r in mine.values()} == {
        (1, 1, 500)
    }
    others = [r for r in rows if r["position"] != position]
    assert {(r["first_score"], r["revisions"], r["reopenings"]) for r in others} == {(1, 0, 0)}


def test_rows_have_the_first_and_the_final_reason(client_of):
    cast = Cast(revision_rule="session")
    cast.assign_cases(1)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    pk = room.open()
    for cell in CELLS:
        assert room.put(pk, cell, validity=6, reason="fusion").status_code == 200
    room.submit(pk)
    room.client.post(f"/api/v1/readings/{pk}/revise")
    assert room.put(pk, "L1_anterior", version=1, validity=6, reason="fracture").status_code == 200
    assert room.put(pk, "L2_anterior", version=1, score=2).status_code == 200
    room.submit(pk)
    rows = {f"{r['level']}_{r['wall']}": r for r in study_rows(cast.study)}
    reasons = [
        (rows[cell]["first_reason"], rows[cell]["reason"])
        for cell in ("L1_anterior", "L2_anterior", "L3_anterior")
    ]
    assert reasons == [("fusion", "fracture"), ("fusion", ""), ("fusion", "fusion")]


@pytest.mark.parametrize(("arm", "lines"), [("measured", LINES), ("guided measured", [])])
def test_traces_of_the_first_submission_are_exported_with_what_they_measured(client_of, arm, lines):
    cast, room, pk = play(arm, client_of)
    assert send(room, pk, boundaries=lines).status_code == 200
    first = Measurement.objects.get().results
    room.read()
    reopen_reading(reading=Reading.objects.get(pk=pk), by=cast.coordinator, reason="a slip")
    assert send(room, pk, version=1, traces=[], boundaries=lines).status_code == 200
    room.submit(room.open())
    (entry,) = json.loads("".join(traces_json(cast.study)))["readings"]
    assert (entry["traces"], entry["measured"]["cells"]["L2_anterior"]["grade"]) == ([], 0)
    assert entry["first_submission"] == {
        "traces": [TRACE],
        "boundaries": LINES,
        "measured": first,
        "scores": dict.fromkeys(CELLS, 1),
    }
    assert first["cells"]["L2_anterior"]["grade"] == 3
    (annotation,) = json.loads(traces_coco(cast.study))["annotations"]
    assert annotation["attributes"]["submission"] == "first"


def test_rows_of_aac8_have_the_first_and_the_final_value(client_of):
    cast = Cast(revision_rule="session", scores="aac24_aac8")
    cast.assign_cases(1)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    pk = room.read(score=1, aac8=True)
    room.client.post(f"/api/v1/readings/{pk}/revise")
    assert room.put(pk, "all_posterior", version=1, score=4).status_code == 200
    room.submit(pk)
    walls = {row["wall"]: row for row in study_rows(cast.study) if row["level"] == "all"}
    values = [
        (walls[wall]["first_score"], walls[wall]["first_validity"], walls[wall]["score"])
        for wall in ("posterior", "anterior")
    ]
    assert values == [(1, 0, 4), (1, 0, 1)]


def test_guides_that_were_shown_in_a_revision_alone_count_as_shown(client_of):
    cast = Cast(arms=["guided"], revision_rule="session")
    cast.assign_cases(2)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    pk, _ = room.read(), room.read()
    assert take_snapshot(cast.study, at=cast.study.created_at).summary.guided_without_guides == 2
    room.client.post(f"/api/v1/readings/{pk}/revise")
    sent = {"change_id": str(uuid4()), "active_ms": 500, "idle_ms": 0, "guides_ms": 500}
    room.client.post(f"/api/v1/readings/{pk}/time", sent)
    room.submit(pk)
    position = Reading.objects.get(pk=pk).position
    shown = {row["position"]: row["guides_shown"] for row in study_rows(cast.study)}
    assert shown.pop(position) is True
    assert list(shown.values()) == [False]
    assert take_snapshot(cast.study, at=cast.study.created_at).summary.guided_without_guides == 1


def test_hash_of_the_snapshot_is_that_of_the_csv_with_first_values(revised):
    text = "".join(csv_lines(study_rows(revised.study)))
    assert "first_score,first_validity,first_reason,revisions,reopenings" in text.splitlines()[0]
    snapshot = take_snapshot(revised.study, at=revised.study.created_at)
    assert snapshot.summary.data_hash == hashlib.sha256(text.encode()).hexdigest()


def test_revision_changes_the_key_of_the_snapshot(revised):
    assert revised.key != revised.revised_key


def test_study_without_revision_and_reopening_has_no_columns_for_them(cast, client_of):
    cast.assign_cases(1)
    Room(client_of(cast.reader.user), cast.study.slug).read()
    assert "first_score" not in next(iter(study_rows(cast.study)))


def test_summary_counts_the_revisions_by_reader_and_arm(revised):
    summary = take_snapshot(revised.study, at=revised.study.created_at).summary
    arm = Reading.objects.get(pk=revised.pk).arm
    assert summary.revision_rule == "session"
    counts = [(r.reader, r.arm, r.submitted, r.revised, r.revisions) for r in summary.revisions]
    assert counts == [("R01", arm, 2, 1, 1)]
    assert "R01, reading 1, period 1 (" in summary.reopenings[0].reading
    assert Score.objects.get(reading=revised.pk, cell="L1_anterior").score == 3
