"""Limit what pydicom reads, inside pydicom's own reading code.

A separate check before pydicom could be bypassed by a file that the two parse differently. These
limits therefore replace the call that inflates a dataset and the classes that every element is read
through. They apply in all threads.
"""

from __future__ import annotations

import threading
import zlib
from io import BytesIO
from typing import Any

import pydicom.filereader
import pydicom.misc
from pydicom.filebase import DicomBytesIO

MAX_INFLATED_BYTES = 160 * 1024 * 1024
"""Limit for inflated datasets; the largest accepted image (64 megapixels, 16 bits) fits into it."""
# Counting reads bounds nested elements as well, which MAX_ELEMENTS (dataset.py) does not see.
MAX_READS = 60_000
"""About 20,000 elements including nested ones; a DXA image has a few hundred."""
TRUNCATION_WARNING = "nd of file"
"""Part of pydicom's warnings about truncated files ("End of file", "Unexpected end of file")."""


class BeyondBounds(Exception):
    """A file that unpacks to too many bytes or has too many elements; the message is for users."""


class _Counter:
    """A counter for the reads of one file."""

    def __init__(self) -> None:
        self.reads = 0

    def count(self) -> None:
        self.reads += 1
        if self.reads > MAX_READS:
            raise BeyondBounds(
                "This file's header has far more nested entries than any image needs. Export it "
                "again from the scanner or the archive."
            )


class CountedBytes(BytesIO):
    """Bytes with a limited number of reads; every element of a file takes a few reads."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._counter = _Counter()

    def read(self, size: int | None = -1, /) -> bytes:
        self._counter.count()
        return super().read(size)


class _CountedDicomBytes(DicomBytesIO):
    """The same limit for inflated datasets, in the class that pydicom uses for them."""

    # DicomBytesIO binds read in its constructor, so a method of the subclass would not be called.
    def __init__(self, data: Any = b"") -> None:
        super().__init__(data)
        counter, read = _Counter(), self.read

        def counted_read(*size: Any) -> bytes:
            counter.count()
            return read(*size)

        self.read = counted_read  # type: ignore[method-assign]


class _BoundedZlib:
    """The part of zlib that pydicom uses, with a limit on the output."""

    MAX_WBITS = zlib.MAX_WBITS
    error = zlib.error

    @staticmethod
    def decompress(data: bytes, wbits: int = zlib.MAX_WBITS) -> bytes:
        inflater = zlib.decompressobj(wbits)
        # The limit applies while inflating: a deflate bomb never reaches its full size in memory.
        inflated = inflater.decompress(data, MAX_INFLATED_BYTES)
        if inflater.eof:
            return inflated
        if len(inflated) >= MAX_INFLATED_BYTES:
            raise BeyondBounds(
                "This file unpacks to more than 160 MB, which no DXA image needs. Export it "
                "uncompressed (Explicit VR Little Endian)."
            )
        raise zlib.error("incomplete or truncated stream")


class _NoWarnings(threading.local):
    """A replacement for ``warnings`` in pydicom, whose warnings quote header values.

    ``warnings.catch_warnings`` is not suitable, because it changes the filters of all threads. Only
    the truncation of a file is recorded, per thread.
    """

    truncated = False

    def warn(self, message: str, *_: object, **__: object) -> None:
        if TRUNCATION_WARNING in message:
            self.truncated = True


WARNINGS = _NoWarnings()


def bound_pydicom() -> None:
    """Apply the limits to this process."""
    # pydicom offers no hook for these, so the names in its modules are replaced (pydicom 3.0).
    pydicom.filereader.zlib = _BoundedZlib  # type: ignore[assignment,attr-defined]
    pydicom.filereader.DicomBytesIO = _CountedDicomBytes  # type: ignore[assignment,attr-defined]
    pydicom.misc.warnings = WARNINGS  # type: ignore[assignment,attr-defined]
