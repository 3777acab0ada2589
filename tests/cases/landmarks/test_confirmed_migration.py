"""The migration that counts corners moved before it as confirmed."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from studies.cases.landmarks.corrections import flip_side, restore_landmark_set
from studies.cases.models import Case
from tests.cases.landmarks.corrected_arms import correct_case
from tests.make import make_case

pytestmark = pytest.mark.django_db


def test_corners_moved_before_the_migration_count_as_confirmed(cast):
    untouched, moved, flipped, restored = (make_case(cast.study, cast.site) for _ in range(4))
    correct_case(moved, cast.coordinator)
    flip_side(case=moved, actor=cast.coordinator)
    flip_side(case=flipped, actor=cast.coordinator)
    correct_case(restored, cast.coordinator)
    restore_landmark_set(case=restored, version=1, based_on=2, actor=cast.coordinator)
    Case.objects.update(corners_confirmed_for=None)
    migration = import_module("studies.cases.migrations.0017_moved_corners_confirmed")
    with connection.cursor() as cursor:
        cursor.execute(migration.CONFIRM)
    confirmed = {case.pk for case in Case.objects.all() if case.corners_confirmed}
    assert confirmed == {moved.pk}
    assert untouched.pk not in confirmed
