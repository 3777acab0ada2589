"""Extract the single frame of an image; files with more data than declared are rejected."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from inference.dicom.codestream import Codestream, end_of_stream, read_header, starts_a_stream
from inference.dicom.dataset import UnreadableImage

# The tag (FFFE,E000) of an item.
ITEM = b"\xfe\xff\x00\xe0"
RLE_HEADER_BYTES = 64
MAX_RLE_SEGMENTS = 15
"""Limits of the RLE header (PS3.5 G.5)."""


def native_frame(data: bytes, rows: int, columns: int, bits: int) -> bytes:
    """Return the bytes of an uncompressed frame.

    Parameters
    ----------
    data
        The pixel data.
    rows, columns, bits
        Size of the image in pixels and of one sample in bits, from the header.

    Raises
    ------
    UnreadableImage
        ``truncated`` if bytes are missing; ``multi_frame`` or ``more_pixels`` if there is at least
        one row more than the header declares. Less than a row is padding.
    """
    row_bytes = columns * bits // 8
    frame_bytes = rows * row_bytes
    if len(data) < frame_bytes:
        raise UnreadableImage(
            "truncated",
            f"This file is incomplete: its header declares {columns} x {rows} pixels, but it "
            "contains fewer. Copy or export it again.",
        )
    surplus_rows = (len(data) - frame_bytes) // row_bytes
    # Pixel data has an even length, so one byte may follow the last frame.
    if surplus_rows and (len(data) - frame_bytes) % frame_bytes in (0, 1):
        raise several_images(1 + surplus_rows // rows)
    if surplus_rows:
        raise more_rows(rows, columns, surplus_rows)
    return data[:frame_bytes]


def compressed_frame(data: bytes, rows: int, columns: int) -> tuple[bytes, Codestream | None]:
    """Return the compressed frame and its header; the header is ``None`` for run-length encoding.

    A missing or damaged sequence delimiter after the last fragment is accepted, because the code
    stream has its own end marker.

    Raises
    ------
    UnreadableImage
        ``truncated`` without a complete code stream, ``multi_frame`` if there are several,
        ``colour`` if it has more than one component, ``undecodable`` if its size differs from the
        header's.
    """
    fragments = _fragments(data)
    stream = b"".join(fragments)
    header = read_header(stream)
    if header is None:
        if not _is_run_length(stream):
            raise _truncated()
        images = sum(map(_is_run_length, fragments))
        if images > 1:
            raise several_images(images)
        return stream, None
    _check_header(header, rows, columns)
    end = end_of_stream(stream)
    if end is None:
        raise _truncated()
    if starts_a_stream(b"\xff" + stream[end:].lstrip(b"\0\xff")):  # after padding of 0 and 0xFF
        raise several_images(None)
    return stream[:end], header


def run_length_planes(stream: bytes, rows: int, columns: int, planes: int) -> NDArray[np.uint8]:
    """Return the byte planes of a run-length encoded frame (PS3.5 Annex G).

    Parameters
    ----------
    stream
        Header and segments.
    rows, columns
        Size of the image in pixels.
    planes
        Bytes per sample; the most significant one comes first.

    Returns
    -------
    NDArray[np.uint8]
        (planes, rows, columns).

    Raises
    ------
    UnreadableImage
        ``depth``, ``truncated`` or ``more_pixels``.
    """
    numbers = struct.unpack("<16I", stream[:RLE_HEADER_BYTES])
    # The number of segments is the number of byte planes for a grey image (PS3.5 G.2).
    if numbers[0] != planes:
        raise UnreadableImage(
            "depth",
            f"The run-length encoded image in this file has {numbers[0]} byte planes, but its "
            f"header implies {planes}. Export it uncompressed.",
        )
    ends = [*numbers[2 : planes + 1], len(stream)]
    decoded = []
    for start, end in zip(numbers[1 : planes + 1], ends, strict=True):
        plane = _run_length_segment(stream[start:end])
        if len(plane) < rows * columns:
            raise _truncated()
        # A segment may be padded to an even length, but a whole row more is lost image content.
        if len(plane) - rows * columns >= columns:
            raise more_rows(rows, columns, (len(plane) - rows * columns) // columns)
        decoded.append(np.frombuffer(plane, np.uint8, rows * columns).reshape(rows, columns))
    return np.stack(decoded)


def several_images(count: int | None) -> UnreadableImage:
    """Return the error for a file with more than one image."""
    number = "several" if count is None else str(count)
    return UnreadableImage(
        "multi_frame",
        f"This file contains {number} images, but only single images can be read. Export the "
        "lateral image on its own.",
    )


def more_rows(rows: int, columns: int, more: int) -> UnreadableImage:
    """Return the error for a file whose header declares fewer rows than it contains."""
    return UnreadableImage(
        "more_pixels",
        f"This file's header declares {columns} x {rows} pixels, but the file contains {more} more "
        f"row{'s' if more > 1 else ''}, which would be lost. Export it again from the scanner or "
        "the archive.",
    )


def _truncated() -> UnreadableImage:
    return UnreadableImage(
        "truncated",
        "The compressed image in this file is truncated or damaged. Copy or export it again.",
    )


def _check_header(header: Codestream, rows: int, columns: int) -> None:
    if header.components != 1:
        raise UnreadableImage(
            "colour",
            "This file's header declares a grey image, but the compressed image has "
            f"{header.components} colour components. It may be a page of a report. Export the grey "
            "lateral image itself.",
        )
    if (header.width, header.height) != (columns, rows):
        raise UnreadableImage(
            "undecodable",
            "The image in this file differs in size from its header. Export it again.",
        )


def _fragments(data: bytes) -> list[bytes]:
    """Return the fragments (PS3.5 A.4) that are complete or begun, without the offset table."""
    items, position = [], 0
    while data[position : position + 4] == ITEM and position + 8 <= len(data):
        length = struct.unpack("<I", data[position + 4 : position + 8])[0]
        # A last fragment may be shorter than declared; the code stream's end marker decides later.
        items.append(data[position + 8 : position + 8 + length])
        position += 8 + length
    # The first item is the offset table, which some files lack.
    has_table = items and not starts_a_stream(items[0]) and not _is_run_length(items[0])
    return items[1:] if has_table else items


def _is_run_length(fragment: bytes) -> bool:
    """Return whether a fragment starts with an RLE header (PS3.5 G.5)."""
    if len(fragment) < RLE_HEADER_BYTES:
        return False
    count, first = struct.unpack("<II", fragment[:8])
    return bool(1 <= count <= MAX_RLE_SEGMENTS and first == RLE_HEADER_BYTES)


def _run_length_segment(segment: bytes) -> bytes:
    """Return a segment decoded by PackBits (PS3.5 G.3.2)."""
    parts, position = [], 0
    while position + 1 < len(segment):
        control = segment[position]
        if control < 128:
            parts.append(segment[position + 1 : position + 2 + control])
            position += 2 + control
        elif control > 128:
            parts.append(segment[position + 1 : position + 2] * (257 - control))
            position += 2
        # 128 is no operation (G.3.2).
        else:
            position += 1
    return b"".join(parts)
