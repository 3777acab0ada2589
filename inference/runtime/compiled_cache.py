"""What was made from weights once and is kept: files by a key that says what they were made of."""

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
"""What nobody asked for this long goes when something new comes."""
OUR_NAMES: Final = re.compile(r"[0-9a-f]{32}(\..+)?")
"""A key, or one with an ending while it is filled."""


def cache_folder() -> Path:
    """``VERTEREAD_CACHE``, else ``verteread`` in the user's folder for such things."""
    given = os.environ.get("VERTEREAD_CACHE")
    if given:
        return Path(given)
    users = os.environ.get("XDG_CACHE_HOME")
    return (Path(users) if users else Path.home() / ".cache") / "verteread"


def cache_key(parts: Mapping[str, str]) -> str:
    """Return the key of everything that a compiled network depends on.

    Examples
    --------
    >>> cache_key({"weights": "ab"}) == cache_key({"weights": "cd"})
    False
    """
    return hashlib.sha256(json.dumps(dict(parts), sort_keys=True).encode()).hexdigest()[:32]


def find_entry(key: str) -> Path | None:
    """The folder that is kept under a key; asking for it keeps it longer."""
    folder = cache_folder() / key
    if not folder.is_dir():
        return None
    with contextlib.suppress(OSError):  # a folder that may only be read
        os.utime(folder)
    return folder


def keep(key: str, fill: Callable[[Path], None]) -> Path | None:
    """Have a new folder filled and kept, whole or not at all; ``None`` where none can be written.

    Of two processes that keep the same at the same time the first wins.
    """
    made: str | None = None
    try:
        place = cache_folder()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        _drop_unused(place)
        made = tempfile.mkdtemp(prefix=f"{key}.", dir=place)
        fill(Path(made))
        with contextlib.suppress(OSError):  # another process was faster
            Path(made).rename(place / key)
    except OSError:
        return None
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
    return find_entry(key)


def forget(key: str) -> None:
    """Drop what is kept under a key."""
    shutil.rmtree(cache_folder() / key, ignore_errors=True)


def _drop_unused(place: Path) -> None:
    """Only folders of ours: somebody may have named a folder that holds other things too."""
    oldest = time.time() - UNUSED_DAYS * 86400
    for folder in place.iterdir():
        ours = OUR_NAMES.fullmatch(folder.name) is not None
        if ours and folder.is_dir() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
