"""The folder of stored files: what is said when it cannot be used."""

from __future__ import annotations

import pytest

from studies.storage.files import StorageUnavailable
from studies.storage.folder import FolderStorage, check_writable


def test_folder_that_does_not_exist_is_not_called_a_matter_of_permission(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone does not exist"):
        check_writable(tmp_path / "gone")
    with pytest.raises(StorageUnavailable, match="FileNotFoundError"):
        FolderStorage(location=tmp_path / "gone").check_reachable()


def test_existing_folder_is_usable(tmp_path):
    check_writable(tmp_path)
    FolderStorage(location=tmp_path).check_reachable()
