"""The reproducibility package of a study in the database: prepared, downloaded and run."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from studies.audit.models import Event
from studies.protocol.models import Study
from studies.reports.models import PackageRun
from studies.reports.tasks import write_package_task
from studies.sessions.masking import record_interim_look
from studies.sessions.models import Reading, Score
from tests.make import Cast
from tests.reports.measured_study import submit_measured
from tests.reports.package.unpacked import needs_r, reproduce_in_python, reproduce_in_r, unpack
from tests.reports.submitted_study import lock

pytestmark = pytest.mark.django_db


def prepared(client: Any, cast: Cast, queued: list[str]) -> bytes:
    """Return the package as it is downloaded after a worker has written it."""
    client.post(reverse("prepare-package", args=[cast.study.slug]), {}, "multipart")
    write_package_task(queued[-1])
    response = client.get(reverse("package", args=[cast.study.slug]))
    assert response["Content-Type"] == "application/zip"
    return b"".join(response.streaming_content)


@pytest.fixture
def measured(queued: list[str]) -> Cast:
    """A locked study with AAC-8, a measured arm, revisions and cells that were not readable."""
    cast = Cast(
        arms=["unguided", "measured"],
        scores=Study.Scores.AAC24_AAC8,
        revision_rule=Study.RevisionRule.PERIOD,
    )
    cast.assign_cases(6)
    submit_measured(cast)
    for reading, cell in zip(
        Reading.objects.all()[:2], ("all_anterior", "L2_anterior"), strict=True
    ):
        Score.objects.filter(reading=reading, cell=cell).update(
            score=None, validity=6, reason='=implant, "old"\nén'
        )
    lock(cast)
    return cast


def test_page_prepares_the_package_and_offers_it(locked, client_of, queued):
    client = client_of(locked.statistician)
    content = prepared(client, locked, queued)
    page = client.get(reverse("downloads", args=[locked.study.slug])).content.decode()
    assert "Download reproducibility package (ZIP)" in page
    run = PackageRun.objects.get()
    assert hashlib.sha256(content).hexdigest() == run.file_hash
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        readings = archive.read(f"verteread-{locked.study.slug}/readings.csv")
    tidy = client.get(reverse("tidy-csv", args=[locked.study.slug]))
    assert readings == b"".join(tidy.streaming_content)
    assert hashlib.sha256(readings).hexdigest() == run.data_hash
    assert Event.objects.get(action="data.downloaded", subject="package").actor == run.by
    answer = client.get(f"/api/v1/studies/{locked.study.slug}/package").json()["package"]
    assert answer["url"] == reverse("package", args=[locked.study.slug])


def test_package_before_the_lock_requires_an_interim_look(read, client_of, queued):
    client = client_of(read.coordinator)
    url = f"/api/v1/studies/{read.study.slug}/package"
    assert client.post(url).status_code == 403
    record_interim_look(study=read.study, by=read.coordinator, reason="Safety board")
    assert client.post(url).json()["package"]["interim"] is True
    content = prepared(client, read, queued)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(f"verteread-{read.study.slug}/README.md").decode()
    assert "Interim: the study was not locked" in text


def test_same_readings_give_the_same_bytes(locked, client_of, queued):
    client = client_of(locked.statistician)
    first = prepared(client, locked, queued)
    PackageRun.objects.all().delete()
    assert prepared(client, locked, queued) == first


@pytest.mark.slow
def test_package_of_a_measured_study_runs_in_an_empty_folder(measured, client_of, queued, tmp_path):
    path = tmp_path / "package.zip"
    path.write_bytes(prepared(client_of(measured.statistician), measured, queued))
    folder = unpack(path, tmp_path / "empty")
    assert json.loads((folder / "traces.json").read_text())["readings"]
    done = reproduce_in_python(folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(", 0 differ.") == 3


@needs_r
@pytest.mark.slow
def test_r_agrees_about_a_measured_study(
    measured: Cast, client_of: Any, queued: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "package.zip"
    path.write_bytes(prepared(client_of(measured.statistician), measured, queued))
    done = reproduce_in_r(unpack(path, tmp_path / "empty"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 differ." in done.stdout
