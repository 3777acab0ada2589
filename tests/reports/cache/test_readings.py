"""Readings that travel through the shared cache as arrays and JSON."""

from __future__ import annotations

import pickle
from dataclasses import fields, make_dataclass, replace
from typing import Any

import numpy as np
import pytest

from studies.reports import snapshot
from studies.reports.cache import readings
from studies.reports.cache.readings import format_name, pack_readings, unpack_readings
from studies.reports.snapshot import current_snapshot
from tests.reports.study import study


@pytest.mark.parametrize("reference", [False, True])
def test_cached_readings_equal_the_original(reference):
    table = study()[2]
    if reference:
        table = replace(table, reference=np.zeros((len(table.cases), 8), dtype=np.int64))
    packed = pack_readings(table, "ab" * 32)
    again, data_hash = unpack_readings(packed)
    assert data_hash == "ab" * 32
    for field in fields(table):
        if not field.name.startswith("_"):
            np.testing.assert_equal(getattr(again, field.name), getattr(table, field.name))


class Trap:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> Any:
        return pytest.fail, ("the bytes were unpickled",)


@pytest.mark.parametrize(
    "data",
    [b"", b"nothing of the kind", pickle.dumps(Trap()), b"PK\x03\x04 and then nothing"],
    ids=["empty", "text", "pickled", "damaged"],
)
def test_invalid_bytes_are_a_cache_miss(data):
    assert unpack_readings(data) is None


def test_table_with_a_field_that_is_pickled_is_a_miss(tmp_path):
    np.savez(tmp_path / "trap.npz", plain=np.array([Trap()], dtype=object))
    assert unpack_readings((tmp_path / "trap.npz").read_bytes()) is None


def test_format_has_another_name_once_the_table_has_another_field(monkeypatch):
    before = format_name()
    other = make_dataclass("Other", [("scores", "IntArray")])
    monkeypatch.setattr(readings, "_FIELDS", fields(other))
    assert format_name() != before


def test_table_that_is_too_large_is_not_shared(monkeypatch):
    monkeypatch.setattr(readings, "MAX_TABLE_BYTES", 1000)
    assert pack_readings(study()[2], "ab" * 32) is None


@pytest.mark.django_db
def test_another_process_takes_the_readings_from_the_shared_cache(locked, monkeypatch):
    first = current_snapshot(locked.study)
    monkeypatch.setattr(snapshot, "_snapshot_cache", snapshot.SingleFlightCache(4))
    monkeypatch.setattr(
        snapshot, "_readings", lambda study: pytest.fail("the readings were read anew")
    )
    second = current_snapshot(locked.study)
    assert second.summary.data_hash == first.summary.data_hash
    assert second.results.results == first.results.results
