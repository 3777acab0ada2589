"""The cast of a test: copies equal what the actions of the platform write."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction

from studies.protocol.models import Study
from tests.casts.copied_rows import RENEWED
from tests.make import Cast

pytestmark = pytest.mark.django_db

DESIGNS: list[dict[str, Any]] = [
    {},
    {"arms": ["guided"], "readers_per_case": 1},
    {"scores": "aac24_aac8", "name": "Another trial"},
]


def content() -> dict[str, list[Any]]:
    """Return what each table says, with references followed to what they name."""
    return {
        model._meta.label: sorted(
            (
                [str(row), *(value_of(row, field) for field in model._meta.concrete_fields)]
                for row in model._base_manager.all()
            ),
            key=repr,
        )
        for model in apps.get_models()
    }


def value_of(row: models.Model, field: Any) -> Any:
    value = getattr(row, field.name)
    if field.primary_key or field.name in {*RENEWED, "password"}:
        return None
    return value is None if isinstance(field, models.DateTimeField) else repr(value)


@pytest.mark.parametrize("design", DESIGNS, ids=repr)
def test_copied_cast_equals_the_cast_that_actions_create(design):
    with transaction.atomic():
        created = Cast.__new__(Cast)
        created.create(**design)
        by_actions, names = content(), {name: str(row) for name, row in vars(created).items()}
        transaction.set_rollback(True)
    for _ in range(2):
        with transaction.atomic():
            cast = Cast(**design)
            assert {name: str(row) for name, row in vars(cast).items()} == names
            assert content() == by_actions
            for row in vars(cast).values():
                row.refresh_from_db()
            transaction.set_rollback(True)


def test_each_cast_has_other_ids_and_keys():
    with transaction.atomic():
        first = Cast()
        transaction.set_rollback(True)
    second = Cast()
    assert {row.pk for row in (first.study, first.outside_study)}.isdisjoint(
        Study.objects.values_list("pk", flat=True)
    )
    assert first.reader.pk != second.reader.pk
    assert bytes(first.study.key) != bytes(second.study.key)


def test_copied_cast_takes_a_query_for_each_table(django_assert_max_num_queries):
    with transaction.atomic():
        Cast()
        transaction.set_rollback(True)
    with django_assert_max_num_queries(8):
        Cast()
