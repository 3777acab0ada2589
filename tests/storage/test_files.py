"""Files that are written beside a database transaction."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import OperationalError, connection

from studies.cases.models import Image
from studies.storage.files import StorageUnavailable, read_stored, transaction_with_files
from tests.make import make_case


@pytest.fixture
def image(cast, settings) -> Image:
    image = make_case(cast.study, cast.site).image
    for path in stored(settings):
        path.unlink()
    return image


def stored(settings) -> list[Path]:
    return [path for path in Path(settings.STORAGE).rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_error_in_the_transaction_takes_the_files_along(image, settings):
    with pytest.raises(ZeroDivisionError), transaction_with_files() as save:
        save(image.dicom, "image.dcm", b"1")
        assert len(stored(settings)) == 1
        raise ZeroDivisionError
    assert not stored(settings)


@pytest.mark.django_db(transaction=True)
def test_files_stay_when_nobody_knows_whether_the_commit_succeeded(image, settings, monkeypatch):
    def lose_connection() -> None:
        raise OperationalError("the server closed the connection")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "_commit", lose_connection)
        with pytest.raises(OperationalError), transaction_with_files() as save:
            save(image.dicom, "image.dcm", b"1")
    assert len(stored(settings)) == 1


@pytest.mark.django_db
def test_file_that_is_gone_is_storage_away(image):
    with pytest.raises(StorageUnavailable, match="FileNotFoundError"):
        read_stored(image.dicom)
