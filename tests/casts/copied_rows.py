"""Rows that actions wrote once, written again with new ids: a few inserts in place of all checks.

Most tests start from the same people and studies. The actions that create them take a hundred
queries; copies of their rows take one query per table.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from django.db import models, transaction

# Random for each study.
RENEWED = {"key", "date_shift_days"}


class CopiedRows:
    """The rows of these models that a function creates, ready to be written again.

    The models are in the order in which their rows can be inserted.
    """

    def __init__(self, tables: tuple[type[models.Model], ...], create: Callable[[], Any]) -> None:
        with transaction.atomic():
            before = {
                model: list(model._base_manager.values_list("pk", flat=True)) for model in tables
            }
            create()
            self.rows = {
                model: list(model._base_manager.exclude(pk__in=before[model]).order_by("pk"))
                for model in tables
            }
            # The first test gets copies too, so that all tests start with equal objects.
            transaction.set_rollback(True)

    def write(self) -> dict[tuple[type[models.Model], Any], Any]:
        """Insert copies of the rows and return them by the model and id of their original."""
        copies: dict[tuple[type[models.Model], Any], Any] = {}
        for model, rows in self.rows.items():
            new = [copy_of(row, copies) for row in rows]
            model._base_manager.bulk_create(new)
            copies |= {(model, row.pk): copy for row, copy in zip(rows, new, strict=True)}
        return copies


def copy_of(row: models.Model, copies: dict[tuple[type[models.Model], Any], Any]) -> models.Model:
    """Return an unsaved copy of a row that refers to copies of the rows that it refers to."""
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.primary_key:
            continue
        if field.related_model:
            values[field.name] = copies[field.related_model, value] if value is not None else None
        elif field.name in RENEWED or (
            isinstance(field, models.DateTimeField) and value is not None and field.has_default()
        ):
            values[field.name] = field.get_default()
        else:
            values[field.name] = deepcopy(value)
    return type(row)(**values)
