"""The one frame of an image: its bytes, and whether there is more than the header says."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from inference.dicom.codestream import Codestream, end_of_stream, read_header, starts_a_stream
from inference.dicom.dataset import UnreadableImage

ITEM = b"\xfe\xff\x00\xe0"
RLE_HEADER_BYTES = 64
MAX_RLE_SEGMENTS = 15


def native_frame(data: bytes, rows: int, columns: int, bits: int) -> bytes:
    """Return the bytes of a frame that is not compressed.

    Parameters
    ----------
    data
        The pixel data.
    rows, columns, bits
        The size of the image and of one sample, from the header.

    Raises
    ------
    UnreadableImage
        ``truncated`` where bytes are missing, ``multi_frame`` or ``more_pixels`` where there is at
        least one row more than the header says. Less than a row is padding.
    """
    row_bytes = columns * bits // 8
    frame_bytes = rows * row_bytes
    if len(data) < frame_bytes:
        raise UnreadableImage(
            "truncated",
            f"This file says that its image has {columns} x {rows} pixels, but holds fewer: it "
            "was cut off on the way. Copy or export it again.",
        )
    surplus_rows = (len(data) - frame_bytes) // row_bytes
    if surplus_rows and (len(data) - frame_bytes) % frame_bytes in (0, 1):
        raise several_images(1 + surplus_rows // rows)
    if surplus_rows:
        raise more_rows(rows, columns, surplus_rows)
    return data[:frame_bytes]


def compressed_frame(data: bytes, rows: int, columns: int) -> tuple[bytes, Codestream | None]:
    """Return the compressed frame and its header, ``None`` for run-length encoding.

    A missing or damaged sequence delimiter behind the last fragment does no harm: the code stream
    has its own end marker.

    Raises
    ------
    UnreadableImage
        ``truncated`` without a whole code stream, ``multi_frame`` where several follow one another,
        ``colour`` where it has more than one component, ``undecodable`` where its size is not the
        header's.
    """
    fragments = _fragments(data)
    stream = b"".join(fragments)
    header = read_header(stream)
    if header is None:
        if not _is_run_length(stream):
            raise _cut_off()
        images = sum(map(_is_run_length, fragments))
        if images > 1:
            raise several_images(images)
        return stream, None
    _check_header(header, rows, columns)
    end = end_of_stream(stream)
    if end is None:
        raise _cut_off()
    if starts_a_stream(b"\xff" + stream[end:].lstrip(b"\0\xff")):  # behind padding of 0 and 0xFF
        raise several_images(None)
    return stream[:end], header


def run_length_planes(stream: bytes, rows: int, columns: int, planes: int) -> NDArray[np.uint8]:
    """Decode a run-length encoded frame (PS3.5 Annex G).

    Parameters
    ----------
    stream
        Header and segments.
    rows, columns
        The size of the image.
    planes
        Bytes per sample; the most significant one comes first.

    Returns
    -------
    NDArray[np.uint8]
        (planes, rows, columns).
    """
    numbers = struct.unpack("<16I", stream[:RLE_HEADER_BYTES])
    if numbers[0] != planes:
        raise UnreadableImage(
            "depth",
            f"The run-length encoded image in this file has {numbers[0]} byte planes where its "
            f"header leads to {planes}. Export it uncompressed.",
        )
    ends = [*numbers[2 : planes + 1], len(stream)]
    decoded = []
    for start, end in zip(numbers[1 : planes + 1], ends, strict=True):
        plane = _run_length_segment(stream[start:end])
        if len(plane) < rows * columns:
            raise _cut_off()
        if len(plane) - rows * columns >= columns:
            raise more_rows(rows, columns, (len(plane) - rows * columns) // columns)
        decoded.append(np.frombuffer(plane, np.uint8, rows * columns).reshape(rows, columns))
    return np.stack(decoded)


def several_images(count: int | None) -> UnreadableImage:
    """The refusal of a file with more than one image."""
    number = "several" if count is None else str(count)
    return UnreadableImage(
        "multi_frame",
        f"This file holds {number} images in one; only single images can be read. Export the "
        "lateral image alone.",
    )


def more_rows(rows: int, columns: int, more: int) -> UnreadableImage:
    """The refusal of a file whose header would cut off a part of the image."""
    return UnreadableImage(
        "more_pixels",
        f"This file's header announces an image of {columns} x {rows} pixels, but the file holds "
        f"{more} more row{'s' if more > 1 else ''}. A part of the image would be lost. Export it "
        "again from the scanner or the archive.",
    )


def _cut_off() -> UnreadableImage:
    return UnreadableImage(
        "truncated",
        "The compressed image in this file is cut off or damaged. Copy or export it again.",
    )


def _check_header(header: Codestream, rows: int, columns: int) -> None:
    if header.components != 1:
        raise UnreadableImage(
            "colour",
            "This file's header calls its image grey, but the compressed image has "
            f"{header.components} colour components. It may be a report page: export the grey "
            "lateral image itself.",
        )
    if (header.width, header.height) != (columns, rows):
        raise UnreadableImage(
            "undecodable",
            "The image in this file has another size than its header says. Export it again.",
        )


def _fragments(data: bytes) -> list[bytes]:
    """The fragments (PS3.5 A.4), as far as they reach, without the offset table before them."""
    items, place = [], 0
    while data[place : place + 4] == ITEM and place + 8 <= len(data):
        length = struct.unpack("<I", data[place + 4 : place + 8])[0]
        items.append(data[place + 8 : place + 8 + length])
        place += 8 + length
    has_table = items and not starts_a_stream(items[0]) and not _is_run_length(items[0])
    return items[1:] if has_table else items


def _is_run_length(fragment: bytes) -> bool:
    """Whether a fragment starts with the header of Annex G.5."""
    if len(fragment) < RLE_HEADER_BYTES:
        return False
    count, first = struct.unpack("<II", fragment[:8])
    return bool(1 <= count <= MAX_RLE_SEGMENTS and first == RLE_HEADER_BYTES)


def _run_length_segment(segment: bytes) -> bytes:
    """PackBits, as PS3.5 G.3.2 describes it."""
    parts, place = [], 0
    while place + 1 < len(segment):
        control = segment[place]
        if control < 128:
            parts.append(segment[place + 1 : place + 2 + control])
            place += 2 + control
        elif control > 128:
            parts.append(segment[place + 1 : place + 2] * (257 - control))
            place += 2
        else:
            place += 1
    return b"".join(parts)
