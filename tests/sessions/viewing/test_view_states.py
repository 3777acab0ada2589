"""View states that the reading room reports: stored, merged, checked and exported."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest

from studies.analytics.io.lines import EXPORT_ONLY_COLUMNS
from studies.reports.files.tidy import codebook_lines, csv_lines
from studies.reports.files.view_columns import VIEW_COLUMNS
from studies.reports.files.workbook_columns import READING_COLUMNS
from studies.sessions.export import tidy_rows
from studies.sessions.models import ViewState
from studies.sessions.viewing.export_columns import VIEW_PATHS
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db

VIEW: dict[str, Any] = {
    "preset": "fit", "presets": ["fit"],
    "zoom": 1.0, "zoom_min": 1.0, "zoom_max": 1.0, "scale": 0.5,
    "center": 128.0, "center_min": 128.0, "center_max": 128.0,
    "width": 256.0, "width_min": 256.0, "width_max": 256.0,
    "inverted": False,
}  # fmt: skip


@pytest.fixture
def room(cast, client_of):
    cast.assign_cases(2)
    return Room(client_of(cast.reader.user), cast.study.slug)


def report(room: Room, pk: str, change_id: str | None = None, **view: Any) -> Any:
    sent = {"change_id": change_id or str(uuid4()), "active_ms": 1, "idle_ms": 0}
    return room.client.post(f"/api/v1/readings/{pk}/time", {**sent, "view": {**VIEW, **view}})


def test_final_view_is_the_last_one_and_extremes_are_those_of_all_reports(room):
    pk = room.open()
    report(room, pk, zoom=1.5, zoom_max=4.0, width=90.0, width_min=40.0, preset="manual",
           presets=["fit", "manual"])  # fmt: skip
    report(room, pk, zoom=1.8, zoom_min=1.7, zoom_max=1.8, center=70.0, center_min=60.0,
           preset="lower_spine", presets=["lower_spine", "manual"], inverted=True)  # fmt: skip
    state = ViewState.objects.get()
    assert str(state.reading_id) == pk
    assert (state.preset, state.presets) == ("lower_spine", "fit manual lower_spine")
    assert (state.zoom, state.zoom_min, state.zoom_max) == (1.8, 1.0, 4.0)
    assert (state.center, state.center_min, state.center_max) == (70.0, 60.0, 128.0)
    assert (state.width, state.width_min, state.width_max) == (256.0, 40.0, 256.0)
    assert state.inverted


def test_height_of_the_image_is_the_last_one_with_the_smallest_of_all_reports(room):
    pk = room.open()
    report(room, pk)
    assert ViewState.objects.get().pane_height is None
    report(room, pk, pane_height=900, pane_height_min=620)
    report(room, pk, pane_height=768, pane_height_min=768)
    state = ViewState.objects.get()
    assert (state.pane_height, state.pane_height_min) == (768, 620)
    report(room, pk)
    state.refresh_from_db()
    assert (state.pane_height, state.pane_height_min) == (768, 620)


def test_time_without_a_view_stores_none(room):
    pk = room.open()
    sent = {"change_id": str(uuid4()), "active_ms": 1, "idle_ms": 0}
    assert room.client.post(f"/api/v1/readings/{pk}/time", sent).status_code == 200
    assert not ViewState.objects.exists()


def test_repeated_report_changes_nothing(room):
    pk, change_id = room.open(), str(uuid4())
    assert report(room, pk, change_id, zoom=2.0, zoom_max=2.0).status_code == 200
    report(room, pk, zoom=1.0)
    assert report(room, pk, change_id, zoom=2.0, zoom_max=2.0).status_code == 200
    assert ViewState.objects.get().zoom == 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"preset": "aorta"}, {"presets": ["aorta"]}, {"zoom": 0}, {"zoom": "nan"},
        {"zoom_max": "inf"}, {"width": 0}, {"center": 1e9}, {"inverted": None}, {"scale": -1},
        {"presets": ["fit"] * 9}, {"pane_height": 0, "pane_height_min": 0}, {"pane_height": 768},
    ],
)  # fmt: skip
def test_invalid_view_is_rejected_with_its_time(room, wrong):
    pk = room.open()
    assert report(room, pk, **wrong).status_code == 400
    assert not ViewState.objects.exists()


def test_view_of_a_submitted_reading_no_longer_changes(room):
    pk = room.open()
    report(room, pk, zoom=1.0)
    for cell in room.status()["current"]["cells"]:
        room.put(pk, cell, score=0)
    room.submit(pk)
    assert report(room, pk, zoom=3.0, zoom_max=3.0).status_code == 409
    assert ViewState.objects.get().zoom == 1.0


def test_view_of_another_reader_is_not_found(room, cast, client_of):
    pk = room.open()
    other = Room(client_of(cast.other_reader.user), cast.study.slug)
    assert report(other, pk).status_code == 404
    assert not ViewState.objects.exists()


def test_view_states_are_exported_with_every_cell(room, cast):
    pk = room.open()
    report(room, pk, zoom=1.85, zoom_max=2.5, preset="lower_spine", presets=["fit", "lower_spine"],
           pane_height=768, pane_height_min=501)  # fmt: skip
    for cell in room.status()["current"]["cells"]:
        room.put(pk, cell, score=0)
    room.submit(pk)
    room.read()
    rows = list(csv.DictReader(io.StringIO("".join(csv_lines(tidy_rows(cast.study))))))
    viewed = [row for row in rows if row["view_zoom"]]
    # The second reading reported no view.
    assert (len(rows), len(viewed)) == (16, 8)
    first = viewed[0]
    assert (first["view_preset"], first["view_presets"]) == ("lower_spine", "fit lower_spine")
    assert (first["view_zoom"], first["view_zoom_max"]) == ("1.85", "2.5")
    assert (first["window_width"], first["window_inverted"]) == ("256.0", "false")
    assert (first["image_height_px"], first["image_height_min_px"]) == ("768", "501")


def test_exported_columns_are_documented_everywhere():
    assert set(VIEW_PATHS) == set(VIEW_COLUMNS)
    assert set(VIEW_COLUMNS) <= set(EXPORT_ONLY_COLUMNS)
    assert set(VIEW_COLUMNS) <= set(READING_COLUMNS)
    codebook = "".join(codebook_lines())
    assert all(f"{name}," in codebook for name in VIEW_COLUMNS)
