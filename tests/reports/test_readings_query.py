"""Readings come from the database in one query, and give the CSV's hash and the same table."""

from __future__ import annotations

import hashlib
from dataclasses import fields

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.analytics.io.tidy_csv import table_from_rows
from studies.analytics.scale import CELLS
from studies.reports.files.tidy import ReadingLines, csv_lines
from studies.reports.reference_standard import save_reference_grades, study_rows
from studies.reports.snapshot import take_snapshot
from studies.sessions import export
from studies.sessions.export import tidy_readings
from studies.sessions.models import Score
from tests.reports.study import tidy_rows as plain_rows
from tests.reports.submitted_study import submit_everything

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("known", [False, True])
def test_readings_are_those_of_the_tidy_csv_and_have_its_hash(cast, known) -> None:
    cases = cast.assign_cases(3)
    if known:
        grades = {cases[0].pk: dict.fromkeys(CELLS, 1)}
        save_reference_grades(study=cast.study, grades=grades, source="invented")
    submit_everything(cast)
    odd = Score.objects.order_by("pk")[:3]
    for score, reason in zip(odd, ('a, "b"', "=1+1", "clip\nover L2"), strict=True):
        Score.objects.filter(pk=score.pk).update(score=None, validity=1, reason=reason)
    snapshot = take_snapshot(cast.study, at=cast.study.created_at)
    text = "".join(csv_lines(study_rows(cast.study)))
    assert snapshot.summary.data_hash == hashlib.sha256(text.encode()).hexdigest()
    table = table_from_rows(
        enumerate(study_rows(cast.study), start=2), group_limits=cast.study.group_limits
    )
    for field in fields(table):
        if not field.name.startswith("_"):
            np.testing.assert_equal(getattr(snapshot.table, field.name), getattr(table, field.name))


def test_readings_and_their_scores_are_one_query_however_many_there_are(read, monkeypatch) -> None:
    monkeypatch.setattr(export, "CHUNK", 2)
    with CaptureQueriesContext(connection) as captured:
        readings = list(tidy_readings(read.study))
    assert len(readings) > 10
    assert len(captured) == 1


def test_lines_of_whole_readings_are_those_of_their_rows() -> None:
    rows = plain_rows(cases=3)
    for number, row in enumerate(rows):
        row["reference"] = number % 4
        row["reason"] = 'behind "clip", L2' if number % 5 == 0 else ""
        row["scanner"] = "-odd, name"
    lines = ReadingLines(reference=True)
    text = lines.header
    for start in range(0, len(rows), 8):
        cells = [
            (f"{row['level']}_{row['wall']}", row["score"], row["validity"], row["reason"])
            for row in rows[start : start + 8]
        ]
        grades = {cell[0]: rows[start + number]["reference"] for number, cell in enumerate(cells)}
        text += lines.of(rows[start], cells, grades)
    assert text == "".join(csv_lines(rows))
