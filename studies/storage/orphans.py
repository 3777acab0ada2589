"""Removal of orphans: stored files without a row, left by an upload or report that was killed.

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
# Bounds the number of names in one query.
BATCH = 500
MAX_REMOVED = 1_000
"""Most files that one sweep removes; the next one continues."""
# More suggests that the database does not belong to this storage.
MAX_ORPHAN_SHARE = 0.2
MANAGED_NAMES = re.compile(
    r"\d+/([0-9a-f-]{36}/[^/]+|reports/[0-9a-f-]{36}(\.pdf|\.html|-pairs\.csv)"
    r"|workbooks/[0-9a-f-]{36}\.xlsx|packages/[0-9a-f-]{36}\.zip|instructions/[0-9a-f-]{36}\.png)"
    r"|models/[0-9a-f-]{36}(\w*\.safetensors|-\d+\w*\.zip)"
)
"""Names that cases, reports, workbooks, packages, instructions and models give to their files.

All others are left alone.
"""


class TooManyOrphans(Exception):
    """So many files lack a row that the database probably belongs to another storage."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """The result of a sweep: old files without a row, and how many of them it removed."""

    names: list[str]
    removed: int


def sweep_orphans(*, age: timedelta, dry_run: bool = False, force: bool = False) -> Sweep:
    """Remove stored files without a row that are older than ``age``, `MAX_REMOVED` at most.

    Raises
    ------
    TooManyOrphans
        More than a fifth of the stored files lack a row, unless ``force``.
    StorageUnavailable
        The storage cannot be reached; files removed before stay removed.
    """
    storage: Any = storages["default"]
    before = timezone.now() - age
    stored, orphans = 0, []
    managed = (file for file in storage.stored_files() if MANAGED_NAMES.fullmatch(file.name))
    for batch in _batches(managed):
        stored += len(batch)
        old = [file.name for file in batch if file.modified_at < before]
        orphans += _without_row(old)
    if len(orphans) > stored * MAX_ORPHAN_SHARE and not force:
        raise TooManyOrphans(
            f"{len(orphans)} of {stored} stored files have no row. Nothing was removed. "
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
    """Remove the files that still have no row; return how many."""
    # Asked again directly before deletion: an upload may have been committed since the listing.
    orphans = _without_row(names)
    for name in orphans:
        storage.delete(name)
    if orphans:
        logger.warning("%s stored files without a row were removed", len(orphans))
    return len(orphans)


def _without_row(names: list[str]) -> list[str]:
    with_row: set[str] = set()
    for model, fields in models_with_files():
        for field in fields:
            rows = model._default_manager.filter(**{f"{field.name}__in": names})
            with_row |= set(rows.values_list(field.name, flat=True))
        if issubclass(model, ClaimedWork):
            # A worker may be about to write the same name as an earlier attempt.
            for row in model.objects.unfinished() if names else []:
                with_row |= {field.generate_filename(row, "file") for field in fields}
    return [name for name in names if name not in with_row]


def models_with_files() -> list[tuple[type[models.Model], list[models.FileField]]]:
    """Return every model that names stored files, with those fields."""
    with_files = []
    for model in apps.get_models():
        fields = [field for field in model._meta.fields if isinstance(field, models.FileField)]
        if fields:
            with_files.append((model, fields))
    return with_files
