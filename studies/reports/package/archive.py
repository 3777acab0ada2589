"""A ZIP archive with a list of SHA-256 sums, identical for identical contents."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from typing import BinaryIO, Final

SUMS: Final = "SHA256SUMS"
# ZIP stores local times; the earliest one keeps the time of writing out of the bytes.
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
READABLE: Final = 0o644 << 16
UNIX: Final = 3


class Archive:
    """Writes files to a ZIP archive, piece by piece, and finally the list of their sums.

    Parameters
    ----------
    target : binary file
        Where the archive is written.
    folder : str
        The folder that the archive unpacks to.
    """

    def __init__(self, target: BinaryIO, folder: str) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._folder = folder
        self._sums: dict[str, str] = {}

    def add(self, name: str, pieces: Iterable[bytes | str]) -> str:
        """Write one file and return its SHA-256; text is encoded as UTF-8."""
        digest = hashlib.sha256()
        # The size is unknown beforehand, so the format for large files is always used.
        with self._zip.open(zip_entry(f"{self._folder}/{name}"), "w", force_zip64=True) as entry:
            for piece in pieces:
                data = piece.encode() if isinstance(piece, str) else piece
                digest.update(data)
                entry.write(data)
        self._sums[name] = digest.hexdigest()
        return self._sums[name]

    def close(self) -> None:
        """Write the list of sums, in the format of ``sha256sum``, and end the archive."""
        lines = [f"{digest}  {name}\n" for name, digest in sorted(self._sums.items())]
        self._zip.writestr(zip_entry(f"{self._folder}/{SUMS}"), "".join(lines))
        self._zip.close()


def zip_entry(name: str) -> zipfile.ZipInfo:
    """Return an entry that does not depend on the time, the machine or its settings."""
    entry = zipfile.ZipInfo(name, EARLIEST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system, entry.external_attr = UNIX, READABLE
    return entry
