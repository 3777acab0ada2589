"""The largest file that is accepted, through the whole path of an upload and of a correction."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.dicom_files import gradient, lateral_file
from tests.hostile.test_corpus import MAX_MIB

BASE = Path(__file__).resolve().parents[2]
SIDE = 5_800
"""Rows and columns of 16 bits: about the most that the address space of a sandbox allows."""


@pytest.mark.slow
@pytest.mark.django_db
def test_process_stays_within_the_limit_when_it_stores_and_decodes_the_file(tmp_path):
    paths = [tmp_path / "first", tmp_path / "largest"]
    paths[0].write_bytes(lateral_file())
    paths[1].write_bytes(lateral_file(gradient(SIDE, SIDE, high=4000)))
    # The tables of the test database are committed, and this test writes no rows.
    address = urlsplit(os.environ["DATABASE_URL"])
    database = address._replace(path="/" + connection.settings_dict["NAME"]).geturl()
    storage = tmp_path / "files"
    storage.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.ingest_process", *map(str, paths)],
        cwd=BASE,
        env={**os.environ, "DATABASE_URL": database, "VERTEREAD_STORAGE": str(storage)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    (result,) = map(json.loads, done.stdout.splitlines())
    assert result["status"] == "pending_review"
    assert result["added"] < MAX_MIB
    # The pixels themselves take 4 + 2 bytes each, and the stored file 2.
    assert result["decoded"] < 8 * SIDE**2 / 2**20 + 50
