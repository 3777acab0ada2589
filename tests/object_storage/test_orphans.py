"""Objects without a row are removed from a bucket."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from studies.storage.files import StorageUnavailable
from studies.storage.orphans import sweep_orphans
from tests.make import make_case

pytestmark = pytest.mark.django_db


def test_old_objects_without_a_row_are_removed_from_a_bucket(cast, bucket):
    for _ in range(2):
        make_case(cast.study, cast.site)
    stored = bucket.stored_keys()
    orphan = f"{cast.study.pk}/{uuid4()}/image.dcm"
    storages["default"].save(orphan, ContentFile(b"left behind"))
    assert sweep_orphans(age=timedelta(hours=1)).names == []
    sweep = sweep_orphans(age=timedelta(seconds=-60))
    assert (sweep.names, sweep.removed) == ([orphan], 1)
    assert bucket.stored_keys() == stored


def test_bucket_that_is_away_is_one_error(cast, stopped):
    stopped.stop_gateway()
    with pytest.raises(StorageUnavailable):
        sweep_orphans(age=timedelta(0))
