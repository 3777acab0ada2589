"""A small separate disk for images, reports and uploads in progress, which can be filled up."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SIZE_MB = 256
CHUNK = 2**20


class SmallDisk:
    """A file system in memory; without the right to mount one, an ordinary folder.

    Filling up the disk of the machine would stop more than VerteRead, so an ordinary folder
    cannot be filled.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        # Beside the folders that are looked through for files without a row.
        self._ballast = folder / "ballast"
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)]
        self.can_be_filled = os.geteuid() == 0 and _succeeds(mount)

    def fill(self) -> None:
        """Leave no space."""
        assert self.can_be_filled
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"\0" * CHUNK)
            except OSError:
                return

    def free(self) -> None:
        """Return the space."""
        self._ballast.unlink(missing_ok=True)

    def remove(self) -> None:
        """Unmount the disk."""
        if self.can_be_filled:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=False)


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
