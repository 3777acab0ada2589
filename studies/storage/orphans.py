"""Stored files that no row names: what a killed upload or report left in the storage.

Files are stored before their rows are committed, so a file without a row may belong to an upload
that is still running. Only files older than VERTEREAD_ORPHAN_MINUTES are removed, and
`studies.storage.files.NewFiles` commits no rows whose files are older than half of that.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, TypeVar

from django.apps import apps
from django.core.files.storage import storages
from django.db import models
from django.utils import timezone

from studies.jobs.claims import ClaimedWork

logger = logging.getLogger(__name__)
Item = TypeVar("Item")
BATCH = 500
MAX_REMOVED = 1_000
"""Files that one sweep removes at most; the next one goes on."""
MAX_ORPHAN_SHARE = 0.2
OURS = re.compile(r"\d+/(reports/[0-9a-f-]{36}\.(pdf|html)|[0-9a-f-]{36}/[^/]+)")
"""The names that the models of cases and reports give; others are left alone."""


class TooManyOrphans(Exception):
    """So many files lack a row that the database is probably not the one they belong to."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep found: old files without a row, and how many of them it removed."""

    names: list[str]
    removed: int


def sweep_orphans(*, age: timedelta, dry_run: bool = False, force: bool = False) -> Sweep:
    """Remove stored files without a row that are older than ``age``, `MAX_REMOVED` at most.

    Raises
    ------
    TooManyOrphans
        More than a fifth of the stored files lack a row, unless ``force``.
    StorageUnavailable
        The storage cannot be reached; what was removed before stays removed.
    """
    storage: Any = storages["default"]
    before = timezone.now() - age
    stored, orphans = 0, []
    ours = (file for file in storage.stored_files() if OURS.fullmatch(file.name))
    for batch in _batches(ours):
        stored += len(batch)
        old = [file.name for file in batch if file.modified_at < before]
        orphans += _without_row(old)
    if len(orphans) > stored * MAX_ORPHAN_SHARE and not force:
        raise TooManyOrphans(
            f"{len(orphans)} of {stored} stored files are named by no row. Nothing was removed. "
            "Check that the database belongs to this storage."
        )
    removed = 0
    if not dry_run:
        removed = sum(_remove(storage, batch) for batch in _batches(orphans[:MAX_REMOVED]))
    return Sweep(orphans, removed)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _remove(storage: Any, names: list[str]) -> int:
    """Remove what still has no row, and return how many files that are."""
    orphans = _without_row(names)
    for name in orphans:
        storage.delete(name)
    if orphans:
        logger.warning("%s stored files that no row names were removed", len(orphans))
    return len(orphans)


def _without_row(names: list[str]) -> list[str]:
    named: set[str] = set()
    for model, fields in _models_with_files():
        for field in fields:
            rows = model._default_manager.filter(**{f"{field.name}__in": names})
            named |= set(rows.values_list(field.name, flat=True))
        if issubclass(model, ClaimedWork):
            # A worker may be about to write them under the same name as an earlier attempt.
            for row in model.objects.unfinished() if names else []:
                named |= {field.generate_filename(row, "file") for field in fields}
    return [name for name in names if name not in named]


def _models_with_files() -> list[tuple[type[models.Model], list[models.FileField]]]:
    with_files = []
    for model in apps.get_models():
        fields = [field for field in model._meta.fields if isinstance(field, models.FileField)]
        if fields:
            with_files.append((model, fields))
    return with_files
