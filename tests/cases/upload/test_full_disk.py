"""A full disk is a sentence with 507, leaves nothing behind and does not stop the next upload."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import OperationalError

from studies.cases.api import uploads
from studies.cases.models import Case, Patient, Upload
from studies.errors import STORAGE_FULL
from studies.storage.files import StorageFull, StorageUnavailable
from studies.storage.object_storage import object_storage_errors
from tests.dicom_files import lateral_file
from tests.make import Cast

MIB = 2**20
Send = Callable[[], Any]


def large_file() -> bytes:
    """A scan of 1 MiB that does not get smaller by compression."""
    noise = np.random.default_rng(1).integers(0, 255, (1024, 1024), dtype=np.uint8)
    return lateral_file(noise)


@pytest.fixture
def send(cast: Cast, client_of: Any) -> Send:
    client, data = client_of(cast.coordinator), large_file()
    client.raise_request_exception = False

    def post() -> Any:
        sent = {"file": SimpleUploadedFile("x", data), "name": "x.dcm", "site": "A"}
        url = f"/api/v1/studies/{cast.study.slug}/uploads"
        return client.post(url, sent, format="multipart")

    return post


def left_in(folder: Any) -> list[Path]:
    """All that is there but the folders of studies, which stay."""
    paths = Path(folder).rglob("*")
    return [path for path in paths if path.is_file() or len(path.relative_to(folder).parts) > 1]


def check_full_then_free(send: Send, settings: Any, free: Callable[[], object]) -> None:
    answer = send()
    assert answer.status_code == 507, answer.content
    assert answer.json()["error"] == {"code": "storage_full", "message": STORAGE_FULL}
    assert not Case.objects.exists() and not Patient.objects.exists()
    assert not Upload.objects.exists()
    assert not left_in(settings.STORAGE) and not left_in(settings.SPOOL)
    free()
    (upload,) = send().json()["results"]
    assert upload["case"]["label"] == "C0001"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """A file system of a given size, mounted where a test says; root alone may mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=700k", "verteread-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount a file system; the other tests do without")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("setting", ["STORAGE", "SPOOL"])
def test_upload_to_a_disk_that_is_full(setting, send, settings, small_disk):
    setattr(settings, setting, small_disk)
    settings.MEDIA_ROOT = settings.STORAGE
    grow = ["mount", "-o", "remount,size=20m", str(small_disk)]
    check_full_then_free(send, settings, lambda: subprocess.run(grow, check=True))


def test_upload_beyond_the_limit_of_the_storage(send, settings, monkeypatch):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    save = storages["default"]._save

    def save_within_limit(name: str, content: Any) -> Any:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MIB // 2, limits[1]))
        try:
            return save(name, content)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    with monkeypatch.context() as patched:
        patched.setattr(storages["default"], "_save", save_within_limit)
        check_full_then_free(send, settings, patched.undo)


def test_upload_to_a_spool_that_is_full(send, settings, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(
            tempfile,
            "TemporaryFile",
            lambda **options: Path("/dev/full").open("r+b", buffering=0),  # noqa: SIM115
        )
        check_full_then_free(send, settings, patched.undo)


def test_part_of_a_file_is_not_left_behind(settings):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    storage = storages["default"]
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB // 2, limits[1]))
    try:
        with pytest.raises(StorageFull):
            storage.save("1/2/a.gz", ContentFile(os.urandom(MIB)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not left_in(settings.STORAGE)


def test_full_disk_of_the_database_is_the_same_sentence(send, monkeypatch):
    class DiskFull(Exception):
        pgcode = "53100"

    def fail(**_: Any) -> None:
        raise OperationalError("could not extend file") from DiskFull()

    monkeypatch.setattr(uploads, "ingest_upload", fail)
    answer = send()
    assert (answer.status_code, answer.json()["error"]["message"]) == (507, STORAGE_FULL)


@pytest.mark.django_db
def test_page_and_command_say_that_the_disk_is_full(cast, client_of, tmp_path, monkeypatch):
    def fail(*_: Any, **__: Any) -> None:
        raise StorageFull("image.dcm: OSError")

    monkeypatch.setattr("studies.cases.pages.require_coordinator", fail)
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/cases")
    assert page.status_code == 507
    assert STORAGE_FULL in page.content.decode()
    path = tmp_path / "x.dcm"
    path.write_bytes(large_file())
    monkeypatch.setattr("studies.cases.management.commands.import_cases.ingest_upload", fail)
    with pytest.raises(CommandError, match="There is no space left on the server"):
        call_command("import_cases", cast.study.slug, str(path), "--site", "A")


@pytest.mark.parametrize(
    ("code", "status", "full"),
    [("QuotaExceeded", 403, True), ("Other", 507, True), ("SlowDown", 503, False)],
)
def test_bucket_without_space_is_storage_full(code, status, full):
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(StorageUnavailable) as caught, object_storage_errors("image.dcm"):
        raise ClientError(answer, "PutObject")
    assert isinstance(caught.value, StorageFull) == full
