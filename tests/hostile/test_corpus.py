"""Malicious files are processed like uploads, in a new process whose memory is measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from inference.sandbox.limits import Limits
from studies.cases.models import Case
from tests.hostile.archives import ARCHIVES
from tests.hostile.elements import SOUND
from tests.hostile.headers import HEADERS
from tests.hostile.pixels import PIXEL_FILES
from tests.make import dicom_bytes

BASE = Path(__file__).resolve().parents[2]
CORPUS = {**HEADERS, **PIXEL_FILES, **ARCHIVES}
MAX_MIB = 200
# Costly files whose mechanism another file of the corpus has; they are processed when slow.
VARIANTS = {
    "deflated, no preamble",
    "deflated, UR in the meta information",
    "deflated, OF in the meta information",
    "deflated, implicit meta information",
    "deflated, UID padded with a blank",
    "deflated, UID padded with NULs",
    "deflated, syntax named twice",
    "deflated, wrong group length",
    "deflated, truncated",
    "deflated",
    "16 MB of items in a private sequence",
    "2 million empty items",
    "implicit nested items",
    "pixels as a sequence",
    "RLE of 1 GB",
    "RLE of segments that share their bytes",
    "64 megapixels of JPEG-LS",
    "JPEG of a million fill bytes",
    "2 million fragments of 2 bytes",
    "zip of a file listed 30 times",
}
CONCURRENT = (
    "deflated, UC in the meta information",
    "16 MB of filled items",
    "name of 50 MB",
    "64 megapixels declared, JPEG-LS",
    "64 megapixels of JPEG-LS",
    "2 million empty fragments",
    "zip bomb",
    "zip of a file listed 30 times",
)
HARMLESS = {
    "private sequence of defined length",
    "item longer than its sequence",
    "4,000 character sets",
    "unknown character set with escapes",
    "name of 60,000 components",
    "implicit elements in between",
    "JPEG 2000 of a million tile-parts",
    "PDF in the preamble",
}
"""Files with a valid image, whose malicious part is never read."""
TOO_LARGE = (
    *(name for name in HEADERS if name.startswith("deflated,") and name != "deflated, truncated"),
    "16 MB of filled items",
    "2 million empty items",
    "view codes of defined length",
    "region codes of defined length",
    "character sets of 16 MB",
    "64 megapixels of JPEG",
    "64 megapixels of JPEG-LS",
    "64 megapixels of RLE",
    "RLE of 1 GB",
)


def parameters(names: Iterable[str]) -> list[Any]:
    """Return the names as parameters, those of the variants only for the slow tests."""
    slow = pytest.mark.slow
    return [pytest.param(name, marks=[slow] if name in VARIANTS else []) for name in names]


def run_measured(folder: Path, names: Any, threads: int) -> dict[str, Any]:
    """Process files between two valid ones, and return the result of each."""
    paths = {"sound, first": folder / "first"}
    paths["sound, first"].write_bytes(SOUND)
    for number, name in enumerate(names):
        paths[name] = folder / f"{number:03d}"
        paths[name].write_bytes(CORPUS[name]())
    paths["sound, last"] = folder / "last"
    paths["sound, last"].write_bytes(SOUND)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.hostile.resource_usage",
            str(threads),
            *map(str, paths.values()),
        ],
        cwd=BASE,
        env={k: v for k, v in os.environ.items() if k != "DATABASE_URL"},
        capture_output=True,
        text=True,
        timeout=3000,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(paths, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest, tmp_path_factory: Any) -> dict[str, Any]:
    """Return the result of each file; of the variants only if one of their tests is run."""
    tests = (item for item in request.session.items if item.path == request.path)
    whole = any(item.get_closest_marker("slow") for item in tests)
    names = [name for name in CORPUS if whole or name not in VARIANTS]
    return run_measured(tmp_path_factory.mktemp("hostile"), names, threads=1)


def test_corpus_has_at_least_sixty_files():
    assert len(CORPUS.keys() - VARIANTS) >= 60
    assert CORPUS.keys() >= VARIANTS


@pytest.mark.parametrize("name", parameters(CORPUS))
def test_every_file_is_processed_within_the_limits(name, results):
    result = results[name]
    assert result["outcomes"]
    assert all(answer == "accepted" or answer.endswith(".") for answer in result["outcomes"])
    assert result["s"] < Limits().wall_s
    assert result["mib"] < MAX_MIB


@pytest.mark.parametrize("name", parameters(name for name in CORPUS if name not in ARCHIVES))
def test_only_files_with_a_valid_image_are_accepted(name, results):
    assert (results[name]["outcomes"] == ["accepted"]) == (name in HARMLESS)


@pytest.mark.parametrize("name", parameters(TOO_LARGE))
def test_files_that_expand_are_rejected_as_too_large(name, results):
    (answer,) = results[name]["outcomes"]
    assert answer.startswith("too_large: ")


def test_valid_member_after_malicious_ones_is_accepted(results):
    *hostile, good = results["zip of hostile files"]["outcomes"]
    assert [answer.partition(":")[0] for answer in hostile] == [
        "too_large",
        "too_large",
        "undecodable",
    ]
    assert good == "accepted"


def test_archive_stops_after_a_few_costly_members(results):
    answers = results["zip of 4,000 names of 10 kB"]["outcomes"]
    assert len(answers) < 10


def test_valid_file_is_accepted_afterwards(results):
    assert results["sound, last"]["outcomes"] == ["accepted"]


@pytest.mark.slow
def test_eight_concurrent_files_stay_within_the_limit_of_one(tmp_path):
    results = run_measured(tmp_path, CONCURRENT, threads=8)
    assert results["sound, last"]["outcomes"] == ["accepted"]
    assert max(result["mib"] for result in results.values()) < MAX_MIB


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["deflated, UC in the meta information", "64 megapixels of RLE"])
def test_upload_api_rejects_a_malicious_file_and_accepts_the_next(name, cast, client_of):
    client, url = client_of(cast.coordinator), f"/api/v1/studies/{cast.study.slug}/uploads"
    answers = []
    for data in (CORPUS[name](), dicom_bytes()):
        form = {"file": SimpleUploadedFile("x", data), "name": "x", "site": "A"}
        answers += client.post(url, form, format="multipart").json()["results"]
    assert [answer["status"] for answer in answers] == ["rejected", "accepted"]
    assert Case.objects.count() == 1
