"""Build files with malicious pixel data."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from io import BytesIO

import jpeg_ls
import numpy as np
import PIL.Image

from tests.dicom_files import lateral_dataset, to_bytes
from tests.hostile.elements import (
    EMPTY_ITEM,
    HEADER,
    ITEM,
    SEQUENCE_END,
    UNDEFINED,
    element,
    file_of,
    with_elements,
)

MIB = 2**20
SIDE = 8000  # 64 megapixels
RLE = "1.2.840.10008.1.2.5"
JPEG, JPEG_12, JPEG_LOSSLESS = (f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 70))
JPEG_LS, JPEG_LS_LOSSY, JPEG2000_LOSSLESS, JPEG2000 = (
    f"1.2.840.10008.1.2.4.{number}" for number in (80, 81, 90, 91)
)
HTJ2K, MPEG4 = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.102"
START, END = b"\xff\xd8", b"\xff\xd9"

PNG_BOMB = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)


def fragment(data: bytes) -> bytes:
    return ITEM + struct.pack("<I", len(data)) + data


def packed(
    stream: bytes | list[bytes],
    syntax: str,
    *,
    side: int = SIDE,
    bits: int = 8,
    end: bytes = SEQUENCE_END,
) -> bytes:
    """Return a file with fragments whose header declares a square image."""
    streams = stream if isinstance(stream, list) else [stream]
    sound = to_bytes(lateral_dataset(), syntax="1.2.840.10008.1.2.1")
    start = sound.index(struct.pack("<HH", 0x0008, 0x0016))
    stop = sound.index(b"\xe0\x7f\x10\x00")
    header = sound[start:stop]
    for tag, value in ((0x00280010, side), (0x00280011, side), (0x00280100, bits)):
        key = struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, b"US", 2)
        at = header.index(key) + len(key)
        header = header[:at] + struct.pack("<H", value) + header[at + 2 :]
    items = EMPTY_ITEM + b"".join(map(fragment, streams))
    return file_of(header + element(0x7FE00010, b"OB", items, UNDEFINED) + end, syntax)


def jpeg_header(marker: int, *, side: int = SIDE, precision: int = 8) -> bytes:
    """Return a JPEG stream of a few bytes whose frame header declares a large image."""
    frame = struct.pack(">BHHBBBB", precision, side, side, 1, 1, 0x11, 0)
    scan = struct.pack(">BBBBBB", 1, 1, 0, 0, 63, 0)
    return (
        START
        + segment(0xDB, bytes(65))
        + segment(marker, frame)
        + segment(0xC4, b"\0" + b"\1" + bytes(15) + b"\0")
        + segment(0xDA, scan)
        + bytes(40)
        + END
    )


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def jpeg2000_header(side: int = SIDE, tile: int = SIDE) -> bytes:
    size = struct.pack(">HIIIIIIIIHBBB", 0, side, side, 0, 0, tile, tile, 0, 0, 1, 7, 1, 1)
    style = bytes((0, 0, 0, 1, 0, 5, 4, 4, 0, 1))
    quantisation = bytes((0x40, *([0x40] * 16)))
    tile_part = b"\xff\x90" + struct.pack(">HHIBB", 10, 0, 14 + 8, 0, 1) + b"\xff\x93" + bytes(8)
    return (
        b"\xff\x4f"
        + segment(0x51, size)
        + segment(0x52, style)
        + segment(0x5C, quantisation)
        + tile_part
        + END
    )


def flat(kind: str, **options: object) -> bytes:
    """Return a valid stream of 64 megapixels of one grey value."""
    out = BytesIO()
    PIL.Image.new("L", (SIDE, SIDE), 3).save(out, kind, **options)
    return out.getvalue()


def flat_jpeg_ls() -> bytes:
    return bytes(jpeg_ls.encode_array(np.full((SIDE, SIDE), 3, np.uint8)))


def run_lengths(runs: bytes, *, segments: int = 1, offsets: tuple[int, ...] = (64,)) -> bytes:
    table = struct.pack("<16I", segments, *offsets, *([0] * (15 - len(offsets))))
    return table + runs


def lookup_table(descriptor: bytes, data: bytes, *, tag: int = 0x00283000) -> bytes:
    inner = element(0x00283002, b"US", descriptor) + element(0x00283006, b"OW", data)
    return with_elements(element(tag, b"SQ", fragment(inner)))


def rows_and_columns(rows: int, columns: int, **elements: object) -> bytes:
    return to_bytes(lateral_dataset(Rows=rows, Columns=columns, **elements))


PIXEL_FILES: Mapping[str, Callable[[], bytes]] = {
    "65535 x 65535, not compressed": lambda: rows_and_columns(65535, 65535),
    "64 megapixels declared, not compressed": lambda: rows_and_columns(SIDE, SIDE),
    "64 megapixels of 16 bits declared": lambda: rows_and_columns(
        SIDE, SIDE, BitsAllocated=16, BitsStored=16, HighBit=15
    ),
    "64 megapixels declared, RLE": lambda: packed(run_lengths(b"\x81\0" * 10), RLE),
    "64 megapixels declared, JPEG": lambda: packed(jpeg_header(0xC0), JPEG),
    "64 megapixels declared, JPEG of 12 bits": lambda: packed(
        jpeg_header(0xC1, precision=12), JPEG_12, bits=16
    ),
    "64 megapixels declared, progressive JPEG": lambda: packed(jpeg_header(0xC2), JPEG),
    "64 megapixels declared, lossless JPEG": lambda: packed(jpeg_header(0xC3), JPEG_LOSSLESS),
    "64 megapixels declared, arithmetic JPEG": lambda: packed(jpeg_header(0xC9), JPEG),
    "64 megapixels declared, JPEG-LS": lambda: packed(jpeg_header(0xF7), JPEG_LS),
    "64 megapixels declared, lossy JPEG-LS": lambda: packed(jpeg_header(0xF7), JPEG_LS_LOSSY),
    "64 megapixels declared, JPEG 2000": lambda: packed(jpeg2000_header(), JPEG2000),
    "64 megapixels in 1 x 1 tiles, JPEG 2000": lambda: packed(
        jpeg2000_header(tile=1), JPEG2000_LOSSLESS
    ),
    "64 megapixels declared, HTJ2K": lambda: packed(jpeg2000_header(), HTJ2K),
    "64 megapixels declared, MPEG-4": lambda: packed(b"\0\0\1" * 50, MPEG4),
    "64 megapixels of JPEG": lambda: packed(flat("JPEG"), JPEG),
    "64 megapixels of JPEG-LS": lambda: packed(flat_jpeg_ls(), JPEG_LS),
    "64 megapixels of RLE": lambda: packed(run_lengths(b"\x81\3" * (SIDE * SIDE // 128)), RLE),
    "RLE of 1 GB": lambda: packed(run_lengths(b"\x81\3" * (8 * MIB)), RLE),
    "RLE of segments that share their bytes": lambda: packed(
        run_lengths(b"\x81\3" * MIB, segments=15, offsets=(64,) * 15), RLE, bits=16
    ),
    "RLE with a segment in front of its start": lambda: packed(
        run_lengths(b"\x81\3" * 50, segments=2, offsets=(64, 8)), RLE, side=80, bits=16
    ),
    "2 million empty fragments": lambda: packed([b""] * (2 * MIB), JPEG),
    "2 million fragments of 2 bytes": lambda: packed([b"\xff\xd8"] * (2 * MIB), JPEG),
    "fragment of nearly 4 GB": lambda: file_of(
        HEADER
        + element(0x7FE00010, b"OB", EMPTY_ITEM + ITEM + b"\xfe" + b"\xff" * 3, UNDEFINED)
        + START * 50,
        JPEG,
    ),
    "fragments without an end": lambda: packed(jpeg_header(0xC0), JPEG, end=b""),
    "JPEG of a million fill bytes": lambda: packed(START + b"\xff" * MIB + END, JPEG),
    "JPEG of a million segments": lambda: packed(START + segment(0xFE, b"") * MIB + END, JPEG),
    "JPEG whose segment has no length": lambda: packed(START + b"\xff\xfe\0\0" * MIB + END, JPEG),
    "JPEG of 20,000 scans": lambda: packed(
        jpeg_header(0xC2, side=800)[:-2] + segment(0xDA, bytes((1, 1, 0, 0, 0, 0))) * 20_000 + END,
        JPEG,
        side=800,
    ),
    "JPEG 2000 of a million tile-parts": lambda: packed(
        jpeg2000_header(side=80, tile=80)[:-2]
        + (b"\xff\x90" + struct.pack(">HHIBB", 10, 0, 12, 0, 1)) * MIB
        + END,
        JPEG2000,
        side=80,
    ),
    "PNG in fragments": lambda: packed(flat("PNG"), JPEG),
    "frames beyond all numbers": lambda: to_bytes(lateral_dataset(NumberOfFrames="2147483647")),
    "no rows": lambda: rows_and_columns(0, 80),
    "samples of 64 bits": lambda: rows_and_columns(120, 80, BitsAllocated=64),
    "64 megapixels in colour": lambda: rows_and_columns(
        SIDE, SIDE, SamplesPerPixel=3, PhotometricInterpretation="RGB"
    ),
    "modality table of 65,536 declared entries": lambda: lookup_table(
        struct.pack("<HHH", 0, 0, 16), b"\0\1"
    ),
    "modality table of 32 MB": lambda: lookup_table(struct.pack("<HHH", 0, 0, 16), bytes(32 * MIB)),
    "window table of 32 MB": lambda: lookup_table(
        struct.pack("<HHH", 0, 0, 16), bytes(32 * MIB), tag=0x00283010
    ),
    "modality table with a descriptor of 60,000 bytes": lambda: lookup_table(
        b"\1\0" * 30_000, b"\0\1"
    ),
    "PNG picture of 900 megapixels": lambda: PNG_BOMB,
}
