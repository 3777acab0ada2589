"""How much space the stored files take, in total and for each study."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.core.files.storage import storages

from studies.monitoring.timed_check import TimedCheck
from studies.storage.folder import FolderStorage

MAX_AGE_S: Final = 600


@dataclass(frozen=True, slots=True)
class StorageUse:
    """Bytes on the disk. All are None for a bucket, whose use its provider shows.

    ``by_folder`` has one entry for each folder at the top of the storage; that of a study is named
    by the key of the study.
    """

    used: int | None = None
    free: int | None = None
    by_folder: Mapping[str, int] = field(default_factory=dict)
    measured_at: float = 0.0


def measure_storage() -> StorageUse:
    """Return the use of the storage; the last result is used again for ten minutes."""
    latest = _LATEST.get("use")
    if latest is not None and time.monotonic() - latest.measured_at < MAX_AGE_S:
        return latest
    storage: Any = storages["default"]
    use = _measure_folder(Path(storage.location)) if isinstance(storage, FolderStorage) else None
    _LATEST["use"] = use or StorageUse(measured_at=time.monotonic())
    return _LATEST["use"]


def _measure_folder(root: Path) -> StorageUse:
    sizes: Counter[str] = Counter()
    for folder, _, names in os.walk(root):
        top = Path(folder).relative_to(root).parts[:1]
        for name in names:
            # Another process may delete files while this one lists them.
            with suppress(FileNotFoundError):
                sizes["".join(top)] += (Path(folder) / name).stat().st_size
    free = shutil.disk_usage(root).free
    return StorageUse(sum(sizes.values()), free, dict(sizes), time.monotonic())


# Hundreds of thousands of files take longer to list than a page may take.
STORAGE_USE: Final = TimedCheck(measure_storage)
_LATEST: Final[dict[str, StorageUse]] = {}
