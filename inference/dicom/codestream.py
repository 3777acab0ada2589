"""What a compressed picture says of itself, read before a decoder believes it.

JPEG (ISO/IEC 10918-1), JPEG-LS (ISO/IEC 14495-1) and JPEG 2000 (ISO/IEC 15444-1) code streams.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["jpeg", "jpeg-lossless", "jpeg-ls", "jpeg2000"]

JPEG2000_START = b"\xff\x4f\xff\x51"
START = b"\xff\xd8"
END = b"\xff\xd9"
SOS, EOI, SOF_LS, SOT = 0xDA, 0xD9, 0xF7, 0x90
STANDALONE = {0x01, 0xD8, *range(0xD0, 0xD8)}
NO_FRAME_HEADER = {0xC4, 0xC8, 0xCC}
LOSSLESS = {0xC3, 0xC7, 0xCB, 0xCF}
# In entropy-coded data, 0xFF is followed by 0 (JPEG) or by less than 0x80 (JPEG-LS); 0xD0 to 0xD7
# are restart markers.
NEXT_MARKER = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]", re.DOTALL)
NEXT_MARKER_LS = re.compile(rb"\xff+[\x80-\xcf\xd8-\xfe]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Codestream:
    """The frame header of a code stream.

    Attributes
    ----------
    kind
        Which family, and for JPEG whether it is lossless.
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

    ``None`` where the stream is of another kind (RLE), or has no header that can be found.
    """
    start = _jpeg2000_start(stream)
    if start is not None:
        return _jpeg2000_header(stream, start + 4)
    if stream[:2] == START:
        return _jpeg_header(stream)
    return None


def end_of_stream(stream: bytes) -> int | None:
    """Return the position behind the end marker, ``None`` where the stream ends before it."""
    start = _jpeg2000_start(stream)
    if start is not None:
        return _jpeg2000_end(stream, start)
    if stream[:2] != START:
        return None
    for marker, place in _jpeg_markers(stream):
        if marker == EOI:
            return place + 2
    return None


def starts_a_stream(data: bytes) -> bool:
    """Whether bytes begin with a code stream."""
    return data[:3] == START + b"\xff" or _jpeg2000_start(data) is not None


def _jpeg2000_start(stream: bytes) -> int | None:
    """Where the code stream starts, inside the boxes of a JP2 file too."""
    if stream[:4] == JPEG2000_START:
        return 0
    if stream[4:8] != b"jP  ":
        return None
    place = stream.find(JPEG2000_START)
    return None if place < 0 else place


def _jpeg2000_header(stream: bytes, at: int) -> Codestream | None:
    """The SIZ marker segment (A.5.1), whose length field stands at `at`."""
    if len(stream) < at + 40:
        return None
    right, bottom, left, top = struct.unpack(">IIII", stream[at + 4 : at + 20])
    components, depth = struct.unpack(">HB", stream[at + 36 : at + 39])
    precision = (depth & 0x7F) + 1
    return Codestream(
        "jpeg2000", right - left, bottom - top, components, precision, bool(depth & 0x80)
    )


def _jpeg2000_end(stream: bytes, start: int) -> int | None:
    """Step from tile-part to tile-part by their lengths (A.4.2) to the end marker."""
    place = start + 2
    while place + 4 <= len(stream):
        marker, length = struct.unpack(">HH", stream[place : place + 4])
        if marker == 0xFFD9:
            return place + 2
        if marker != 0xFF00 + SOT:
            place += 2 + length
            continue
        if place + 10 > len(stream):
            return None
        tile_part = struct.unpack(">I", stream[place + 6 : place + 10])[0]
        if tile_part == 0:  # the last one, up to the end marker
            end = stream.rfind(END, place)
            return None if end < 0 else end + 2
        place += max(tile_part, 12)
    return place + 2 if stream[place : place + 2] == END else None


def _jpeg_header(stream: bytes) -> Codestream | None:
    """The first frame header, SOF0 to SOF15 or JPEG-LS's SOF55 (ISO/IEC 10918-1, B.2.2)."""
    for marker, place in _jpeg_markers(stream):
        frame = 0xC0 <= marker <= 0xCF and marker not in NO_FRAME_HEADER
        if frame or marker == SOF_LS:
            if place + 10 > len(stream):
                return None
            precision, height, width, components = struct.unpack(
                ">BHHB", stream[place + 4 : place + 10]
            )
            kind: Kind = "jpeg-ls" if marker == SOF_LS else "jpeg"
            if marker in LOSSLESS:
                kind = "jpeg-lossless"
            return Codestream(kind, width, height, components, precision)
        if marker in (SOS, EOI):
            return None
    return None


def _jpeg_markers(stream: bytes) -> Iterator[tuple[int, int]]:
    """Markers and their places, entropy-coded data passed over; ends where no marker follows."""
    place, next_marker = 2, NEXT_MARKER
    while place + 2 <= len(stream):
        if stream[place] != 0xFF:
            return
        marker = stream[place + 1]
        if marker == 0xFF or marker in STANDALONE:
            place += 1 if marker == 0xFF else 2
            continue
        yield marker, place
        if marker == EOI or place + 4 > len(stream):
            return
        if marker == SOF_LS:
            next_marker = NEXT_MARKER_LS
        place += 2 + struct.unpack(">H", stream[place + 2 : place + 4])[0]
        if marker == SOS:
            found = next_marker.search(stream, place)
            if found is None:
                return
            place = found.end() - 2
