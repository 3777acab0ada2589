"""Files of a study with a measured arm."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any

import pytest
from django.urls import reverse

from studies.reports.document.document import make_document
from studies.reports.files.tidy_columns import COLUMNS, MEASURED
from studies.reports.snapshot import take_snapshot
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import lock_study
from tests.make import Cast
from tests.sessions.measuring.test_saving import LINES, TRACE, send
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked(client_of: Any) -> Cast:
    """Two readers have read two cases plainly and with measuring; Rita traced a plaque in each."""
    cast = Cast(arms=["unguided", "measured"], washout_days=0)
    cast.assign_cases(2)
    for reader, traces in ((cast.reader, [TRACE]), (cast.other_reader, [])):
        room = Room(client_of(reader.user), cast.study.slug)
        for _ in range(4):
            pk = room.open()
            reading = Reading.objects.get(pk=pk)
            if reading.measured:
                assert send(room, pk, traces=traces, boundaries=LINES).status_code == 200
            for cell in room.status()["current"]["cells"]:
                room.put(pk, cell, score=2 if cell == "L2_anterior" else 0)
            assert room.submit(pk).status_code == 200
    cast.study = lock_study(study=cast.study, by=cast.coordinator)
    return cast


def download(client: Any, name: str, cast: Cast) -> bytes:
    answer = client.get(reverse(name, args=[cast.study.slug]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_tidy_table_has_measured_and_final_grades_and_lengths_in_mm(locked, client_of):
    text = download(client_of(locked.statistician), "tidy-csv", locked).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == [*COLUMNS, *MEASURED]
    by_cell = {
        (row["reader"], row["arm"], row["level"], row["wall"]): [row[name] for name in MEASURED]
        for row in rows
    }
    rita, rolf = locked.reader.label, locked.other_reader.label
    assert by_cell[rita, "measured", "L1", "anterior"] == ["1", "12.5", "50.0", "0.25", "1"]
    assert by_cell[rita, "measured", "L2", "anterior"] == ["3", "37.5", "50.0", "0.75", "1"]
    assert by_cell[rita, "measured", "L2", "posterior"] == ["0", "0.0", "", "0.0", "0"]
    assert by_cell[rolf, "measured", "L2", "anterior"] == ["0", "0.0", "", "0.0", "0"]
    assert by_cell[rita, "unguided", "L2", "anterior"] == [""] * 5
    final = {row["score"] for row in rows if (row["level"], row["wall"]) == ("L2", "anterior")}
    assert final == {"2"}


def test_hash_of_the_readings_is_that_of_the_tidy_table(locked, client_of):
    content = download(client_of(locked.statistician), "tidy-csv", locked)
    snapshot = take_snapshot(locked.study, at=locked.study.created_at)
    assert snapshot.summary.data_hash == hashlib.sha256(content).hexdigest()
    assert snapshot.results.compared == ("measured", "unguided")


def test_codebook_explains_the_measured_columns(locked, client_of):
    lines = download(client_of(locked.statistician), "codebook", locked).decode()
    names = [line[0] for line in csv.reader(io.StringIO(lines))][1:]
    assert names == [*COLUMNS, *MEASURED]


def test_traces_are_exported_with_boundaries_measured_and_final_grades(locked, client_of):
    document = json.loads(download(client_of(locked.statistician), "traces", locked))
    assert document["boundary_rule"] == "lower"
    assert len(document["readings"]) == 4
    first = document["readings"][0]
    assert (first["reader"], first["arm"]) == (locked.reader.label, "measured")
    assert first["traces"] == [TRACE]
    assert first["boundaries"] == LINES
    assert first["measured"]["cells"]["L2_anterior"]["grade"] == 3
    assert first["scores"]["L2_anterior"] == 2
    assert first["image"]["spacing_mm"] == [2.5, 2.5]


def test_coco_file_has_one_polyline_per_trace(locked, client_of):
    document = json.loads(download(client_of(locked.statistician), "traces-coco", locked))
    assert [category["name"] for category in document["categories"]] == [
        "posterior wall",
        "anterior wall",
    ]
    assert len(document["images"]) == 2
    assert len(document["annotations"]) == 2
    annotation = document["annotations"][0]
    assert annotation["segmentation"] == [[60, 25, 60, 45]]
    assert annotation["bbox"] == [60, 25, 0, 20]
    assert annotation["category_id"] == 2
    assert annotation["attributes"]["reader"] == locked.reader.label
    assert annotation["attributes"]["submission"] == "final"


def test_queries_of_the_trace_export_do_not_depend_on_the_number_of_readings(
    locked, client_of, django_assert_max_num_queries
):
    client = client_of(locked.statistician)
    for name in ("traces", "traces-coco"):
        with django_assert_max_num_queries(14):
            download(client, name, locked)


def test_downloads_page_lists_the_traces(locked, client_of):
    shown = client_of(locked.statistician).get(reverse("downloads", args=[locked.study.slug]))
    assert "Traces (JSON)" in shown.content.decode()


def test_agreement_page_compares_the_two_arms(locked, client_of):
    shown = client_of(locked.statistician).get(reverse("agreement", args=[locked.study.slug]))
    text = shown.content.decode()
    assert shown.status_code == 200
    assert "Measured" in text
    assert "Unguided" in text


def test_report_has_a_section_on_measured_reading(locked):
    snapshot = take_snapshot(locked.study, at=locked.study.created_at)
    document = make_document(snapshot.summary, snapshot.table, snapshot.results)
    sections = {section["heading"]: section for section in document.content["sections"]}
    text = json.dumps(sections["Measured reading"])
    # Rita changed 2 of 8 grades of each case, Rolf 1.
    assert "4 (25.0 %)" in text
    assert "2 (12.5 %)" in text
    assert "Traced lengths" in text
    methods = json.dumps(sections["Methods"])
    assert "each case unguided and measured" in methods
    assert "the boundaries of the levels were set by the reader" in methods
    assert "measured minus unguided" in methods
