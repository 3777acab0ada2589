"""Files without a name, to hand bytes to a sandbox and to take its answer."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


def anonymous_file() -> IO[bytes]:
    """Return an empty file in memory, or on disk where the system has no such files."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("sandbox"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


@contextmanager
def opened(source: bytes | IO[bytes]) -> Iterator[int]:
    """The descriptor of a file with the bytes; an open file is passed on as it is."""
    if not isinstance(source, bytes):
        try:
            yield source.fileno()
            return
        except io.UnsupportedOperation:
            source.seek(0)
    with anonymous_file() as file:
        if isinstance(source, bytes):
            rest = memoryview(source)
            while rest:
                rest = rest[file.write(rest) :]
        else:
            shutil.copyfileobj(source, file)
        yield file.fileno()
