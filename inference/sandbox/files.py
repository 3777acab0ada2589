"""Pass bytes to and from a sandbox in anonymous files."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


def anonymous_file() -> IO[bytes]:
    """Return an empty file in memory, or on disk if the system does not support that."""
    # Files in memory need no clean-up and leave nothing on the disk.
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("sandbox"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


@contextmanager
def open_descriptor(source: bytes | IO[bytes]) -> Iterator[int]:
    """Yield a descriptor for the bytes; an open file with a descriptor is used directly."""
    if not isinstance(source, bytes):
        try:
            # Uploads are files on disk already, so nothing is copied for them.
            yield source.fileno()
            return
        except io.UnsupportedOperation:
            source.seek(0)
    with anonymous_file() as file:
        if isinstance(source, bytes):
            rest = memoryview(source)
            # An unbuffered file may accept fewer bytes than it is given.
            while rest:
                rest = rest[file.write(rest) :]
        else:
            shutil.copyfileobj(source, file)
        yield file.fileno()
