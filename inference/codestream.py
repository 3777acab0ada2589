"""The size that a compressed picture claims for itself, read before a decoder believes it."""

from __future__ import annotations

import struct

STANDALONE = {0x01, 0xD8, *range(0xD0, 0xD8)}
NO_FRAME_HEADER = {0xC4, 0xC8, 0xCC}


def claimed_size(stream: bytes) -> tuple[int, int] | None:
    """Width and height in the header of a JPEG, JPEG-LS or JPEG 2000 code stream.

    ``None`` where the stream is of another kind (RLE), or has no header that can be found.
    """
    if stream[:4] == b"\xff\x4f\xff\x51":
        return _jpeg2000_size(stream, 4)
    if stream[4:8] == b"jP  ":
        at = stream.find(b"\xff\x4f\xff\x51")
        return None if at < 0 else _jpeg2000_size(stream, at + 4)
    if stream[:2] == b"\xff\xd8":
        return _jpeg_size(stream)
    return None


def _jpeg2000_size(stream: bytes, at: int) -> tuple[int, int] | None:
    """The image area of the SIZ marker segment (ISO/IEC 15444-1, A.5.1)."""
    if len(stream) < at + 20:
        return None
    right, bottom, left, top = struct.unpack(">IIII", stream[at + 4 : at + 20])
    return right - left, bottom - top


def _jpeg_size(stream: bytes) -> tuple[int, int] | None:
    """The first frame header, SOF0 to SOF15 or JPEG-LS's SOF55 (ISO/IEC 10918-1, B.2.2)."""
    at = 2
    while at + 9 <= len(stream):
        if stream[at] != 0xFF:
            return None
        marker = stream[at + 1]
        if marker == 0xFF or marker in STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        if (0xC0 <= marker <= 0xCF or marker == 0xF7) and marker not in NO_FRAME_HEADER:
            height, width = struct.unpack(">HH", stream[at + 5 : at + 9])
            return width, height
        at += 2 + struct.unpack(">H", stream[at + 2 : at + 4])[0]
    return None
