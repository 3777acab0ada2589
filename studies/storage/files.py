"""Reading and writing of stored files in either storage, with one error for all failures.

Both storages raise only `StorageUnavailable`, an OSError. Pages and the API respond with 503, or
with 507 when no space is left (`studies.errors`); tasks try again.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.fields.files import FieldFile

# A full disk, a used-up quota, and a limit on the size of a file.
OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SaveFile = Callable[[FieldFile, str, bytes], None]


class StorageUnavailable(OSError):
    """The storage cannot be reached, denies access or lacks the file; the cause tells which."""


class StorageFull(StorageUnavailable):
    """The storage has no space left; nothing of the file was stored."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the storage: its name there and when it was written."""

    name: str
    modified_at: datetime


def is_out_of_space(error: BaseException) -> bool:
    """Return whether an error means that a disk is full or a quota is used up."""
    full_disk = isinstance(error, OSError) and error.errno in OUT_OF_SPACE
    return full_disk or isinstance(error, StorageFull)


@contextmanager
def storage_errors(name: object) -> Iterator[None]:
    """Turn every OSError into StorageUnavailable, or StorageFull when no space is left."""
    try:
        yield
    # An OSError as well, and already translated by an inner block.
    except StorageUnavailable:
        raise
    except OSError as error:
        kind = StorageFull if is_out_of_space(error) else StorageUnavailable
        raise kind(f"{name}: {type(error).__name__}") from error


def read_stored(file: FieldFile) -> bytes:
    """Return a whole file, so that errors occur before the first byte of a response is sent."""
    with storage_errors(file.name), file.open("rb") as opened:
        return bytes(opened.read())


class NewFiles:
    """Files that are stored before the transaction that writes their rows.

    After an error in the block the files are deleted again, if the storage can be reached. After
    an error of the commit they stay, because the commit may have succeeded. As
    `studies.storage.orphans` removes old files without rows, rows are written only while their
    files are younger than half that age.
    """

    def __init__(self) -> None:
        self._saved: list[FieldFile] = []
        self._first_saved_at: float | None = None
        self._committing = False

    def __enter__(self) -> NewFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and not self._committing:
            self.discard()

    def save(self, file: FieldFile, name: str, content: bytes) -> None:
        """Store a file and set the field's name."""
        if self._first_saved_at is None:
            self._first_saved_at = time.monotonic()
        file.save(name, ContentFile(content), save=False)
        self._saved.append(file)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Open the transaction in which the rows are written."""
        with transaction.atomic():
            yield
            self._check_age()
            # From here on the transaction may be committed even if an error follows, and rows
            # without files are worse than files without rows: the sweep removes the latter.
            self._committing = True

    def _check_age(self) -> None:
        if self._first_saved_at is None:
            return
        if time.monotonic() - self._first_saved_at > settings.ORPHAN_MINUTES * 60 / 2:
            raise StorageUnavailable(
                "The files were stored too long ago and may have been removed."
            )

    def discard(self) -> None:
        """Delete the files again, if the storage can be reached."""
        for file in self._saved:
            with suppress(OSError):
                file.storage.delete(str(file.name))
        self._saved.clear()


@contextmanager
def transaction_with_files() -> Iterator[SaveFile]:
    """Open a transaction and yield a function that stores files, with the rules of `NewFiles`."""
    with NewFiles() as files, files.transaction():
        yield files.save
