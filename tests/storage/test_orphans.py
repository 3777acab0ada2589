"""Stored files without a row are removed when they are old; every other file stays."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from studies.cases.models import Case
from studies.cases.upload.ingest import ingest_file
from studies.reports.models import ReportRun
from studies.storage import files, orphans
from studies.storage.files import StorageUnavailable
from studies.storage.orphans import (
    MANAGED_NAMES,
    TooManyOrphans,
    models_with_files,
    sweep_orphans,
)
from studies.storage.sweeping import KEY, sweep_if_due
from tests.make import dicom_bytes, make_case

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def stored(cast: Any) -> set[str]:
    """The files of five cases."""
    for _ in range(5):
        make_case(cast.study, cast.site)
    return names()


def names() -> set[str]:
    return {file.name for file in storages["default"].stored_files()}


def left_behind(cast: Any, settings: Any, *, minutes: float = 90, name: str = "") -> str:
    """A file of a killed upload, as old as said."""
    name = name or f"{cast.study.pk}/{uuid4()}/image.dcm"
    storages["default"].save(name, ContentFile(b"left behind"))
    at = time.time() - 60 * minutes
    os.utime(Path(settings.STORAGE) / name, (at, at))
    return name


def test_only_old_files_without_a_row_are_removed(cast, stored, settings):
    for name in stored:
        os.utime(Path(settings.STORAGE) / name, (0, 0))
    old, fresh = left_behind(cast, settings), left_behind(cast, settings, minutes=30)
    for _ in range(2):
        sweep = sweep_orphans(age=HOUR)
        assert names() == stored | {fresh}
    assert sweep.names == []
    assert not (Path(settings.STORAGE) / old).parent.exists()


def test_sweep_covers_the_files_of_every_model(cast):
    case = make_case(cast.study, cast.site)
    for model, fields in models_with_files():
        fields_of_model = {field.name for field in model._meta.fields}
        if "case" in fields_of_model:
            row = model(case=case)
        else:
            row = model(study=cast.study) if "study" in fields_of_model else model()
        # A former image names files that the image itself stored.
        for field in (field for field in fields if field.upload_to):
            name = field.generate_filename(row, "image.dcm")
            assert MANAGED_NAMES.fullmatch(name), (model.__name__, field.name, name)


def test_files_of_other_programs_are_left_alone(cast, stored, settings):
    others = {
        left_behind(cast, settings, name=name)
        for name in ("README", "lost+found/1", f"{cast.study.pk}/note.txt")
    }
    sweep_orphans(age=HOUR, force=True)
    assert names() == stored | others


def test_files_of_a_report_that_is_being_made_again_stay(cast, stored, settings):
    run = ReportRun.objects.create(
        study=cast.study, by=cast.coordinator, state="making", snapshot_at="2026-11-29T00:00Z"
    )
    name = left_behind(cast, settings, name=f"{cast.study.pk}/reports/{run.pk}.pdf")
    assert sweep_orphans(age=HOUR).names == []
    ReportRun.objects.update(state="failed", failure="for a test")
    assert sweep_orphans(age=HOUR).names == [name]
    assert names() == stored


def test_file_whose_row_is_committed_while_a_sweep_runs_stays(cast, stored, settings, monkeypatch):
    name = left_behind(cast, settings)
    without_row = orphans._without_row

    def and_then_committed(names: list[str]) -> list[str]:
        monkeypatch.undo()
        result = without_row(names)
        Case.objects.first().image.__class__.objects.filter(case=Case.objects.first()).update(
            dicom=name
        )
        return result

    monkeypatch.setattr(orphans, "_without_row", and_then_committed)
    assert (sweep_orphans(age=HOUR).removed, name in names()) == (0, True)


def test_sweep_removes_a_bounded_number_and_the_next_goes_on(cast, stored, settings, monkeypatch):
    monkeypatch.setattr(orphans, "MAX_REMOVED", 2)
    for _ in range(3):
        left_behind(cast, settings)
    assert sweep_orphans(age=HOUR).removed == 2
    assert sweep_orphans(age=HOUR).removed == 1
    assert names() == stored


def test_storage_of_another_database_loses_nothing(cast, stored, settings):
    for _ in range(5):
        left_behind(cast, settings)
    before = names()
    with pytest.raises(TooManyOrphans, match="5 of 20 stored files"):
        sweep_orphans(age=HOUR)
    with pytest.raises(CommandError, match="Check that the database belongs to this storage"):
        call_command("sweep_orphans", "--older-than", "60", stdout=StringIO())
    assert names() == before


def test_command_lists_what_it_would_remove(cast, stored, settings):
    name = left_behind(cast, settings)
    output = StringIO()
    call_command("sweep_orphans", "--dry-run", "--older-than", "60", stdout=output)
    assert output.getvalue() == f"{name}\n1 files without a row, 0 removed.\n"
    assert name in names()
    call_command("sweep_orphans", "--older-than", "60", stdout=output)
    assert names() == stored


def test_workers_sweep_once_an_hour(cast, stored, settings):
    settings.ORPHAN_MINUTES = 60
    cache.delete(KEY)
    left_behind(cast, settings)
    assert (sweep_if_due(), sweep_if_due()) == (1, 0)
    cache.delete(KEY)
    assert names() == stored


def test_upload_that_was_stopped_until_its_files_may_be_gone_stores_no_row(
    cast, settings, monkeypatch
):
    """A process that was stopped for hours continues after a sweep has removed its files."""
    clock = [0.0]
    monkeypatch.setattr(files.time, "monotonic", lambda: clock[0])
    get = files.transaction.atomic

    def after_hours() -> Any:
        clock[0] += settings.ORPHAN_MINUTES * 31
        return get()

    monkeypatch.setattr(files.transaction, "atomic", after_hours)
    with pytest.raises(StorageUnavailable):
        ingest_file(
            study=cast.study,
            site=cast.site,
            data=dicom_bytes(),
            name="x",
            uploader=cast.coordinator,
        )
    monkeypatch.undo()
    assert not Case.objects.exists()
    assert names() == set()
