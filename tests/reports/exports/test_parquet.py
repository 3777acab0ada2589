"""The Parquet file, read by pandas and pyarrow."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from studies.reports.exports import parquet
from studies.reports.exports.parquet import write_parquet
from studies.reports.exports.variables import variables
from tests.reports.study import tidy_rows

pyarrow = pytest.importorskip(
    "pyarrow.parquet", reason="pyarrow is missing (make setup installs it)"
)
pandas = pytest.importorskip("pandas")


def written(rows: Iterable[Mapping[str, Any]]) -> io.BytesIO:
    target = io.BytesIO()
    write_parquet(target, list(variables()), rows)
    target.seek(0)
    return target


def test_pandas_reads_every_value_with_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP_ROWS", 50)
    rows = tidy_rows(cases=4)
    rows[0]["reason"] = '=implant, "old"\nén'
    frame = pandas.read_parquet(written(rows))
    assert list(frame.columns) == [one.name for one in variables()]
    assert len(frame) == len(rows) > 50
    for name in ("reader", "case", "level", "wall", "score", "validity", "active_ms", "reason"):
        stored = [None if pandas.isna(value) else value for value in frame[name]]
        assert stored == [row.get(name) for row in rows], name
    assert frame["started_at"][0] == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert frame["guides_shown"].sum() == sum(row["guides_shown"] for row in rows)


def test_columns_have_the_labels_of_the_codebook() -> None:
    schema = pyarrow.read_schema(written(tidy_rows(cases=2)))
    for one in variables():
        metadata = schema.field(one.name).metadata
        assert metadata[b"label"].decode() == one.label
        labels = json.loads(metadata.get(b"labels", "{}"))
        assert {int(code): text for code, text in labels.items()} == one.values


def test_study_without_rows_gives_a_table_with_all_columns() -> None:
    frame = pandas.read_parquet(written([]))
    assert list(frame.columns) == [one.name for one in variables()]
    assert len(frame) == 0
