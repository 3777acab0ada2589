"""Cache on disk for compiled networks: one folder per key, which identifies all inputs."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

UNUSED_DAYS: Final = 30
"""Entries unused for this long are removed when a new one is stored."""
ENTRY_NAME: Final = re.compile(r"[0-9a-f]{32}(\..+)?")
"""A key, with a suffix while the entry is being written."""


def cache_folder() -> Path:
    """Return ``VERTEREAD_CACHE``, or else ``verteread`` in the cache folder of the user."""
    configured = os.environ.get("VERTEREAD_CACHE")
    if configured:
        return Path(configured)
    user_cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(user_cache) if user_cache else Path.home() / ".cache") / "verteread"


def cache_key(parts: Mapping[str, str]) -> str:
    """Return the key for everything that a compiled network depends on.

    Examples
    --------
    >>> cache_key({"weights": "ab"}) == cache_key({"weights": "cd"})
    False
    """
    # 128 bits of the hash suffice to tell entries apart.
    return hashlib.sha256(json.dumps(dict(parts), sort_keys=True).encode()).hexdigest()[:32]


def find_entry(key: str) -> Path | None:
    """Return the folder stored under a key, or ``None``; its time of last use is updated."""
    folder = cache_folder() / key
    if not folder.is_dir():
        return None
    with contextlib.suppress(OSError):  # the cache may be read-only
        os.utime(folder)
    return folder


def store_entry(key: str, write: Callable[[Path], None]) -> Path | None:
    """Store a new entry, completely or not at all.

    Parameters
    ----------
    key
        From `cache_key`.
    write
        Writes the files of the entry to the folder that it receives.

    Returns
    -------
    Path or None
        The folder of the entry; ``None`` if the cache cannot be written. If two processes store the
        same key at the same time, the first one is retained.
    """
    temporary: str | None = None
    try:
        cache = cache_folder()
        # Only the owner may write here, because the runtime loads compiled networks from the cache.
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_unused(cache)
        temporary = tempfile.mkdtemp(prefix=f"{key}.", dir=cache)
        write(Path(temporary))
        # Renaming is atomic, so that no other process reads half an entry.
        with contextlib.suppress(OSError):  # another process was faster
            Path(temporary).rename(cache / key)
    except OSError:
        return None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
    return find_entry(key)


def remove_entry(key: str) -> None:
    """Remove the entry of a key, if there is one."""
    shutil.rmtree(cache_folder() / key, ignore_errors=True)


def _remove_unused(cache: Path) -> None:
    """Remove entries that have not been used for ``UNUSED_DAYS``."""
    # find_entry updates the time, so that a network in use never expires.
    oldest = time.time() - UNUSED_DAYS * 86400
    for folder in cache.iterdir():
        # The configured folder may also contain files that do not belong to VerteRead.
        is_entry = ENTRY_NAME.fullmatch(folder.name) is not None
        if is_entry and folder.is_dir() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
