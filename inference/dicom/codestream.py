"""Read the headers of compressed images, so that they are checked before decoding.

Code streams of JPEG (ISO/IEC 10918-1), JPEG-LS (ISO/IEC 14495-1) and JPEG 2000 (ISO/IEC 15444-1).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["jpeg", "jpeg-lossless", "jpeg-ls", "jpeg2000"]

# SOC followed by SIZ, which must come first (A.4.1).
JPEG2000_START = b"\xff\x4f\xff\x51"
START = b"\xff\xd8"
# EOI of JPEG and EOC of JPEG 2000 have the same value.
END = b"\xff\xd9"
# Second bytes of markers; SOF_LS is SOF55 of JPEG-LS, SOT starts a tile-part of JPEG 2000.
SOS, EOI, SOF_LS, SOT = 0xDA, 0xD9, 0xF7, 0x90
# TEM, SOI and the restart markers have no length field (ISO/IEC 10918-1, table B.1).
STANDALONE = {0x01, 0xD8, *range(0xD0, 0xD8)}
# DHT, JPG and DAC lie among the frame headers SOF0 to SOF15 without being one.
NO_FRAME_HEADER = {0xC4, 0xC8, 0xCC}
# SOF3, SOF7, SOF11 and SOF15.
LOSSLESS = {0xC3, 0xC7, 0xCB, 0xCF}
# In entropy-coded data, 0xFF is followed by 0 (JPEG) or by a byte below 0x80 (JPEG-LS), and 0xD0 to
# 0xD7 are restart markers. Everything else is the next marker.
# The patterns start with one literal byte, which re finds 20 times as fast as a repeated one.
NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]", re.DOTALL)
NEXT_MARKER_LS = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Codestream:
    """The frame header of a code stream.

    Attributes
    ----------
    kind
        Compression family, and for JPEG whether it is lossless.
    width, height
        In pixels.
    components
        Samples per pixel: 1 for grey.
    precision
        Bits per sample.
    signed
        Whether samples are signed (JPEG 2000 only).
    """

    kind: Kind
    width: int
    height: int
    components: int
    precision: int
    signed: bool = False


def read_header(stream: bytes) -> Codestream | None:
    """Return the frame header of a code stream.

    ``None`` if the stream is of another kind (RLE) or has no recognisable header.
    """
    start = _jpeg2000_start(stream)
    if start is not None:
        return _jpeg2000_header(stream, start + 4)
    if stream[:2] == START:
        return _jpeg_header(stream)
    return None


def end_of_stream(stream: bytes) -> int | None:
    """Return the position after the end marker, ``None`` if the stream has none."""
    start = _jpeg2000_start(stream)
    if start is not None:
        return _jpeg2000_end(stream, start)
    if stream[:2] != START:
        return None
    for marker, position in _jpeg_markers(stream):
        if marker == EOI:
            return position + 2
    return None


def starts_a_stream(data: bytes) -> bool:
    """Return whether bytes begin with a code stream."""
    return data[:3] == START + b"\xff" or _jpeg2000_start(data) is not None


def _jpeg2000_start(stream: bytes) -> int | None:
    """Return the start of the code stream, also inside the boxes of a JP2 file."""
    if stream[:4] == JPEG2000_START:
        return 0
    if stream[4:8] != b"jP  ":
        return None
    # The boxes before the code stream are skipped unread: nothing in them is needed or trusted.
    position = stream.find(JPEG2000_START)
    return None if position < 0 else position


def _jpeg2000_header(stream: bytes, offset: int) -> Codestream | None:
    """Return the SIZ marker segment (A.5.1), whose length field is at `offset`."""
    if len(stream) < offset + 40:
        return None
    right, bottom, left, top = struct.unpack(">IIII", stream[offset + 4 : offset + 20])
    components, depth = struct.unpack(">HB", stream[offset + 36 : offset + 39])
    # Ssiz: the top bit is the sign, the others are the precision minus 1 (ISO/IEC 15444-1, A.5.1).
    precision = (depth & 0x7F) + 1
    return Codestream(
        "jpeg2000", right - left, bottom - top, components, precision, bool(depth & 0x80)
    )


def _jpeg2000_end(stream: bytes, start: int) -> int | None:
    """Return the position after the end marker, following the lengths of tile-parts (A.4.2)."""
    position = start + 2
    while position + 4 <= len(stream):
        marker, length = struct.unpack(">HH", stream[position : position + 4])
        if marker == 0xFFD9:
            return position + 2
        if marker != 0xFF00 + SOT:
            position += 2 + length
            continue
        if position + 10 > len(stream):
            return None
        # Psot, the length of the whole tile-part from its SOT marker on (A.4.2).
        tile_part = struct.unpack(">I", stream[position + 6 : position + 10])[0]
        if tile_part == 0:  # the last tile-part extends to the end marker
            end = stream.rfind(END, position)
            return None if end < 0 else end + 2
        # At least the length of SOT itself, so that a forged length cannot stall the loop.
        position += max(tile_part, 12)
    return position + 2 if stream[position : position + 2] == END else None


def _jpeg_header(stream: bytes) -> Codestream | None:
    """Return the first frame header, SOF0 to SOF15 or SOF55 (ISO/IEC 10918-1, B.2.2)."""
    for marker, position in _jpeg_markers(stream):
        frame = 0xC0 <= marker <= 0xCF and marker not in NO_FRAME_HEADER
        if frame or marker == SOF_LS:
            if position + 10 > len(stream):
                return None
            precision, height, width, components = struct.unpack(
                ">BHHB", stream[position + 4 : position + 10]
            )
            kind: Kind = "jpeg-ls" if marker == SOF_LS else "jpeg"
            if marker in LOSSLESS:
                kind = "jpeg-lossless"
            return Codestream(kind, width, height, components, precision)
        if marker in (SOS, EOI):
            return None
    return None


def _jpeg_markers(stream: bytes) -> Iterator[tuple[int, int]]:
    """Yield markers and their positions, skipping entropy-coded data."""
    position, next_marker = 2, NEXT_MARKER
    while position + 2 <= len(stream):
        if stream[position] != 0xFF:
            return
        marker = stream[position + 1]
        # Fill bytes may precede a marker; standalone markers have no length field.
        if marker == 0xFF or marker in STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        yield marker, position
        if marker == EOI or position + 4 > len(stream):
            return
        # JPEG-LS uses another escape rule in its entropy-coded data.
        if marker == SOF_LS:
            next_marker = NEXT_MARKER_LS
        position += 2 + struct.unpack(">H", stream[position + 2 : position + 4])[0]
        if marker == SOS:
            match = next_marker.search(stream, position)
            if match is None:
                return
            position = match.start()
