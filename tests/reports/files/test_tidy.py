from __future__ import annotations

import csv
import tracemalloc

from studies.analytics.io.lines import EXPORT_ONLY_COLUMNS, MEASURED_COLUMNS, USED_COLUMNS
from studies.analytics.io.tidy_csv import parse_csv
from studies.reports.files.tidy import codebook_lines, csv_lines
from studies.reports.files.tidy_columns import COLUMNS, OPTIONAL
from tests.reports.study import tidy_rows

DOMAIN_COLUMNS = (
    "study,arm,period,reader,reader_site,patient,case,case_site,scanner,replicate,position,"
    "reading_session,position_in_session,level,wall,score,validity,reason,started_at,submitted_at,"
    "active_ms,idle_ms,wall_ms,session_elapsed_ms,guides_shown,landmark_set,simulated,app_version,model_version,"
    "view_preset,view_presets,view_zoom,view_zoom_min,view_zoom_max,view_scale,"
    "window_center,window_center_min,window_center_max,"
    "window_width,window_width_min,window_width_max,window_inverted,"
    "image_height_px,image_height_min_px"
)


def test_columns_are_those_documented() -> None:
    assert ",".join(COLUMNS) == DOMAIN_COLUMNS
    assert next(csv_lines([])) == DOMAIN_COLUMNS + "\r\n"


def test_export_reads_back_as_the_same_scores() -> None:
    rows = tidy_rows(cases=5)
    table = parse_csv("".join(csv_lines(rows)))
    assert len(table) == 30
    assert int((table.scores >= 0).sum()) == sum(row["score"] is not None for row in rows)
    assert table.simulated


def test_text_that_looks_like_a_formula_is_escaped() -> None:
    row = {
        "reader": "=HYPERLINK(1)",
        "case": "-1",
        "scanner": "@x",
        "reason": 'a,"b"\nc',
        "score": 0,
    }
    line = "".join(csv_lines([row])).split("\r\n", 1)[1]
    values = dict(zip(COLUMNS, next(csv.reader([line], strict=False)), strict=False))
    assert values["reader"] == "'=HYPERLINK(1)"
    assert values["case"] == "'-1"
    assert values["scanner"] == "'@x"
    assert '"a,""b""\nc"' in line


def test_times_and_booleans_are_written_as_plain_text() -> None:
    line = list(csv_lines(tidy_rows(cases=1)))[1]
    assert "2026-11-01T08:00:00Z" in line
    assert ",true," in line


def test_many_rows_stream_in_little_memory() -> None:
    row = tidy_rows(cases=1)[0]
    tracemalloc.start()
    for _line in csv_lines(row for _ in range(20_000)):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_own_exports_have_no_column_that_the_command_calls_unknown() -> None:
    used = {*USED_COLUMNS, *MEASURED_COLUMNS, *EXPORT_ONLY_COLUMNS}
    assert {*COLUMNS, *OPTIONAL} <= used


def test_codebook_states_that_views_of_revisions_are_not_included() -> None:
    views = [name for name in COLUMNS if name.startswith(("view_", "window_", "image_height_"))]
    assert len(views) == 15
    assert all("Views during revisions are not included." in COLUMNS[name] for name in views)


def test_codebook_explains_every_column() -> None:
    lines = list(csv.reader(codebook_lines()))
    assert [line[0] for line in lines[1:]] == list(COLUMNS)
    assert all(len(line[1]) > 5 for line in lines[1:])
