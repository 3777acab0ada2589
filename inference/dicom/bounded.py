"""Bounds on what pydicom reads, set where pydicom itself reads it.

A guard that parses a file beside pydicom can be passed by a file that the two read differently.
These bounds are part of pydicom's own reading instead: the one call that inflates a dataset, the
one class and the one function that every element goes through. They hold in every thread.
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
MAX_READS = 60_000
"""About 20,000 elements, nested ones included; a DXA image has a few hundred."""
CUT_SHORT = "nd of file"


class BeyondBounds(Exception):
    """A file that unpacks to too much, or has too many elements; the message is for its owner."""


class _Counter:
    """Counts the reads of one file."""

    def __init__(self) -> None:
        self.reads = 0

    def count(self) -> None:
        self.reads += 1
        if self.reads > MAX_READS:
            raise BeyondBounds(
                "This file's header has far more entries, one inside another, than any image "
                "needs. Export it again from the scanner or the archive."
            )


class CountedBytes(BytesIO):
    """Bytes that can be read only so often: every element of a file takes a few reads."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._counter = _Counter()

    def read(self, size: int | None = -1, /) -> bytes:
        self._counter.count()
        return super().read(size)


class _CountedDicomBytes(DicomBytesIO):
    """The same for an inflated dataset, in the class that pydicom puts it in."""

    def __init__(self, data: Any = b"") -> None:
        super().__init__(data)
        counter, read = _Counter(), self.read

        def counted_read(*size: Any) -> bytes:
            counter.count()
            return read(*size)

        self.read = counted_read  # type: ignore[method-assign]


class _BoundedZlib:
    """What pydicom uses of zlib, with a limit."""

    MAX_WBITS = zlib.MAX_WBITS
    error = zlib.error

    @staticmethod
    def decompress(data: bytes, wbits: int = zlib.MAX_WBITS) -> bytes:
        inflater = zlib.decompressobj(wbits)
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
    """Takes the place of ``warnings`` where pydicom warns: its warnings quote header values.

    ``warnings.catch_warnings`` would not do: it changes the filters of all threads. Only that a
    file ended early is noted, for the thread that reads it.
    """

    cut_short = False

    def warn(self, message: str, *_: object, **__: object) -> None:
        if CUT_SHORT in message:
            self.cut_short = True


WARNINGS = _NoWarnings()


def bound_pydicom() -> None:
    """Set the bounds for this process."""
    pydicom.filereader.zlib = _BoundedZlib  # type: ignore[assignment,attr-defined]
    pydicom.filereader.DicomBytesIO = _CountedDicomBytes  # type: ignore[assignment,attr-defined]
    pydicom.misc.warnings = WARNINGS  # type: ignore[assignment,attr-defined]
