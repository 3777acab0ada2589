"""PURE. Files that macOS and Windows add beside a user's files."""

from __future__ import annotations

from pathlib import PurePosixPath

SYSTEM_FILES = {".ds_store", ".localized", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini"}
SYSTEM_FOLDERS = {"__macosx", ".trashes", ".fseventsd", ".spotlight-v100", "@eadir", "$recycle.bin"}
# Magic numbers of AppleDouble and AppleSingle (RFC 1740).
APPLE_DOUBLE = (b"\x00\x05\x16\x07", b"\x00\x05\x16\x00")


def is_system_file(name: str, data: bytes = b"") -> bool:
    """Return whether a file is one that macOS or Windows adds beside a user's files.

    Parameters
    ----------
    name
        Its name, with or without folders. Names that start with ``._`` are AppleDouble files of
        macOS.
    data
        The beginning of its content, as far as known.
    """
    parts = [part.casefold() for part in PurePosixPath(name.replace("\\", "/")).parts]
    if not parts:
        return False
    by_name = parts[-1] in SYSTEM_FILES or parts[-1].startswith("._")
    return by_name or not SYSTEM_FOLDERS.isdisjoint(parts) or data.startswith(APPLE_DOUBLE)
