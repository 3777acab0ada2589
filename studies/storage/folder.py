"""Storage of files in the folder VERTEREAD_STORAGE."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any, NoReturn, cast

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from studies.storage.files import StorageUnavailable, StoredFile, storage_errors


def check_writable(folder: str | PathLike[str]) -> None:
    """Raise FileNotFoundError or PermissionError unless files can be written into a folder."""
    if not Path(folder).is_dir():
        raise FileNotFoundError(f"The folder {folder} does not exist.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"This account cannot write to the folder {folder}.")


class FolderStorage(FileSystemStorage):
    """Django's folder storage, with StorageUnavailable as its only error and without URLs."""

    def check_reachable(self) -> None:
        """Raise StorageUnavailable unless files can be written."""
        with storage_errors(self.location):
            check_writable(self.location)

    def url(self, name: str | None) -> NoReturn:
        """Refuse: a URL would bypass the permission checks of the views."""
        raise NotImplementedError(
            "Stored files have no URL: views serve them after checking permissions."
        )

    def delete(self, name: str) -> None:
        """Delete a file and, when it is empty, its folder."""
        with storage_errors(name):
            super().delete(name)
        self._remove_empty_folder(name)

    def exists(self, name: str) -> bool:
        """Return whether there is a file of this name."""
        with storage_errors(name):
            return bool(super().exists(name))

    def stored_files(self) -> Iterator[StoredFile]:
        """Yield every file; one that is deleted in the meantime may be left out."""
        root = Path(self.location)
        with storage_errors(self.location):
            for folder, _, names in os.walk(root, onerror=_raise_unless_gone):
                for name in names:
                    path = Path(folder) / name
                    # Another process may delete files while this one lists them.
                    with suppress(FileNotFoundError):
                        modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                        yield StoredFile(path.relative_to(root).as_posix(), modified_at)

    # The stubs of Django omit the methods that a storage overrides.
    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        with storage_errors(name):
            return cast("File[Any]", super()._open(name, mode))  # type: ignore[misc]

    def _save(self, name: str, content: File[Any]) -> str:
        try:
            with storage_errors(name):
                return str(super()._save(name, content))  # type: ignore[misc]
        except StorageUnavailable:
            with suppress(OSError):
                self.delete(name)  # the part that was written before the disk was full
            raise

    def _remove_empty_folder(self, name: str) -> None:
        folder = Path(self.path(name)).parent
        # rmdir refuses a folder that is not empty, so two processes cannot lose each other's files.
        if folder != Path(self.location):
            with suppress(OSError):
                folder.rmdir()


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
